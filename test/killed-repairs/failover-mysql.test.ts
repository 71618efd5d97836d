// A MariaDB dies in the midst of repairs, and its replica takes its place; and a replica as the one that is repaired.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mysql, { type Connection } from "mysql2/promise";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import { systemClock } from "../../domain/system-clock.ts";
import type { JournalEntry } from "../../knowledge/records.ts";
import type { FileHistory } from "../../tools/backup.ts";
import { makeGitBackups } from "../../tools/git-backup.ts";
import {
  dropped,
  indexesOf,
  keptShapes,
  mysqlAction,
  mysqlContext,
  type MysqlWorld,
  orders,
  ownIndex,
  parcels,
  shapesIn,
} from "../acting/mysql-scenes.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";
import { type RunningServer, startMariadb } from "../observation/servers.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { type MovingAddress, openMovingAddress } from "./moving-address.ts";
import { oneRepair } from "./one-repair.ts";

/** More than it takes to undo a step and to prove it. */
const TRIES = 5;

describeWith("mariadb", "a primary of MariaDB that dies in the midst of repairs", () => {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-failover-mysql-"));
  const backups = makeGitBackups({ folder: join(folder, "backups.git"), clock: systemClock });
  const addresses: MovingAddress[] = [];
  let servers: [RunningServer, RunningServer];
  let primary: Connection;
  let replica: Connection;
  let world: MysqlWorld;
  let opened: TestStore;

  beforeAll(async () => {
    servers = await Promise.all([
      startMariadb("--server-id=1", "--log-bin", "--max-connections=150"),
      startMariadb("--server-id=2", "--log-bin", "--max-connections=150", "--read-only"),
    ]);
    [primary, replica] = (await Promise.all(servers.map(connect))) as [Connection, Connection];
    await replica.query(
      `change master to master_host = '127.0.0.1', master_port = ${servers[0].port}, master_user = 'follower', master_use_gtid = slave_pos`,
    );
    for (const sql of [
      "create user follower@localhost",
      "grant replication slave on *.* to follower@localhost",
      "create user medic@localhost",
      "grant process, connection admin, replica monitor, super, select, alter, index, create, drop, insert, references, lock tables, trigger on *.* to medic@localhost",
      "create database shop",
      "use shop",
    ])
      await primary.query(sql);
    const [[{ at }]] = (await primary.query("select @@gtid_binlog_pos as at")) as unknown as [
      [{ at: string }],
    ];
    // Both have the users of their making; what came since is followed from the start.
    await replica.query("set global gtid_slave_pos = ''");
    expect(at).not.toBe("");
    await replica.query("start replica");
    world = { server: servers[0], root: primary } as MysqlWorld;
    opened = await openTestStore("pglite");
  });
  afterAll(async () => {
    primary.destroy();
    replica.destroy();
    for (const one of addresses) await one[Symbol.asyncDispose]();
    await Promise.all(servers.map((one) => one.stop()));
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The replica has all in its relay log; `applied`: and has done it, too. */
  async function followed({ applied }: { applied: boolean }): Promise<void> {
    const [[there]] = (await primary.query("show master status")) as unknown as [[Record<string, unknown>]];
    await untilTrue(
      "it has followed",
      async () => {
        const [[now]] = (await replica.query("show replica status")) as unknown as [
          [Record<string, unknown>],
        ];
        const at = now?.[applied ? "Exec_Master_Log_Pos" : "Read_Master_Log_Pos"];
        return now?.["Master_Log_File"] === there?.["File"] && at === there?.["Position"];
      },
      100,
    );
  }

  interface Repaired {
    action: string;
    params: JsonObject;
    act: RegExp;
    history?: FileHistory;
    world: () => Promise<unknown>;
  }

  async function opening({ action, params, history }: Repaired) {
    const address = await openMovingAddress(servers[0].port);
    addresses.push(address);
    const context = mysqlContext(address.port, { maxConnections: 300 });
    const service = { ...context.service, name: `${action}-${addresses.length}` };
    const scene = { action: mysqlAction(action, history), params, context: { ...context, service } };
    return { address, scene, medic: oneRepair(opened, backups, scene) };
  }

  async function repairs(): Promise<Repaired[]> {
    const table = await orders(world, 2_000);
    const own = await ownIndex(world, 2_000);
    const database = await parcels(world);
    const history = await keptShapes(world, database);
    await dropped(world, `${database}.parcels`);
    return [
      {
        action: "mysql-create-index",
        params: { table, column: "customer" },
        act: /alter table `[^]*add index/,
        world: () => indexesOf(world, table),
      },
      {
        action: "mysql-drop-index",
        params: own.params,
        act: /alter table `[^]*drop index/,
        world: () => indexesOf(world, own.table),
      },
      {
        action: "mysql-restore-object",
        params: { table: `${database}.parcels`, column: null },
        act: /rename table/i,
        history,
        world: () => shapesIn(world, database),
      },
    ];
  }

  it("is refused what goes to the replicas where it is one, and may be set otherwise by itself", async () => {
    const all = await repairs();
    await followed({ applied: true });
    for (const [readOnly, why] of [
      ["off", "the server applies what another one changes"],
      ["on", "the server is read only"],
    ] as const) {
      await replica.query(`set global read_only = ${readOnly}`);
      for (const one of all) {
        const { address, scene } = await opening(one);
        address.moveTo(servers[1].port);
        await expect(scene.action.capture(scene.params, scene.context)).rejects.toMatchObject({
          code: "limit-exceeded",
          message: `${why}: a replica gets such a change from its primary`,
        });
      }
    }
    const settingOf = {
      action: "mysql-set-setting",
      params: LIMIT,
      act: /set global `/,
      world: () => limitOn(replica),
    };
    const { address, medic } = await opening(settingOf);
    address.moveTo(servers[1].port);
    expect(await medic.repair()).toMatchObject({ state: "verified" });
    expect(await limitOn(replica)).toBe("200");
    expect(await medic.takeBack()).toMatchObject({ state: "undone", detail: "max_connections is 150." });
    expect(await limitOn(replica)).toBe("150");
  });

  it("leaves nothing half done on the replica that takes its place, and nothing of its own is touched", async () => {
    const all = await repairs();
    const before = await Promise.all(all.map((one) => one.world()));
    await followed({ applied: true });
    // What it hears from now on is done when it is promoted.
    await replica.query("stop replica sql_thread");
    await replica.query("set global max_connections = 200");

    const runs: { address: MovingAddress; end: Promise<JournalEntry> }[] = [];
    for (const one of [...all, SETTING]) {
      const { address, medic } = await opening(one);
      const held = address.heldAt(one.act);
      runs.push({ address, end: medic.repair() });
      await held;
    }
    await untilTrue(
      "the primary has done all of them",
      async () => {
        const now = await Promise.all(all.map((one) => one.world()));
        return now.every((one, place) => JSON.stringify(one) !== JSON.stringify(before[place]));
      },
      100,
    );
    expect(await limitOn(primary)).toBe("200");
    await followed({ applied: false });

    await servers[0].stop();
    world.server = servers[1];
    world.root = replica;
    for (const { address } of runs) address.moveTo(servers[1].port);
    await Promise.all(runs.map(({ address, end }) => Promise.race([address.visited(TRIES), end])));
    await replica.query("start replica sql_thread");
    await untilTrue("it has done all that it heard", async () => {
      const [[now]] = (await replica.query("show replica status")) as unknown as [[Record<string, unknown>]];
      return now?.["Exec_Master_Log_Pos"] === now?.["Read_Master_Log_Pos"];
    });
    await replica.query("stop replica");
    await replica.query("reset replica all");
    await replica.query("set global read_only = off");

    const ended = await Promise.all(runs.map(({ end }) => end));
    expect(ended.map(({ action, state }) => ({ action, state }))).toEqual(
      [...all, SETTING].map(({ action }) => ({ action, state: "undone" })),
    );
    expect(ended.at(-1)?.detail).toBe(
      "max_connections is 200. It was started again since, or another one has taken its place: our change ended with that run.",
    );
    expect(await limitOn(replica)).toBe("200");
    expect(await Promise.all(all.map((one) => one.world()))).toEqual(before);
  });
});

const LIMIT = { setting: "max_connections", from: "150", to: "200" };
const SETTING = {
  action: "mysql-set-setting",
  params: LIMIT,
  act: /set global `/,
  world: async () => undefined,
};

async function limitOn(connection: Connection): Promise<string> {
  const [[row]] = (await connection.query("show global variables like 'max_connections'")) as unknown as [
    [{ Value: string }],
  ];
  return row.Value;
}

function connect({ port }: RunningServer): Promise<Connection> {
  return mysql.createConnection({ host: "127.0.0.1", port, user: "root" });
}
