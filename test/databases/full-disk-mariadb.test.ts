// The disk is full on which a real MariaDB writes: it ends of it, is found, cleared by its owner's rules, started, and
// takes rows again. What the server keeps there is named to a person, and nothing else happens.
import { existsSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import mysql, { type Connection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeMariadb } from "../../lab/database-servers.ts";
import { exportsGoFrom, fillBut, mountable, oldExport } from "../../lab/small-file-system.ts";
import { mysqlAction } from "../acting/mysql-scenes.ts";
import { type Scenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { healedBy } from "./healed.ts";
import { MB, openSite, smallDisk, symptoms, taken, told } from "./small-disk.ts";

describe.skipIf(!mountable)("a full disk", () => {
  describeWith("mariadb", "of MariaDB", () => {
    let disk: ReturnType<typeof smallDisk>;
    let place: Awaited<ReturnType<typeof makeMariadb>>;
    let root: Connection;
    let site: Scenario;

    beforeAll(async () => {
      disk = smallDisk("96m");
      place = await makeMariadb(
        disk.place,
        "--innodb-log-file-size=4M",
        "--innodb-buffer-pool-size=16M",
        "--log-bin=binlog",
        "--max-binlog-size=1M",
      );
    });
    afterAll(() => disk.take());
    afterEach(async () => {
      root.destroy();
      await site[Symbol.asyncDispose]();
      for (const one of ["others", "exports"])
        rmSync(join(disk.place, one), { recursive: true, force: true });
    });

    async function connect(): Promise<Connection> {
      const made = await mysql.createConnection({ host: "127.0.0.1", port: place.port, user: "root" });
      made.on("error", () => undefined);
      return made;
    }

    /** opsmedic runs the server itself, so that it may start it. */
    async function open(more: object = {}): Promise<void> {
      site = await openSite({
        mysql: { url: `mysql://medic@127.0.0.1:${place.port}/` },
        runtime: { process: { command: place.command, cwd: "/" } },
        ...more,
      });
      await site.start("orders-db");
      await untilTrue("it takes clients", () =>
        connect().then(
          (one) => Boolean((root = one)),
          () => false,
        ),
      );
      for (const one of [
        "create user if not exists medic@localhost",
        "grant process, replication client, select, binlog admin on *.* to medic@localhost",
        "grant create, drop, insert on opsmedic_room.* to medic@localhost",
        "create database if not exists shop",
        "create or replace table shop.kept (n int primary key)",
        "insert into shop.kept values (1), (2), (3)",
        "create or replace table shop.letters (id int primary key auto_increment, text varchar(3500))",
        "insert into shop.letters (text) values ('the first')",
      ])
        await root.query(one);
      await site.look("orders-db");
    }

    const write = async (times: number): Promise<string> => {
      await root.query("set sql_log_bin = 0");
      for (let count = 0; count < times; count += 1)
        await root.query("insert into shop.letters (text) select repeat('x', 3500) from shop.seq_1_to_100");
      return "written";
    };

    it("that ended of it: it is cleared by the owner's rules, started, and takes rows again", async () => {
      const old = oldExport(disk.place, 12 * MB);
      await open({ cleanUp: exportsGoFrom(disk.place) });
      fillBut(disk.place, 1.5 * MB);
      await expect(write(20)).rejects.toThrow(/The table 'letters' is full|Connection lost/);
      // MariaDB 10.11 gives up after InnoDB could not grow its file for some times, with signal 6.
      await untilTrue("it has ended", async () => (await site.state("orders-db")).status !== "running");
      await site.sees("orders-db", "exited");
      const { plan, application } = await healedBy(site, "orders-db", {
        playbook: "mysql-disk-full",
        action: ["free-space", "start", "mysql-write-again"],
      });
      expect(application?.steps.at(-1)?.text).toContain("has filled a table of a megabyte of its own");
      expect(plan?.cause).toMatch(/no room: .*\(data\) at (9[5-9]|100) %/);
      expect([existsSync(old), existsSync(join(disk.place, "others"))]).toEqual([false, true]);
      root = await connect();
      expect(await write(8)).toBe("written");
      expect((await root.query("select count(*) as n from shop.kept"))[0]).toEqual([{ n: 3 }]);
    });

    it("is proved by a write, which is not tried where it would end the server, and leaves nothing", async () => {
      await open();
      const service = site.service("orders-db");
      const action = mysqlAction("mysql-write-again");
      const context = { service, target: undefined, files: undefined, signal: AbortSignal.timeout(30_000) };
      const [before] = await root.query("show master status");
      fillBut(disk.place, 0.3 * MB);
      const captured = await action.capture({}, context);
      await expect(action.apply({}, captured, context)).rejects.toThrow("the room for its data is 0 MB");
      expect((await site.state("orders-db")).status).toBe("running"); // a write would have ended it
      expect(await action.verifyUndo({}, captured, context)).toMatchObject({ ok: true });
      rmSync(join(disk.place, "others"), { recursive: true, force: true });
      expect(await action.apply({}, captured, context)).toContain("has filled a table of a megabyte");
      expect(await action.verify({}, captured, context)).toEqual({ ok: true, text: "it has written since" });
      expect((await root.query("show databases like 'opsmedic%'"))[0]).toEqual([]);
      expect((await root.query("show master status"))[0]).toEqual(before);

      await root.query("create database opsmedic_room");
      await root.query("create table opsmedic_room.theirs (n int)");
      expect(await action.apply({}, captured, context)).toContain(
        "not tried: the database opsmedic_room holds theirs",
      );
      await root.query("drop database opsmedic_room");
      await root.query("set global read_only = on");
      expect(await action.apply({}, captured, context)).toContain("not tried: it is read only");
      await root.query("set global read_only = off");
    });

    it("is none at 85 %; near the end the binary logs that take it are named, and none is purged", async () => {
      await open();
      const { bsize, blocks } = statfsSync(disk.place);
      fillBut(disk.place, blocks * bsize * 0.15);
      expect(await symptoms(site)).toEqual([]);
      await root.query("set sql_log_bin = 1");
      while (taken(disk.place) < 0.96) {
        await root.query("insert into shop.letters (text) select repeat('x', 3500) from shop.seq_1_to_100");
        await root.query("truncate shop.letters");
      }
      await site.sees("orders-db", "disk");
      const all =
        "When every replica has read them, PURGE BINARY LOGS TO 'binlog\\.\\d+'.*\\d+ binary logs \\(\\d";
      await told(site, new RegExp(all));
      const [logs] = await root.query("show binary logs");
      expect((logs as unknown[]).length).toBeGreaterThan(2);
    });
  });
});
