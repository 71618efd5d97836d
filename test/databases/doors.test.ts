// The inside of databases through the product's own doors: the command line over a store of its own, and its doctor.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checksFor } from "../../api/cli/doctor/examine.ts";
import { runChecks } from "../../api/cli/doctor/run-checks.ts";
import { type Config, loadConfig } from "../../api/config.ts";
import type { DatabaseConnections, DatabaseHealth } from "../../api/databases.ts";
import { openEmbedded } from "../../api/embedded.ts";
import { inDatabase, type PostgresServer, startPostgres } from "../../lab/postgres-server.ts";
import { runCli } from "../cli/run-cli.ts";
import { type RunningServer, startRedis } from "../observation/servers.ts";
import { describeWith } from "../services-available.ts";

describeWith("postgres", "databases through the doors", () => {
  let server: PostgresServer;
  let redis: RunningServer;
  let folder: string;
  let config: Config;
  let opened: Awaited<ReturnType<typeof openEmbedded>>;
  let clients: Client[] = [];

  beforeAll(async () => {
    server = await startPostgres({
      durable: true,
      settings: ["shared_preload_libraries=pg_stat_statements"],
    });
    await inDatabase(server.url("postgres"), "create role shop login; create role watcher login");
    redis = await startRedis("--maxmemory", "3mb", "--maxmemory-policy", "noeviction");
    const cache = new Redis(redis.port, "127.0.0.1");
    const pipeline = cache.pipeline();
    for (let n = 0; n < 3_000; n += 1) pipeline.set(`key:${n}`, "x".repeat(1_000));
    await pipeline.exec(); // the last ones are refused
    cache.disconnect();
    folder = mkdtempSync(join(tmpdir(), "opsmedic-databases-"));
    writeFileSync(
      join(folder, "opsmedic.yaml"),
      `
thresholds: { queryTime: 2ms }
services:
  - name: orders-db
    postgres: { url: "postgres://watcher@127.0.0.1:${server.port}/postgres" }
  - name: cache
    redis: { url: "redis://127.0.0.1:${redis.port}" }
`,
    );
    config = loadConfig({ cwd: folder, variables: {} });
    opened = await openEmbedded(config);
    for (const name of ["checkout", "checkout", "search"]) await connect(name);
  });
  afterAll(async () => {
    await Promise.all(clients.map((one) => one.end()));
    clients = [];
    await opened.close();
    await redis.stop();
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  async function connect(name: string): Promise<Client> {
    const url = server.url("postgres").replace("postgres@", "shop@");
    const client = new Client({ connectionString: url, application_name: name });
    await client.connect();
    clients.push(client);
    return client;
  }

  const run = (...words: string[]) => runCli(words, opened.operations);
  const json = async (...words: string[]): Promise<{ code: number; data: unknown }> => {
    const { code, out } = await run(...words, "--json");
    return { code, data: JSON.parse(out) };
  };

  const keys = async (): Promise<unknown> => {
    const { data } = await json("database", "performance", "cache");
    return (data as { keys: unknown }[])[0]?.keys;
  };

  it("doctor names the right that is missing, with the statement that gives it", async () => {
    const checks = checksFor(config, undefined, { cwd: folder, variables: {} });
    const own = checks.filter((one) => one.name === "watched database");
    const results = () => runChecks(own, new AbortController().signal);
    const examined = async () => (await results()).map((one) => one.advice);
    const texts = async () => (await results()).filter((one) => one.status === "ok").map((one) => one.text);
    expect(await examined()).toContain('GRANT pg_monitor TO "watcher";');
    expect(await examined()).toContain('GRANT pg_signal_backend TO "watcher";');
    const ending = expect.stringMatching(/postgres-end-sessions, postgres-end-blocker may be done/);
    expect(await texts()).not.toContainEqual(ending);
    expect(await texts()).toContainEqual(expect.stringMatching(/^orders-db: where it writes is not seen \(/));
    await inDatabase(server.url("postgres"), "grant pg_monitor, pg_signal_backend to watcher");
    expect(await examined()).not.toContain('GRANT pg_monitor TO "watcher";');
    expect(await texts()).toContainEqual(ending);
    expect(await texts()).toContainEqual(
      expect.stringMatching(
        /^orders-db: where it writes is (?:seen: \S+ at \d+ %|not seen \(no process of it)/,
      ),
    );
  });

  it("says how they are, who is connected, and what makes them slow", async () => {
    const health = await json("database", "health");
    expect(health.code).toBe(3);
    expect(health.data).toMatchObject([
      {
        service: "orders-db",
        engine: "postgres",
        status: "healthy",
        role: "primary",
        problem: null,
        issues: [],
      },
      {
        service: "cache",
        engine: "redis",
        status: "critical",
        issues: [{ kind: "store-full" }],
        problem: null,
      },
    ]);
    const [orders] = health.data as DatabaseHealth[];
    expect(orders?.connections).toMatchObject({ limit: 57, blocked: 0 });
    expect(orders?.cache_hit_rate).toBeGreaterThan(0);
    expect((await run("database", "health")).out).toMatch(/critical .*cache uses .* evicts nothing/);

    const { code, data } = await json("database", "connections", "orders-db");
    expect(code).toBe(0);
    expect((data as DatabaseConnections[])[0]?.clients).toMatchObject([
      { client: "checkout", role: "shop", connections: 2 },
      { client: "search", role: "shop", connections: 1 },
    ]);
    expect((await run("database", "connections")).out).toMatch(/checkout +shop +127\.0\.0\.1 +2/);

    const performance = await json("database", "performance", "orders-db");
    expect(performance.data).toMatchObject([{ slow_queries: null, missing_indexes: null, bad_settings: [] }]);
    expect((await run("database", "performance", "cache")).out).toContain("cache hit rate");
    expect(await run("database", "health", "nobody")).toMatchObject({ code: 2 });
  });

  it("reports the slow statements, the index that they miss, and pools that are too big", async () => {
    await inDatabase(server.url("postgres"), "create extension pg_stat_statements");
    for (const sql of [
      "create table orders (id serial primary key, customer int, note text)",
      "insert into orders (customer, note) select g % 5000, repeat('x', 50) from generate_series(1, 60000) g",
      "grant select on orders to shop",
      "analyze orders",
    ])
      await inDatabase(server.url("postgres"), sql);
    const shop = await connect("checkout");
    for (let n = 0; n < 10; n += 1)
      await shop.query("select * from orders where customer = $1 and note <> 'secret'", [n]);
    for (let n = clients.length; n < 50; n += 1) await connect("checkout");
    const { data } = await json("database", "performance", "orders-db");
    expect(data).toMatchObject([
      {
        slow_queries: expect.arrayContaining([
          expect.objectContaining({
            statement: expect.stringMatching(/^select \* from orders where customer = \$1 and note <> \$2$/),
            calls: 10,
          }),
        ]),
        missing_indexes: [{ table: "orders", column: "customer", calls: 10 }],
        pool_advice: expect.stringMatching(
          /^5\d of 57 connections are taken and \d work: make the pools .* smaller/,
        ),
      },
    ]);
    const { out } = await run("database", "performance", "orders-db");
    expect(out).toMatch(/\d+ ms × 10 {2}select \* from orders where customer = \$1/);
    expect(out).toContain("no index begins with orders.customer");
    expect(out).toContain("make the pools of the clients smaller");
  });

  it("diagnoses what it finds, and tells a human what to do", async () => {
    const { out } = await run("diagnose", "cache");
    expect(out).toContain("Redis is full and may evict nothing");
    expect(out).toContain("CONFIG SET maxmemory");
  });

  it("reports the big keys of Redis, and those that are asked for most as far as it counts that", async () => {
    const cache = new Redis(redis.port, "127.0.0.1");
    await cache.config("SET", "maxmemory", "64mb");
    await cache.flushall();
    for (let n = 0; n < 100; n += 1) await cache.set(`key:${n}`, "x".repeat(1_000));
    for (let n = 0; n < 20; n += 1) await cache.rpush("events\u001b[31m", "x".repeat(100_000));
    expect(await keys()).toMatchObject({
      biggest: expect.arrayContaining([{ key: expect.stringMatching(/^events/), bytes: expect.any(Number) }]),
      hottest: null,
      advice: [
        expect.stringMatching(/^events.* takes \d\.\d MB, \d+ % of its memory: let whoever fills it trim it/),
        expect.stringContaining("only under an LFU policy"),
      ],
    });
    await cache.config("SET", "lfu-log-factor", "0");
    await cache.config("SET", "maxmemory-policy", "volatile-lfu");
    const pipeline = cache.pipeline();
    for (let n = 0; n < 200; n += 1) pipeline.get("key:7");
    await pipeline.exec();
    cache.disconnect();
    const told = (await keys()) as { hottest: { key: string; frequency: number }[]; advice: string[] };
    expect(told.hottest[0]).toEqual({ key: "key:7", frequency: expect.any(Number) });
    expect(told.hottest[1]?.frequency).toBeLessThan(100);
    expect(told.advice.at(-1)).toMatch(/^key:7 is asked for all the time: let the program keep it/);
    const { out } = await run("database", "performance", "cache");
    expect(out).toMatch(/asked for most, 0–255: key:7 2\d\d/);
    expect(out).not.toContain("\u001b");
  });
});
