// A PostgreSQL that has come far towards its last transaction id: what holds its old rows is named first; when that is
// gone, they are frozen through the whole graph.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { makePostgresInspector } from "../../tools/postgres-inspector.ts";
import { inDatabase, type PostgresServer } from "../../lab/postgres-server.ts";
import { openPostgresWorld, type PostgresWorld } from "../acting/postgres-world.ts";
import { wallClock } from "../observation/service.ts";
import { describeWith } from "../services-available.ts";
import { healedBy } from "../databases/healed.ts";
import { openScenario, type Scenario } from "./site.ts";

/** Nearly half of what there is. */
const FAR = 954 * 2 ** 20;

describeWith("postgres", "transaction ids of PostgreSQL", () => {
  let world: PostgresWorld;
  let site: Scenario;
  beforeAll(async () => {
    world = await openPostgresWorld({
      durable: true,
      settings: ["wal_level=logical", "autovacuum_freeze_max_age=2000000000", "autovacuum_naptime=1h"],
      prepare: async (server) => {
        await inDatabase(
          server.url("postgres"),
          "create table old_rows as select g as id from generate_series(1, 1000) g",
        );
        await inDatabase(
          server.url("postgres"),
          "select pg_create_logical_replication_slot('forgotten', 'test_decoding')",
        );
        await server.jumpTo(FAR);
      },
    });
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(() => site[Symbol.asyncDispose]());

  async function open(role: string): Promise<void> {
    site = await openScenario({
      services: () => [
        {
          name: "orders-db",
          postgres: { url: `postgres://${role}@127.0.0.1:${world.server.port}/postgres` },
        },
      ],
    });
  }

  const share = async (): Promise<number> => {
    const [row] = await world.rows(
      "select max(age(datfrozenxid))::float8 / 2147483648 as share from pg_database",
    );
    return Number(row?.["share"]);
  };

  it("names the replication slot that keeps old rows from being frozen, and vacuums nothing in vain", async () => {
    await open("postgres");
    await site.sees("orders-db", "transaction-ids");
    const run = await site.heal("orders-db");
    const incident = await site.incident(run?.id);
    expect(run?.outcome).toBe("escalated");
    expect(incident.diagnosis?.hypotheses[0]).toMatchObject({ playbook: "postgres-freeze-held-back" });
    expect(incident.noPlan).toContain("pg_drop_replication_slot");
    expect(incident.noPlan).toContain("forgotten (inactive)");
    expect(await share()).toBeGreaterThan(0.4);
  });

  it("leaves it to a human where the role may not vacuum what is old", async () => {
    await world.rows("select pg_drop_replication_slot('forgotten')");
    await freezeTemplates(world.server);
    await open("medic");
    await site.sees("orders-db", "transaction-ids");
    const incident = await site.incident((await site.heal("orders-db"))?.id);
    expect(incident.diagnosis?.hypotheses[0]).toMatchObject({ playbook: "postgres-transaction-ids" });
    expect(incident.noPlan).toContain("its role may not vacuum pg_catalog.");
    expect(await share()).toBeGreaterThan(0.4);
  });

  it("freezes what is old, so that the server is far from its last transaction again", async () => {
    await open("postgres");
    await site.sees("orders-db", "transaction-ids");
    await healedBy(site, "orders-db", { playbook: "postgres-transaction-ids", action: "postgres-freeze" });
    expect(await share()).toBeLessThan(0.01);
    expect(await world.rows("select count(*)::int as n, sum(id)::int as ids from old_rows")).toEqual([
      { n: 1_000, ids: 500_500 },
    ]);
    const inspector = makePostgresInspector(world.server.url("postgres"), wallClock);
    expect((await inspector.look())?.numbers["transaction-id-share"]).toBeLessThan(0.01);
    inspector.close();
  });
});

/** Nobody connects to them: autovacuum does that one day, which does not come in a test. */
async function freezeTemplates(server: PostgresServer): Promise<void> {
  await inDatabase(server.url("postgres"), "alter database template0 allow_connections true");
  for (const name of ["template0", "template1"]) await inDatabase(server.url(name), "vacuum (freeze)");
  await inDatabase(server.url("postgres"), "alter database template0 allow_connections false");
}
