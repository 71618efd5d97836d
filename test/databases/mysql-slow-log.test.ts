// MariaDB as it is delivered counts no statements: what was slow is told from its slow log, where its owner keeps that in
// its table; through the command line, over a real server.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mysql, { type Connection } from "mysql2/promise";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig } from "../../api/config.ts";
import { openEmbedded } from "../../api/embedded.ts";
import { runCli } from "../cli/run-cli.ts";
import { type RunningServer, startMariadb } from "../observation/servers.ts";
import { describeWith } from "../services-available.ts";

describeWith("mariadb", "the slow log of MariaDB", () => {
  let server: RunningServer;
  let root: Connection;
  let folder: string;
  let opened: Awaited<ReturnType<typeof openEmbedded>>;

  beforeAll(async () => {
    server = await startMariadb();
    root = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user: "root" });
    for (const sql of [
      "create user medic@localhost",
      "grant process, select on *.* to medic@localhost",
      "create database shop",
      "use shop",
      "create table orders (id int primary key auto_increment, customer int, note varchar(100))",
      "insert into orders (customer, note) select seq % 5000, 'secret' from seq_1_to_20000",
      "analyze table orders",
    ])
      await root.query(sql);
    folder = mkdtempSync(join(tmpdir(), "opsmedic-slow-log-"));
    const url = `mysql://medic@127.0.0.1:${server.port}/`;
    const services = [{ name: "shop-db", mysql: { url } }];
    writeFileSync(
      join(folder, "opsmedic.yaml"),
      JSON.stringify({ thresholds: { queryTime: "1ms" }, services }),
    );
    opened = await openEmbedded(loadConfig({ cwd: folder, variables: {} }));
  });
  afterAll(async () => {
    await opened.close();
    root.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const performance = async (): Promise<unknown> => {
    const { out } = await runCli(["database", "performance", "shop-db", "--json"], opened.operations);
    return JSON.parse(out);
  };

  it("tells which statements are slow, without their values, and the index that they miss", async () => {
    expect(await performance()).toMatchObject([{ slow_queries: null, missing_indexes: [], problem: null }]);
    for (const sql of ["log_output = 'TABLE'", "slow_query_log = on", "long_query_time = 0.001"])
      await root.query(`set global ${sql}`);
    const shop = await mysql.createConnection({
      host: "127.0.0.1",
      port: server.port,
      user: "root",
      database: "shop",
    });
    for (let n = 0; n < 6; n += 1)
      await shop.query(`select * from orders where customer = ${n} and note <> 'it''s\\' hidden'`);
    shop.destroy();
    expect(await performance()).toMatchObject([
      {
        slow_queries: [{ statement: "select * from orders where customer = ? and note <> ?", calls: 6 }],
        missing_indexes: [{ table: "shop.orders", column: "customer", calls: 6 }],
      },
    ]);
    // Where it goes into a file, nothing of before is told as if it were of now.
    await root.query("set global log_output = 'FILE'");
    expect(await performance()).toMatchObject([{ slow_queries: null }]);
  });
});
