// A table that never was is made only where a playbook of the user's own says which, and what it looks like: whole, over a
// real PostgreSQL, with the playbook in opsmedic.d as a user would write it.
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { openPostgresWorld, type PostgresWorld } from "../acting/postgres-world.ts";
import { describeWith } from "../services-available.ts";
import { openScenario, type Scenario } from "./site.ts";

const PLAYBOOK = `
id: carts-missing
title: The table of carts was never made
vocabulary: [carts, does not exist]
appliesTo: [missing-object]
cause: "Nobody has made the table of carts: {carts}."
prior: 3900
checks:
  - id: database
    question: Has it to do with PostgreSQL?
    observe: near-database
    params: { engine: postgres }
    expect: { is: true }
    weight: 600
    against: 10000
  - id: carts
    question: Is it carts that is nowhere?
    observe: object-place
    params: { engine: postgres, name: carts }
    expect: { is: missing }
    weight: 4400
    against: 10000
    discriminates: [postgres-missing-object]
  - id: again
    question: Does the log name it again and again?
    observe: symptom
    params: { kinds: [missing-object] }
    expect: { some: true }
    weight: 600
fixes:
  - id: make
    title: Make carts, empty
    class: data
    risk: high
    needs: [carts]
    actions:
      - action: postgres-make-table
        params:
          table: { value: public.carts }
          role: { value: shop }
          columns:
            value:
              - { name: id, type: bigint, identity: true }
              - { name: code, type: varchar(12), notNull: true }
          primaryKey: { value: [id] }
  - id: human
    title: Make it by hand
    class: human
    risk: low
    actions: []
`;

describeWith("postgres", "a table that never was", () => {
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

  async function run(table: string) {
    site = await openScenario({
      services: () => [
        {
          name: "orders-db",
          postgres: { url: `postgres://medic@127.0.0.1:${world.server.port}/postgres` },
        },
      ],
      files: { "opsmedic.d/carts.yaml": PLAYBOOK },
    });
    for (let count = 0; count < 4; count += 1)
      site.engine.monitor.note({
        kind: "log",
        service: "orders-db",
        at: Date.now(),
        level: "error",
        text: `ERROR:  relation "${table}" does not exist at character 15`,
        source: "log",
      });
    await site.sees("orders-db", "missing-object");
    const ended = await site.heal("orders-db");
    return { outcome: ended?.outcome, incident: await site.incident(ended?.id) };
  }

  it("is made as a playbook of the user says", async () => {
    const { outcome, incident } = await run("carts");
    expect({ outcome, noPlan: incident.noPlan }).toEqual({ outcome: "healed", noPlan: null });
    expect(incident.plan).toMatchObject({ playbook: "carts-missing", class: "data", risk: "high" });
    const shop = await world.client("checkout");
    await shop.query("insert into carts (code) values ('a')");
    expect((await shop.query("select id, code from carts")).rows).toEqual([{ id: "1", code: "a" }]);
  });

  it("is not made where another one is missed, nor by any playbook that ships", async () => {
    const { outcome, incident } = await run("wishes");
    expect(outcome).toBe("escalated");
    expect(incident.noPlan).toContain("Run the migrations of the service");
    expect(await world.rows("select from pg_class where relname = 'wishes'")).toEqual([]);
    const planned = shippedPlaybooks.flatMap((one) => one.fixes.flatMap((fix) => fix.actions));
    expect(planned.map((one) => one.action)).not.toContain("postgres-make-table");
  });
});
