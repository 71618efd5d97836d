// An index that opsmedic made is judged by what the server counts afterwards: what does not pay is dropped again, through
// the whole graph; what pays, what a person made or altered, and what nobody counts stays.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { EngineParts } from "../../api/engine-parts.ts";
import { describeWith } from "../services-available.ts";
import { type IndexSite, openMysqlIndexSite, openPostgresIndexSite } from "./own-index-sites.ts";
import { openScenario, type Scenario } from "./site.ts";

const AT_ONCE = { lookEveryMs: 0, judgeAfterMs: 0, unusedForMs: 3_600_000 };
const UNUSED_AT_ONCE = { ...AT_ONCE, judgeAfterMs: 3_600_000, unusedForMs: 0 };

let server: IndexSite;
let site: Scenario;

const open = async (
  indexTimes: EngineParts["indexTimes"],
  { folder }: { folder?: string } = {},
): Promise<void> => {
  site = await openScenario({
    services: () => [{ name: "orders-db", ...server.service }],
    thresholds: { queryTime: "2ms" },
    healing: { validate: { for: "500ms" }, breaker: { cooldown: "0s" } },
    indexTimes,
    store: "folder",
    ...(folder !== undefined && { folder }),
  });
};

/** The statement is slow, and the index is made that it seems to miss. */
async function made(statement: string): Promise<void> {
  await server.makeOrders();
  await slow(() => server.ask(2, statement));
  expect(await actionOfRun()).toEqual(["healed", server.actions.create]);
}

/** Statements are counted from here on, as they are once a minute. */
async function slow(asking: () => Promise<void>): Promise<void> {
  const { database } = site.service("orders-db");
  const inspector = database && (await site.databases.of(database));
  if (inspector !== undefined && inspector.engine !== "redis") await inspector.readAnew();
  await asking();
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

function isJudged(openSite: () => Promise<IndexSite>): void {
  beforeAll(async () => {
    server = await openSite();
  });
  afterAll(() => server.close());
  afterEach(async () => {
    await server.clear();
    await site[Symbol.asyncDispose]();
  });

  it("keeps one by which statements became quicker", async () => {
    await open(AT_ONCE);
    const { byCustomer } = server.statements;
    await made(byCustomer);
    expect(await found()).toEqual([]); // from here on is counted
    await server.ask(10, byCustomer);
    expect(await found()).toEqual([]);
    expect(await server.indexes()).toEqual(expect.arrayContaining(["by_hand", server.index]));
    const kept = await site.store.settings.get(`own-index:orders-db:${server.index}`);
    expect(kept).toMatchObject({ progress: { reads: { calls: 100 } } });
    const { progress } = kept as { progress: { scans: number } };
    expect(progress.scans).toBeGreaterThanOrEqual(100);
  });

  it("drops one again by which they did not, and does not make it once more", async () => {
    await open(AT_ONCE);
    const { sleeping } = server.statements;
    await made(sleeping);
    expect(await found()).toEqual([]);
    await server.ask(6, sleeping);
    expect(await found()).toEqual([expect.stringMatching(/opsmedic_orders.*statements took \d+ ms before/)]);
    expect(await actionOfRun()).toEqual(["healed", server.actions.drop]);
    expect(await server.indexes()).toHaveLength(2);

    await slow(() => server.ask(2, sleeping));
    expect((await actionOfRun())[0]).not.toBe("healed");
    expect(await server.indexes()).toHaveLength(2);
  });

  it("drops one that nobody uses, also after a restart; what a person made or altered stays", async () => {
    await open(UNUSED_AT_ONCE);
    await made(server.statements.byCustomer);
    expect(await found()).toEqual([]);
    await site.leave();
    await open(UNUSED_AT_ONCE, { folder: site.folder });
    for (const { what, sql, back } of server.changes) {
      await server.run(...sql);
      expect([what, ...(await found())]).toEqual([what]);
      await server.run(...back);
    }
    await server.ask(1, server.statements.byNote);
    expect(await found()).toEqual([expect.stringContaining("no statement has used it")]);
    expect(await actionOfRun()).toEqual(["healed", server.actions.drop]);
    expect(await server.indexes()).not.toContain(server.index);
    expect(await server.indexes()).toContain("by_hand");
  });
}

describeWith("postgres", "indexes that opsmedic made in PostgreSQL", () => {
  isJudged(openPostgresIndexSite);

  it("drops one again that makes writes so slow that it costs more than it saves", async () => {
    await open(AT_ONCE);
    const reads = server.statements.byCustomer;
    const writes = "insert into orders (customer, note) values ($1, 'new')";
    await server.makeOrders();
    await server.run(...dearUpkeep(server.index));
    await slow(async () => {
      await server.ask(1, reads);
      await server.ask(4, writes);
    });
    expect(await actionOfRun()).toEqual(["healed", server.actions.create]);
    expect(await found()).toEqual([]);
    await server.ask(6, reads);
    await server.ask(60, writes);
    expect(await found()).toEqual([
      expect.stringMatching(/writes took .* in all it cost them \d+ ms and saved/),
    ]);
    expect(await actionOfRun()).toEqual(["healed", server.actions.drop]);
    expect(await server.indexes()).not.toContain(server.index);
  });
});

/** Stands for upkeep that is as dear as it can be: while the index is there, each new row waits for 50 ms. */
const dearUpkeep = (index: string): string[] => [
  `create function upkeep() returns trigger language plpgsql as
    $$ begin if to_regclass('public.${index}') is not null then perform pg_sleep(0.05); end if; return new; end $$`,
  "create trigger upkeep before insert on orders for each row execute function upkeep()",
];

const countsHandlers = (answer: "YES" | "NO"): Promise<unknown> =>
  server.run(
    `update performance_schema.setup_instruments set enabled = '${answer}' where name = 'wait/io/table/sql/handler'`,
  );

describeWith("mariadb", "indexes that opsmedic made in MariaDB", () => {
  isJudged(openMysqlIndexSite);

  it("drops nothing whose uses nobody counts; once userstat does, what nobody uses", async () => {
    await open(UNUSED_AT_ONCE);
    await made(server.statements.byCustomer);
    await countsHandlers("NO");
    for (let look = 0; look < 2; look += 1) {
      expect(await found()).toEqual([]);
      await server.ask(1, server.statements.byNote);
    }
    expect(await found()).toEqual([]);
    await server.run("set global userstat = 1");
    expect(await found()).toEqual([]); // from here on is counted
    await server.ask(1, server.statements.byNote);
    expect(await found()).toEqual([expect.stringContaining("no statement has used it")]);
    await server.ask(1, server.statements.byCustomer);
    expect(await found()).toEqual([]);
    await server.run("set global userstat = 0");
    await countsHandlers("YES");
  });

  it("takes a table of the same name in another database for another one", async () => {
    await open(AT_ONCE);
    await server.run("create table archive.orders (id int primary key, customer int)");
    await server.makeOrders();
    await slow(async () => {
      await server.ask(2, server.statements.byCustomer);
      await server.ask(1, "select * from archive.orders where customer = ?");
      await server.ask(1, "insert into orders (customer, note) values (?, 'new')");
    });
    expect(await actionOfRun()).toEqual(["healed", server.actions.create]);
    expect(await found()).toEqual([]);
    const kept = await site.store.settings.get(`own-index:orders-db:${server.index}`);
    const { baseline } = kept as { baseline: { reads: { calls: number }[]; writes: { rows: number }[] } };
    expect(baseline.reads.map((one) => one.calls)).toEqual([20]);
    expect(baseline.writes.map((one) => one.rows)).toEqual([10]);
    await server.run("drop table archive.orders");
  });
});
