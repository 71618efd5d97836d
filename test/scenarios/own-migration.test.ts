// A deploy whose migration was forgotten, through the whole graph: found in the log, explained, approved by two people who
// have read what will be run, run, proved; and left alone or taken back where it is not what is missing.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { CRATES, senders } from "../acting/crates.ts";
import { openPostgresWorld, type PostgresWorld } from "../acting/postgres-world.ts";
import { describeWith } from "../services-available.ts";
import { openScenario, type Scenario, type SiteOptions } from "./site.ts";

const MISSING = `ERROR:  relation "crates" does not exist at character 15`;

describeWith("postgres", "a forgotten migration", () => {
  let world: PostgresWorld;
  let site: Scenario;
  beforeAll(async () => {
    world = await openPostgresWorld({ durable: true });
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(async () => {
    await world.clear();
    await site[Symbol.asyncDispose]();
  });

  async function open(files: Record<string, string>, more: Partial<SiteOptions> = {}): Promise<void> {
    await senders(world);
    site = await openScenario({
      services: () => [
        {
          name: "orders-db",
          postgres: {
            url: `postgres://medic@127.0.0.1:${world.server.port}/postgres`,
            migrations: { files: "./db/migrations/*.sql" },
          },
        },
      ],
      files: Object.fromEntries(Object.entries(files).map(([name, sql]) => [`db/migrations/${name}`, sql])),
      ...more,
    });
  }

  const says = (text: string): void =>
    site.engine.monitor.note({
      kind: "log",
      service: "orders-db",
      at: Date.now(),
      level: "error",
      text,
      source: "log",
    });

  async function run(text = MISSING, more: { dryRun?: boolean } = {}) {
    for (let count = 0; count < 4; count += 1) says(text);
    await site.sees("orders-db", "missing-object");
    return site.heal("orders-db", more);
  }

  const made = () =>
    world.rows("select relowner::regrole::text as of from pg_class where relname = 'crates'");

  /** Nothing was run, and a person is told why. */
  async function escalated(expected: RegExp, text?: string): Promise<void> {
    const ended = await run(text);
    expect(ended).toMatchObject({ outcome: "escalated" });
    const { noPlan } = await site.incident(ended?.id);
    expect(noPlan).toMatch(expected);
  }

  it("is run once two people who have read it agree, and proves itself", async () => {
    await open(
      { "0041_senders.sql": "CREATE TABLE senders (id int)", "0042_crates.sql": CRATES },
      {
        healing: { mode: "approve" },
      },
    );
    expect(await run()).toMatchObject({ status: "waiting" });
    const [asked] = await site.store.approvals.list({ status: "pending", limit: 1 });
    expect(asked).toMatchObject({ needs: 2 });
    expect(asked?.diff).toContain("ALTER TABLE senders ADD COLUMN crates int NOT NULL DEFAULT 0");
    expect(await made()).toEqual([]);
    const yes = { decision: "approve", reason: "I have read it", planHash: asked?.planHash ?? "" } as const;
    for (const by of ["ada", "bob"]) await site.store.approvals.decide(asked?.id ?? "", { ...yes, by });
    const healed = await site.heal("orders-db");
    const { plan, application } = await site.incident(healed?.id);
    expect({ outcome: healed?.outcome, steps: application?.steps }).toMatchObject({ outcome: "healed" });
    expect(plan).toMatchObject({
      title: "Run 0042_crates.sql, which makes crates",
      class: "data",
      risk: "high",
    });
    expect(await made()).toEqual([{ of: "shop" }]);
  });

  it("is taken back where the program misses it still", async () => {
    await open({ "0042.sql": "ALTER TABLE senders ADD COLUMN weight int" });
    const text = `ERROR:  column "weight" of relation "senders" does not exist`;
    const goesOn = setInterval(() => says(text), 100);
    const ended = await run(text).finally(() => clearInterval(goesOn));
    expect(ended?.outcome).not.toBe("healed");
    expect(await site.store.journal.ofRun(ended?.id ?? "")).toMatchObject([
      { action: "postgres-run-migration", state: "undone" },
    ]);
    expect(await world.rows("select * from senders where id = 1")).toEqual([{ id: 1 }]);
  });

  it("that does more than add is left to a person, with the line that does", async () => {
    await open({ "0042_crates.sql": `CREATE TABLE crates (id int);\nDELETE FROM senders` });
    await escalated(
      /a human is needed: .*0042_crates.sql would make it, but its line 2 .*takes rows away: DELETE FROM/,
    );
    expect(await world.rows("select id from senders order by id")).toEqual([{ id: 1 }, { id: 2 }]);
    expect(await made()).toEqual([]);
  });

  it("that nobody has written is told so", async () => {
    await open({ "0041_senders.sql": "CREATE TABLE senders (id int)" });
    await escalated(/none of its 1 migrations makes crates/);
  });

  it("is not what is missing where the table is in another schema", async () => {
    await open({ "0042_crates.sql": CRATES });
    await world.admin.query("create schema depot; create table depot.crates (id int)");
    await escalated(/Correct the address of the database or the search path/);
    expect(await world.rows("select from pg_class where relname = 'crates'")).toHaveLength(1);
    await world.admin.query("drop schema depot cascade");
  });

  it("is not what is missing where the program looks into another database", async () => {
    await open({ "0042_crates.sql": CRATES });
    await world.admin.query("create table crates (id int)");
    const ended = await run();
    expect(ended?.outcome).not.toBe("healed");
    expect((await site.incident(ended?.id)).plan).toBeNull();
    expect(
      await world.rows("select attname from pg_attribute where attrelid = 'crates'::regclass and attnum > 0"),
    ).toEqual([{ attname: "id" }]);
  });

  it("comes after the shape that was kept while all was well", async () => {
    await open({ "0042_crates.sql": "CREATE TABLE crates (id int)" });
    await world.admin.query("create table crates (id int, kept text); alter table crates owner to shop");
    await site.engine.knownGood.noteHealthy(site.service("orders-db"), undefined);
    await new Promise((resolve) => setTimeout(resolve, 300)); // so long it must have been well, here
    await site.engine.knownGood.noteHealthy(site.service("orders-db"), undefined);
    await world.admin.query("drop table crates");
    const ended = await run(MISSING, { dryRun: true });
    const { plan } = await site.incident(ended?.id);
    expect(plan?.actions.map((one) => one.action)).toEqual(["postgres-restore-object"]);
  });
});
