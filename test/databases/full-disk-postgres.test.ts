// The disk is full on which a real PostgreSQL writes: found in the folder that the server itself names, cleared by its
// owner's rules, and it writes again. What the server keeps there is named to a person, and nothing else happens.
import { existsSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type PostgresServer, startPostgres } from "../../lab/postgres-server.ts";
import { exportsGoFrom, fillBut, mountable, oldExport } from "../../lab/small-file-system.ts";
import { type Scenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { healedBy } from "./healed.ts";
import { MB, openSite, smallDisk, symptoms, taken, told } from "./small-disk.ts";

describe.skipIf(!mountable)("a full disk", () => {
  describeWith("postgres", "of PostgreSQL", () => {
    let disk: ReturnType<typeof smallDisk>;
    let other: ReturnType<typeof smallDisk>;
    let server: PostgresServer;
    let admin: Client;
    let site: Scenario;

    beforeAll(async () => {
      [disk, other] = [smallDisk("64m"), smallDisk("2m")];
      server = await startPostgres({
        durable: true,
        within: disk.place,
        initdb: ["--wal-segsize=1"],
        settings: [
          "max_wal_size=4MB",
          "min_wal_size=2MB",
          "checkpoint_timeout=1h",
          "autovacuum_naptime=1h",
          "archive_mode=on",
        ],
      });
      admin = await connect();
      for (const one of [
        "alter system set archive_command = '/bin/true'",
        "select pg_reload_conf()",
        "create role medic login in role pg_monitor",
        "create table kept (n int)",
        "insert into kept select generate_series(1, 1000)",
        "create unlogged table letters (text text)",
        "alter table letters alter text set storage plain",
      ])
        await admin.query(one);
    });
    afterAll(async () => {
      await admin.end();
      await server[Symbol.asyncDispose]();
      for (const one of [disk, other]) one.take();
    });
    afterEach(async () => {
      await site[Symbol.asyncDispose]();
      await admin.query("truncate letters");
      for (const place of [disk.place, other.place])
        for (const one of ["others", "exports"]) rmSync(join(place, one), { recursive: true, force: true });
    });

    async function connect(): Promise<Client> {
      const made = new Client({ connectionString: server.url("postgres"), application_name: "admin" });
      made.on("error", () => undefined);
      await made.connect();
      return made;
    }

    const open = async (more: object = {}): Promise<void> => {
      site = await openSite({
        postgres: { url: `postgres://medic@127.0.0.1:${server.port}/postgres` },
        ...more,
      });
      await site.look("orders-db");
    };

    /** Letters of so many bytes; no row of them goes into the log. */
    const write = (bytes: number): Promise<string> =>
      admin
        .query("insert into letters select repeat('x', 8000) from generate_series(1, $1::int)", [
          Math.ceil(bytes / 8_192),
        ])
        .then(
          () => "written",
          (error: Error) => error.message,
        );

    async function writesAgain(): Promise<string | undefined> {
      const context = {
        service: site.service("orders-db"),
        target: undefined,
        files: undefined,
        signal: AbortSignal.timeout(10_000),
      };
      const captured = { state: { position: null }, files: [] };
      return site.actions.get("postgres-write-again")?.apply({ tablespace: null }, captured, context);
    }

    it("is cleared by the owner's rules, and it is seen that the server writes again", async () => {
      const old = oldExport(disk.place, 12 * MB);
      await open({ cleanUp: exportsGoFrom(disk.place) });
      const others = fillBut(disk.place, 1.5 * MB);
      expect(await write(4 * MB)).toMatch(/could not extend file .*: No space left on device/);
      await site.sees("orders-db", "disk");
      await expect(writesAgain()).rejects.toMatchObject({ code: "database-disk-full" });
      const incident = await healedBy(site, "orders-db", {
        playbook: "postgres-disk-full",
        action: ["free-space", "postgres-write-again"],
      });
      expect(incident.plan?.cause).toMatch(/no room: .*\(data, write-ahead log\) at (9[5-9]|100) %/);
      expect(incident.application?.steps[1]?.text).toMatch(
        /it has filled a table of a megabyte, rolled it back, and written its log/,
      );
      expect([existsSync(old), existsSync(others)]).toEqual([false, true]);
      expect(await write(4 * MB)).toBe("written");
      const { rows } = await admin.query("select count(*)::int as n from kept");
      expect(rows).toEqual([{ n: 1_000 }]);
    });

    it("is none at 85 %, nor while another disk is full that the server does not write to", async () => {
      await open({ cleanUp: exportsGoFrom(other.place) });
      const old = oldExport(other.place, 600_000);
      fillBut(other.place, 0);
      const { bsize, blocks } = statfsSync(disk.place);
      fillBut(disk.place, blocks * bsize * 0.15);
      expect(taken(disk.place)).toBeCloseTo(0.85, 2);
      expect(await symptoms(site)).toEqual([]);
      expect(existsSync(old)).toBe(true);
    });

    it("is left to a person where what the owner gives up lies on another disk", async () => {
      await open({ cleanUp: exportsGoFrom(other.place) });
      const old = oldExport(other.place, 600_000);
      fillBut(other.place, 0);
      fillBut(disk.place, 1.5 * MB);
      await site.sees("orders-db", "disk");
      await told(site, /Make room on \S+opsmedic-disk-/);
      expect(existsSync(old)).toBe(true);
    });

    it("names the replication slot that keeps the log, and drops nothing", async () => {
      await open();
      await admin.query("select pg_create_physical_replication_slot('reports', true)");
      while (taken(disk.place) < 0.955)
        await admin.query("select pg_logical_emit_message(false, 'x', repeat('x', 400000))");
      await site.sees("orders-db", "disk");
      await told(
        site,
        /Start whatever reads the replication slot reports; only if .*pg_drop_replication_slot\('reports'\).*write-ahead log \(\d+ MB, kept by the replication slot reports, which nobody reads/,
      );
      const { rows } = await admin.query("select slot_name from pg_replication_slots");
      expect(rows).toEqual([{ slot_name: "reports" }]);
      await admin.query("select pg_drop_replication_slot('reports')");
      await admin.query("checkpoint");
    });

    it("names the archive that fails as what keeps the log", async () => {
      await open();
      await admin.query("alter system set archive_command = '/bin/false'");
      await admin.query("select pg_reload_conf()");
      const log = "select pg_logical_emit_message(false, 'x', repeat('x', 400000))";
      for (let count = 0; count < 30; count += 1) await admin.query(log);
      const { database } = site.service("orders-db");
      const inspector = database && (await site.databases.of(database));
      if (inspector?.engine !== "postgres") throw new Error("it is no PostgreSQL");
      await untilTrue("it says so", async () =>
        (await inspector.diskTakers()).some(
          (one) =>
            one.what === "the write-ahead log" &&
            /archiving fails \(\d+ files wait, \w{24} failed last\)/.test(one.because ?? "") &&
            /archive_command/.test(one.advice ?? ""),
        ),
      );
      await admin.query("alter system set archive_command = '/bin/true'");
      await admin.query("select pg_reload_conf()");
    });

    it("after which it panicked and takes nobody: it is cleared, and the server is whole again", async () => {
      oldExport(disk.place, 9 * MB);
      await open({ cleanUp: exportsGoFrom(disk.place) });
      fillBut(disk.place, 0);
      await admin.query("insert into kept values (1001)");
      await expect(admin.query("checkpoint")).rejects.toThrow(/Connection terminated/);
      await admin.end().catch(() => undefined);
      const connected = () =>
        connect().then(
          (one) => one.end().then(() => true),
          (error: Error) => error.message,
        );
      // It recovers, and finds no room for what each session needs.
      await untilTrue("it has come back", async () => {
        fillBut(disk.place, 0);
        return /could not write init file/.test(String(await connected()));
      });
      await site.sees("orders-db", "unreachable");
      await healedBy(site, "orders-db", {
        playbook: "postgres-disk-full",
        action: ["free-space", "postgres-write-again"],
      });
      admin = await connect();
      expect((await admin.query("select count(*)::int as n from kept")).rows).toEqual([{ n: 1_001 }]);
    });
  });
});
