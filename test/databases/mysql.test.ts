// Failure modes of MariaDB, made on a real server: the right cause wins over its likeliest rival, and what only looks
// like trouble is none.
import mysql, { type Connection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Service } from "../../domain/service.ts";
import { actionNames } from "../../tools/actions/catalogue.ts";
import { makeMysqlInspector } from "../../tools/mysql-inspector.ts";
import { makeMysqlReader } from "../../tools/mysql-reader.ts";
import { type RunningServer, startMariadb } from "../observation/servers.ts";
import { wallClock } from "../observation/service.ts";
import { describeWith } from "../services-available.ts";
import { databaseService, makeScene, type Scene, verdictOf } from "./scene.ts";

describeWith("mariadb", "diagnosis of MariaDB", () => {
  let server: RunningServer;
  let scene: Scene;
  let service: Service;
  let connections: Connection[] = [];
  let databases = 0;
  let database = "";

  beforeAll(async () => {
    server = await startMariadb(
      "--max-connections=30",
      "--performance-schema=ON",
      "--innodb-buffer-pool-size=16M",
    );
    const root = await connect("root", "");
    await root.query("create user shop@localhost, watcher@localhost, poor@localhost");
    await root.query("grant all on *.* to shop@localhost");
    await root.query(
      "grant process, replication client, replica monitor, select on *.* to watcher@localhost",
    );
    await root.end();
  });
  afterAll(() => server.stop());

  async function connect(user: string, name: string): Promise<Connection> {
    const made = await mysql.createConnection({
      host: "127.0.0.1",
      port: server.port,
      user,
      ...(name !== "" && { database: name }),
    });
    made.on("error", () => undefined);
    connections.push(made);
    return made;
  }

  async function open(...sql: string[]): Promise<void> {
    databases += 1;
    database = `shop${databases}`;
    const root = await connect("root", "");
    await root.query(`create database ${database}`);
    await root.query(`use ${database}`);
    for (const one of sql) await root.query(one);
    service = databaseService("orders-db", {
      kind: "mysql",
      url: `mysql://watcher@127.0.0.1:${server.port}/`,
    });
    scene = makeScene([service]);
  }

  const client = (): Promise<Connection> => connect("shop", database);
  const kinds = async (): Promise<string[]> => (await scene.look(service)).map((one) => one.kind);

  afterEach(async () => {
    scene.close();
    for (const one of connections) one.destroy();
    connections = [];
    const root = await connect("root", "");
    const [rows] = await root.query(
      "select id from information_schema.processlist where user in ('shop', 'watcher')",
    );
    for (const { id } of rows as { id: number }[]) await root.query(`kill ${id}`).catch(() => undefined);
    root.destroy();
    connections = [];
  });

  it("names the client that leaks connections, and leaves many alone that are well", async () => {
    await open("create table stock (id int primary key, n int)");
    for (let n = 0; n < 20; n += 1) await client();
    expect([await kinds(), await kinds()]).toEqual([[], []]);
    for (const one of connections.slice(-20)) await one.query("begin");
    for (const one of connections.slice(-20)) await one.query("select * from stock");
    for (let n = 0; n < 5; n += 1) await client();
    await wallClock.sleep(3_000); // the server counts whole seconds
    const diagnosed = await scene.diagnosed(service, "connections");
    expect(verdictOf(diagnosed)).toEqual({ cause: "mysql-connections-leaked", sure: true, clear: true });
    expect(diagnosed.advice).toMatch(/KILL \d+; KILL \d+/);
  });

  it("tells a change of a table that waits from rows that are waited for", async () => {
    await open("create table stock (id int primary key, n int)", "insert into stock values (1, 1), (2, 1)");
    const reader = await client();
    await reader.query("begin");
    await reader.query("select * from stock");
    const waits = [
      (await client()).query("alter table stock add note text"),
      (await client()).query("select * from stock where id = 1"),
    ];
    const quiet = waits.map((one) => one.catch(() => undefined));
    const metadata = await scene.diagnosed(service, "blocked-sessions");
    expect(verdictOf(metadata)).toEqual({ cause: "mysql-metadata-lock", sure: true, clear: true });
    expect(metadata.advice).toContain(`KILL ${reader.threadId};`);
    await reader.query("rollback");
    await Promise.all(quiet);

    const writer = await client();
    await writer.query("begin");
    await writer.query("update stock set n = 2 where id = 1");
    const wait = (await client()).query("update stock set n = 3 where id = 1").catch(() => undefined);
    scene.close();
    scene = makeScene([service]);
    const rows = await scene.diagnosed(service, "blocked-sessions");
    expect(verdictOf(rows)).toEqual({ cause: "mysql-row-lock", sure: true, clear: true });
    expect(rows.advice).toContain(`KILL ${writer.threadId};`);
    // Who waits for a row is not at work: his statement is not slow.
    const look = scene.signals(service).findLast((one) => one.kind === "database");
    expect(look?.numbers).toMatchObject({ blocked: 1, "active-over-1s": 0 });
    await writer.query("rollback");
    await wait;
  });

  it("accuses no transaction of a table that somebody else keeps locked", async () => {
    await open(
      "create table stock (id int primary key, n int)",
      "create table other (id int primary key)",
      "insert into stock values (1, 1)",
    );
    const innocent = await client();
    await innocent.query("begin");
    await innocent.query("select * from other");
    await wallClock.sleep(1_100); // its transaction is the older one, by whole seconds
    const holder = await client();
    await holder.query("lock tables stock write");
    const wait = (await client()).query("update stock set n = 2 where id = 1").catch(() => undefined);
    const diagnosed = await scene.diagnosed(service, "blocked-sessions");
    expect(verdictOf(diagnosed)).toMatchObject({ cause: "mysql-table-locked", sure: true });
    expect(diagnosed.hypotheses[0]?.cause).toContain(`${database}.stock`);
    expect(diagnosed.advice).toContain(`session ${holder.threadId} (shop from localhost`);
    expect(diagnosed.advice).not.toContain(`KILL ${innocent.threadId}`);
    const blamed = diagnosed.hypotheses.find((one) => one.playbook === "mysql-metadata-lock");
    const endable = blamed?.checks.find((one) => one.check === "endable")?.observation;
    expect(endable).toMatchObject({ status: "unknown" });
    await holder.query("unlock tables");
    await wait;
    scene.close();

    scene = makeScene([service]);
    const backup = await connect("root", "");
    await backup.query("flush tables with read lock");
    const writer = (await client()).query("update stock set n = 3 where id = 1").catch(() => undefined);
    const all = await scene.diagnosed(service, "blocked-sessions");
    expect(verdictOf(all)).toEqual({ cause: "mysql-all-locked", sure: true, clear: true });
    expect(all.advice).toContain(`session ${backup.threadId} (root from localhost`);
    await backup.query("unlock tables");
    await writer;
  });

  it("finds a storm of deadlocks", async () => {
    await open("create table stock (id int primary key, n int)", "insert into stock values (1, 1), (2, 1)");
    const [a, b] = [await client(), await client()];
    expect(await kinds()).toEqual([]);
    for (let count = 0; count < 4; count += 1) {
      await Promise.all([a.query("begin"), b.query("begin")]);
      await Promise.all([
        a.query("update stock set n = 2 where id = 1"),
        b.query("update stock set n = 2 where id = 2"),
      ]);
      await Promise.allSettled([
        a.query("update stock set n = 3 where id = 2"),
        b.query("update stock set n = 3 where id = 1"),
      ]);
      await Promise.all([a.query("rollback"), b.query("rollback")]);
    }
    expect(verdictOf(await scene.diagnosed(service, "deadlocks"))).toMatchObject({
      cause: "mysql-deadlocks",
      sure: true,
    });
  });

  it("finds events that nobody runs, a key near its end, and a setting that endangers the data", async () => {
    await open(
      "create table jobs (id tinyint unsigned primary key auto_increment)",
      "insert into jobs values (250)",
      "create event tidy on schedule every 1 day do select 1",
    );
    expect(verdictOf(await scene.diagnosed(service, "events-off"))).toMatchObject({
      cause: "mysql-events-off",
      sure: true,
    });
    const sequence = await scene.diagnosed(service, "sequence-end");
    expect(verdictOf(sequence)).toMatchObject({ cause: "mysql-sequence-end", sure: true });
    expect(sequence.advice).toContain(`ALTER TABLE ${database}.jobs MODIFY id BIGINT UNSIGNED`);
    const root = await connect("root", "");
    await root.query("set global innodb_flush_log_at_trx_commit = 0");
    expect(verdictOf(await scene.diagnosed(service, "bad-setting"))).toMatchObject({
      cause: "mysql-bad-setting",
      sure: true,
    });
    await root.query("set global innodb_flush_log_at_trx_commit = 1");
    await root.query(`drop database ${database}`);
  });

  it("asks whether what the log misses is missing, or in another database", async () => {
    await open("create table invoices (id int primary key, total int)");
    const complain = (text: string): void => {
      for (let n = 0; n < 4; n += 1)
        scene.note({
          kind: "log",
          service: "orders-db",
          at: wallClock.now(),
          level: "error",
          text,
          source: "log",
        });
    };
    complain(`Error: Unknown column 'invoices.amount_due' in 'field list'`);
    const missing = await scene.diagnosed(service, "missing-object");
    expect(verdictOf(missing)).toEqual({ cause: "mysql-missing-object", sure: true, clear: true });
    scene.close();
    scene = makeScene([service]);
    complain("Error: Table 'billing.invoices' doesn't exist");
    expect(verdictOf(await scene.diagnosed(service, "missing-object"))).toEqual({
      cause: "mysql-wrong-schema",
      sure: true,
      clear: true,
    });
  });

  it("finds the index that slow statements miss", async () => {
    await open(
      "create table orders (id int primary key auto_increment, customer int, note text)",
      "insert into orders (customer, note) select seq % 5000, repeat('x', 50) from seq_1_to_30000",
      "analyze table orders",
    );
    const shop = await client();
    for (let n = 0; n < 30; n += 1) await shop.query(`select * from orders where customer = ${n}`);
    const inspector = makeMysqlInspector(`mysql://watcher@127.0.0.1:${server.port}/`, wallClock);
    expect(await inspector.indexCandidates()).toMatchObject([
      { table: `${database}.orders`, column: "customer", rows: expect.any(Number) },
    ]);
    await shop.query("create index customers on orders (customer)");
    expect(await inspector.indexCandidates()).toEqual([]);
    inspector.close();
  });

  it("cannot write, whatever the user may, and says which rights are missing", async () => {
    await open("create table stock (id int primary key)");
    const reader = makeMysqlReader(`mysql://root@127.0.0.1:${server.port}/${database}`);
    await expect(reader.read("insert into stock values (1)")).rejects.toThrow("READ ONLY transaction");
    await expect(reader.read("select sleep(5)")).rejects.toMatchObject({ code: "database-answer" });
    expect(await reader.read("select count(*) as rows_there from stock")).toEqual([{ rows_there: 0 }]);
    reader.close();
    const poor = makeMysqlInspector(`mysql://poor@127.0.0.1:${server.port}/`, wallClock);
    expect((await poor.missingRights()).map((one) => one.grant)[0]).toBe(
      "GRANT PROCESS ON *.* TO 'poor'@'localhost';",
    );
    poor.close();
    const watcher = makeMysqlInspector(`mysql://watcher@127.0.0.1:${server.port}/`, wallClock);
    expect((await watcher.missingRights()).map((one) => one.what)).toEqual([
      expect.stringMatching(/^mysql-end-sessions, mysql-end-blocker: .* \(needed for repairs only\)$/),
      expect.stringMatching(/^mysql-set-setting: .* \(needed for repairs only\)$/),
      expect.stringMatching(/^mysql-create-index, mysql-drop-index: .* \(needed for repairs only\)$/),
      expect.stringMatching(/^mysql-analyze: .* \(needed for repairs only\)$/),
      expect.stringMatching(/^mysql-write-again: .* \(needed for repairs only\)$/),
      expect.stringMatching(/^mysql-restore-object: .* \(needed for repairs only\)$/),
    ]);
    const root = await connect("root", "");
    for (const { grant } of await watcher.repairRights()) {
      for (const one of grant.split("; ").filter((part) => part.startsWith("GRANT"))) await root.query(one);
    }
    expect(await watcher.missingRights()).toEqual([]);
    expect((await watcher.repairRights()).flatMap((one) => one.repairs).sort()).toEqual(
      actionNames.filter((one) => one.startsWith("mysql-")).sort(),
    );
    await root.query("revoke all privileges, grant option from watcher@localhost");
    await root.query(
      "grant process, replication client, replica monitor, select on *.* to watcher@localhost",
    );
    watcher.close();
  });
});
