// A real primary and its real replica: what stops the replica is told apart, and who is told to let nobody write is seen.
import mysql, { type Connection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Service } from "../../domain/service.ts";
import { makeMysqlInspector } from "../../tools/mysql-inspector.ts";
import { type RunningServer, startMariadb } from "../observation/servers.ts";
import { wallClock } from "../observation/service.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { databaseService, makeScene, type Scene, verdictOf } from "./scene.ts";

const connect = ({ port }: RunningServer): Promise<Connection> =>
  mysql.createConnection({ host: "127.0.0.1", port, user: "root" });

describeWith("mariadb", "replication of MariaDB", () => {
  let servers: RunningServer[] = [];
  let primary: Connection;
  let replica: Connection;
  let scene: Scene | undefined;

  const serviceOf = (at: number, more: object = {}): Service =>
    databaseService("orders-db", {
      kind: "mysql",
      url: `mysql://root@127.0.0.1:${servers[at]?.port}/`,
      ...more,
    });

  beforeAll(async () => {
    servers = await Promise.all([startMariadb("--server-id=1", "--log-bin"), startMariadb("--server-id=2")]);
    [primary, replica] = (await Promise.all(servers.map(connect))) as [Connection, Connection];
    await primary.query("create user follower@localhost identified by 'secret'");
    await primary.query("grant replication slave on *.* to follower@localhost");
    const [[{ at }]] = (await primary.query("select @@gtid_binlog_pos as at")) as unknown as [
      [{ at: string }],
    ];
    await replica.query("set global gtid_slave_pos = ?", [at]);
    await replica.query(
      `change master to master_host = '127.0.0.1', master_port = ${servers[0]?.port}, master_user = 'follower',
       master_password = 'secret', master_connect_retry = 1, master_use_gtid = slave_pos`,
    );
    await replica.query("start replica");
    await primary.query("create database shop");
    await primary.query("create table shop.stock (id int primary key, n int)");
    await untilTrue("it follows", async () => (await rows()).length === 0, 100);
  });
  afterEach(() => scene?.close());
  afterAll(async () => {
    primary.destroy();
    replica.destroy();
    await Promise.all(servers.map((one) => one.stop()));
  });

  const rows = async (): Promise<unknown[]> =>
    (await replica.query("select * from shop.stock").catch(() => [["not there yet"]]))[0] as unknown[];

  it("says at which error a replica has stopped, and of one that is cut off why", async () => {
    await replica.query("insert into shop.stock values (1, 1)");
    await primary.query("insert into shop.stock values (1, 2)");
    scene = makeScene([serviceOf(1)]);
    const stopped = await scene.diagnosed(serviceOf(1), "replication");
    expect(verdictOf(stopped)).toEqual({ cause: "mysql-replica-stopped", sure: true, clear: true });
    expect(stopped.finding.summary).toContain("error 1062");
    expect(stopped.hypotheses[0]?.cause).toContain("Duplicate entry '1' for key 'PRIMARY'");
    expect(stopped.hypotheses[0]?.cause).not.toContain("insert into");
    expect(stopped.advice).toContain("compare the row with the primary's");
    scene.close();

    await replica.query("delete from shop.stock");
    await replica.query("stop replica");
    await replica.query("change master to master_password = 'wrong'");
    await replica.query("start replica");
    scene = makeScene([serviceOf(1)]);
    const cutOff = await scene.diagnosed(serviceOf(1), "replication");
    expect(verdictOf(cutOff)).toMatchObject({ cause: "mysql-replica-cut-off", sure: true });
    await untilTrue(
      "it says why",
      async () =>
        (await scene?.diagnosed(serviceOf(1), "replication"))?.finding.summary.includes("error 1045") ===
        true,
      20,
    );
    await replica.query("stop replica");
    await replica.query("change master to master_password = 'secret'");
    await replica.query("start replica");
    await untilTrue("it follows again", async () => (await rows()).length === 1, 100);
    scene.close();
    scene = makeScene([serviceOf(1)]);
    expect((await scene.look(serviceOf(1))).map((one) => one.kind)).toEqual([]);
  });

  it("finds a primary that was left read only, and neither a replica that is so nor one that is meant to be", async () => {
    await primary.query("set global read_only = on");
    await replica.query("set global read_only = on");
    try {
      scene = makeScene([serviceOf(0), serviceOf(1)]);
      const found = await scene.diagnosed(serviceOf(0), "bad-setting");
      expect(verdictOf(found)).toEqual({ cause: "mysql-read-only", sure: true, clear: true });
      expect(found.advice).toContain("SET GLOBAL read_only = OFF");
      for (const well of [serviceOf(1), serviceOf(0, { readOnly: true })]) {
        const seen = [await scene.look(well), await scene.look(well)].flat();
        expect(seen.map((one) => one.kind)).toEqual([]);
      }
    } finally {
      await primary.query("set global read_only = off");
      await replica.query("set global read_only = off");
    }
  });

  /** With a connection of its own: a right counts for those that are opened after it was given. */
  const asked = async () => {
    const seer = makeMysqlInspector(`mysql://seer@127.0.0.1:${servers[1]?.port}/`, wallClock);
    try {
      const forRepairs = (await seer.repairRights()).map(({ grant }) => grant);
      const lacking = (await seer.missingRights()).filter(({ grant }) => !forRepairs.includes(grant));
      return { role: (await seer.look())?.words["role"], lacking: lacking.map(({ grant }) => grant) };
    } finally {
      seer.close();
    }
  };

  it("is seen by a user with the right that doctor names, and not without it", async () => {
    await replica.query("create user seer@localhost");
    await replica.query("grant process, replication client, select on *.* to seer@localhost");
    const before = await asked();
    expect(before).toEqual({ role: undefined, lacking: [expect.stringMatching(/^GRANT REPLICA MONITOR /)] });
    await replica.query(before.lacking[0]?.split(";", 1)[0] ?? "");
    expect(await asked()).toEqual({ role: "replica", lacking: [] });
  });
});
