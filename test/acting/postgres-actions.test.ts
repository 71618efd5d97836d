// The repairs of PostgreSQL on a real server: each keeps the contract, and leaves what it must leave.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { needPostgres } from "../../tools/actions/postgres/connection.ts";
import { keptConnection } from "../../tools/actions/postgres/end-sessions.ts";
import { leakedBy } from "../../tools/actions/postgres/unused-sessions.ts";
import { actionContract } from "../contract/action.contract.ts";
import { describeWith } from "../services-available.ts";
import { keptNothing } from "./kept-nothing.ts";
import { postgresScenes } from "./postgres-scenes.ts";
import { openPostgresWorld, type PostgresWorld } from "./postgres-world.ts";

describeWith("postgres", "repairs of PostgreSQL", () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openPostgresWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(() => world.clear());

  for (const [name, open] of Object.entries(postgresScenes)) actionContract(name, () => open(world));

  const names = async (): Promise<unknown[]> =>
    (
      await world.rows(
        "select application_name as name from pg_stat_activity where usename in ('shop', 'keeper') and backend_type = 'client backend' order by 1",
      )
    ).map((one) => one["name"]);

  describe("ending sessions", () => {
    it("leaves the young, the protected, a superuser, and whoever idles outside a transaction while there is room", async () => {
      const { capture } = action("postgres-end-sessions");
      const none = { code: "stale-plan" };
      await (await world.client("pool")).query("begin");
      await expect(capture(of("pool"), world.context())).rejects.toMatchObject(none); // five seconds, unless told
      await (await world.client("kept", "keeper")).query("begin");
      const quick = world.context("medic", { terminateIdleInTransactionAfterMs: 1 });
      await expect(capture(of("kept", "keeper"), quick)).rejects.toMatchObject(none);
      await (await world.client("idle")).query("select 1");
      await expect(capture(of("idle"), quick)).rejects.toMatchObject(none);
      await (await world.client("boss", "postgres")).query("begin");
      await expect(capture(of("boss", "postgres"), quick)).rejects.toMatchObject(none);
    });

    it("ends only so many idle ones as are too many, and neither listeners nor leaders", async () => {
      const context = world.context();
      const leak = { role: "shop", client: "pool", address: "127.0.0.1" };
      await (await world.client("pool")).query("listen jobs");
      await (await world.client("pool")).query("select pg_advisory_lock(1)");
      for (let count = 0; count < 50; count += 1) await (await world.client("pool")).query("select 1");
      const others = (
        await world.rows(
          "select from pg_stat_activity where backend_type = 'client backend' and usename <> 'shop'",
        )
      ).length;
      const database = needPostgres(context);
      const found = await leakedBy(keptConnection(context), leak, database, { parkedMs: 0, idleMs: 0 });
      expect(found).toHaveLength(52 + others - Math.floor(57 * 0.7)); // three places of sixty are the superuser's
      const own = await world.rows(
        "select pid from pg_stat_activity where query like 'listen%' or query like '%advisory%'",
      );
      expect(found.filter((one) => own.some(({ pid }) => pid === one.pid))).toEqual([]);
    });

    it("gets into a server that has no place left, over the connection that it kept", async () => {
      const { capture, apply, verify } = action("postgres-end-sessions");
      const context = world.context("medic", { terminateIdleInTransactionAfterMs: 1 });
      await expect(capture(of("leak"), context)).rejects.toMatchObject({ code: "stale-plan" });
      const leaked = await fill(world, "leak");
      expect(leaked).toBeGreaterThan(50);
      await expect(world.client("another")).rejects.toThrow(/connection slots|too many clients/);
      const captured = await capture(of("leak"), context);
      expect(await apply(of("leak"), captured, context)).toContain(`ended ${leaked} unused sessions of leak`);
      await expect.poll(async () => (await verify(of("leak"), captured, context)).ok).toBe(true);
      await (await world.client("another")).query("select 1");
    });

    it("does not end a session that began to work, nor another one with its number", async () => {
      const { capture, apply } = action("postgres-end-sessions");
      const context = world.context("medic", { terminateIdleInTransactionAfterMs: 1 });
      const busy = await world.client("checkout");
      await busy.query("begin");
      const captured = await capture(of("checkout"), context);
      const work = busy.query("select pg_sleep(60)").catch(() => undefined);
      await expect.poll(async () => apply(of("checkout"), captured, context)).toContain("ended 0 unused");
      expect(await names()).toEqual(["checkout"]);
      await world.clear();
      await work;

      const later = await world.client("checkout");
      await later.query("begin");
      const now = await capture(of("checkout"), context);
      const [one] = (now.state as { sessions: { startedAt: number }[] }).sessions;
      const reused = { ...now, state: { sessions: [{ ...one, startedAt: (one?.startedAt ?? 0) - 5_000 }] } };
      expect(await apply(of("checkout"), reused, context)).toContain("ended 0 unused");
      expect(await names()).toEqual(["checkout"]);
    });

    it("says which right is missing", async () => {
      await (await world.client("checkout")).query("begin");
      await world.admin.query("create role watcher login in role pg_monitor");
      const context = world.context("watcher", { terminateIdleInTransactionAfterMs: 1 });
      const { capture, apply } = action("postgres-end-sessions");
      const captured = await capture(of("checkout"), context);
      await expect(apply(of("checkout"), captured, context)).rejects.toMatchObject({
        code: "database-refused",
      });
      expect(await names()).toEqual(["checkout"]);
    });
  });
});

/** Takes every place that ordinary roles have; how many. */
async function fill(world: PostgresWorld, name: string): Promise<number> {
  for (let count = 0; ; count += 1) {
    const client = await world.client(name).catch(() => undefined);
    if (client === undefined) return count;
    await client.query("begin");
  }
}

function action(name: string) {
  const found = makeActions({ fileHistory: keptNothing }).get(name);
  if (found === undefined) throw new Error(`no action ${name}`);
  return found;
}

function of(client: string, role = "shop") {
  return { role, client, address: "127.0.0.1" };
}
