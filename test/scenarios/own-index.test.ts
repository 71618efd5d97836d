// An index that opsmedic made is judged by what the server counts afterwards: what does not pay is dropped again, through
// the whole graph; what pays, what a person made and what a person altered stays.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { EngineParts } from "../../api/engine-parts.ts";
import { indexName } from "../../tools/actions/postgres/own-index.ts";
import { orders } from "../acting/postgres-scenes.ts";
import { openPostgresWorld, type PostgresWorld } from "../acting/postgres-world.ts";
import { describeWith } from "../services-available.ts";
import { openScenario, type Scenario } from "./site.ts";

const own = indexName({ table: "public.orders", column: "customer" });
const AT_ONCE = { lookEveryMs: 0, judgeAfterMs: 0, unusedForMs: 3_600_000 };

describeWith("postgres", "indexes that opsmedic made", () => {
  let world: PostgresWorld;
  let site: Scenario;
  beforeAll(async () => {
    world = await openPostgresWorld({
      durable: true,
      settings: ["shared_preload_libraries=pg_stat_statements"],
    });
    await world.admin.query("create extension pg_stat_statements");
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(async () => {
    await world.clear();
    await site[Symbol.asyncDispose]();
  });

  const open = (indexTimes: EngineParts["indexTimes"], folder?: string): Promise<Scenario> =>
    openScenario({
      services: () => [
        { name: "orders-db", postgres: { url: `postgres://medic@127.0.0.1:${world.server.port}/postgres` } },
      ],
      thresholds: { queryTime: "2ms" },
      healing: { validate: { for: "500ms" }, breaker: { cooldown: "0s" } },
      indexTimes,
      store: "folder",
      ...(folder !== undefined && { folder }),
    });

  /** Some clients at once; each tells at its end what it counted. */
  async function ask(times: number, sql: string): Promise<void> {
    const one = async (): Promise<void> => {
      const shop = await world.client("checkout");
      for (let count = 0; count < times; count += 1) await shop.query(sql, [count]);
      await shop.end();
    };
    await Promise.all(Array.from({ length: 10 }, one));
  }

  /** The statement is slow, and the index is made that it seems to miss. */
  async function made(statement: string): Promise<void> {
    await orders(world, 100_000, "create index by_hand on orders (note)", "analyze orders");
    await world.admin.query("select pg_stat_statements_reset()");
    await slowAgain(statement);
    expect(await actionOfRun()).toEqual(["healed", "postgres-create-index"]);
  }

  async function slowAgain(statement: string): Promise<void> {
    const { database } = site.service("orders-db");
    const inspector = database && (await site.databases.of(database));
    if (inspector?.engine === "postgres") await inspector.readAnew();
    await ask(2, statement);
    await site.sees("orders-db", "slow-queries");
  }

  async function actionOfRun(): Promise<unknown[]> {
    const run = await site.heal("orders-db");
    const incident = await site.incident(run?.id);
    return [run?.outcome, incident.plan?.actions[0]?.action ?? incident.noPlan];
  }

  const found = async (): Promise<unknown[]> =>
    (await site.look("orders-db")).findings
      .filter((one) => one.kind === "useless-index")
      .map((one) => one.summary);
  const indexes = async (): Promise<unknown[]> =>
    (
      await world.rows("select indexrelname from pg_stat_user_indexes where relname = 'orders' order by 1")
    ).map((one) => one["indexrelname"]);

  it("keeps one by which statements became quicker", async () => {
    site = await open(AT_ONCE);
    const statement = "select * from orders where customer = $1";
    await made(statement);
    expect(await found()).toEqual([]); // from here on is counted
    await ask(10, statement);
    expect(await found()).toEqual([]);
    expect(await indexes()).toEqual(["by_hand", own, "orders_pkey"]);
    const kept = await site.store.settings.get(`own-index:orders-db:${own}`);
    expect(kept).toMatchObject({ progress: { scans: 100, reads: { calls: 100 } } });
  });

  it("drops one again by which they did not, and does not make it once more", async () => {
    site = await open(AT_ONCE);
    const statement = "select count(*), pg_sleep(0.2) from orders where customer = $1";
    await made(statement);
    expect(await found()).toEqual([]);
    await ask(6, statement);
    expect(await found()).toEqual([expect.stringMatching(/opsmedic_orders.*statements took \d+ ms before/)]);
    expect(await actionOfRun()).toEqual(["healed", "postgres-drop-index"]);
    expect(await indexes()).toEqual(["by_hand", "orders_pkey"]);

    await slowAgain(statement);
    expect((await actionOfRun())[0]).not.toBe("healed");
    expect(await indexes()).toEqual(["by_hand", "orders_pkey"]);
  });

  it("drops one that nobody uses, also after a restart; what a person made or altered stays", async () => {
    const times = { ...AT_ONCE, judgeAfterMs: 3_600_000, unusedForMs: 0 };
    site = await open(times);
    await made("select * from orders where customer = $1");
    expect(await found()).toEqual([]);
    await site.leave();
    const { folder } = site;
    site = await open(times, folder);
    await ask(1, "select count(*) from orders where note like $1::int::text || 'x'");
    await world.admin.query(`alter index ${own} set (fillfactor = 70)`);
    expect(await found()).toEqual([]);
    await world.admin.query(
      `alter index ${own} reset (fillfactor); comment on index ${own} is 'for the audit'`,
    );
    expect(await found()).toEqual([]);
    await world.admin.query(`comment on index ${own} is null`);
    expect(await found()).toEqual([expect.stringContaining("no statement has used it")]);
    expect(await actionOfRun()).toEqual(["healed", "postgres-drop-index"]);
    expect(await indexes()).toEqual(["by_hand", "orders_pkey"]);
  });
});
