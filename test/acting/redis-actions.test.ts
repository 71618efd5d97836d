// Actions on a real Redis: the contract of all actions, and what each of them must never do.
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Redis } from "ioredis";
import type { JsonObject } from "../../domain/json.ts";
import type { RedisDatabase } from "../../domain/service.ts";
import { redisActions } from "../../tools/actions/redis/all.ts";
import { actionNames } from "../../tools/actions/catalogue.ts";
import { makeRedisInspector } from "../../tools/redis-inspector.ts";
import { clientsOf, OWN_NAME } from "../../tools/redis-clients.ts";
import { actionContract } from "../contract/action.contract.ts";
import type { RunningServer } from "../observation/servers.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import {
  namedClients,
  redisClient,
  redisContext,
  redisScenes,
  runOf,
  settingsOf,
  sharedRedis,
  slowReader,
  stopSharedRedis,
} from "./redis-scenes.ts";

const MB = 1024 * 1024;

function actionNamed(name: string) {
  const action = redisActions.find((one) => one.name === name);
  if (action === undefined) throw new Error(`no action ${name}`);
  return action;
}

describeWith("redis", "actions on Redis", () => {
  afterAll(stopSharedRedis);

  for (const [name, open] of Object.entries(redisScenes)) actionContract(name, open);

  it("a server that was started since has nothing to give back to the machine", async () => {
    const { capture, apply, verify } = actionNamed("redis-purge-memory");
    const context = redisContext((await sharedRedis()).port);
    const { state } = await capture({}, context);
    const elsewhen = { state: { ...(state as object), run: "0".repeat(40), purges: 7 }, files: [] };
    expect(await verify({}, elsewhen, context)).toMatchObject({ ok: true });
    expect(await apply({}, elsewhen, context)).toContain("started anew");
  });

  describe("redis-set-config", () => {
    const action = actionNamed("redis-set-config");
    let redis: Redis;
    let port: number;
    beforeEach(async () => {
      ({ port } = await sharedRedis());
      redis = redisClient(port);
    });
    afterEach(async () => {
      await redis.config("SET", "maxmemory", String(64 * MB));
      await redis.config("SET", "maxmemory-policy", "noeviction");
      redis.disconnect();
    });

    const captured = (params: JsonObject, allowed?: Partial<RedisDatabase>) =>
      action.capture(params, redisContext(port, allowed)).then(
        () => "ok",
        (error: { code: string }) => error.code,
      );

    it.each([
      ["dir", { setting: "dir", from: "a", to: "b" }, "action-params"],
      ["save", { setting: "save", from: "3600 1", to: "0" }, "action-params"],
      ["what it refuses", { setting: "stop-writes-on-bgsave-error", from: "yes", to: "no" }, "action-params"],
      ["a line of its own", { setting: "timeout", from: "0", to: "300\r\nFLUSHALL" }, "action-params"],
      ["more than doubles", { setting: "maxmemory", from: "67108864", to: "200000000" }, "limit-exceeded"],
      ["less memory", { setting: "maxmemory", from: "67108864", to: "60000000" }, "limit-exceeded"],
      [
        "another policy",
        { setting: "maxmemory-policy", from: "noeviction", to: "allkeys-random" },
        "limit-exceeded",
      ],
      ["a value of long ago", { setting: "maxmemory", from: "1000000", to: "1500000" }, "stale-plan"],
      [
        "a tiny buffer",
        { setting: "client-output-buffer-limit normal", from: "0 0 0", to: "1 1 60" },
        "limit-exceeded",
      ],
      ["a short timeout", { setting: "timeout", from: "0", to: "5" }, "limit-exceeded"],
    ])("never sets %s", async (_what, params, code) => {
      const before = await settingsOf(redis);
      expect(await captured(params, { maxMemoryBytes: 1_000 * MB, whenFull: "allkeys-lru" })).toBe(code);
      expect(await settingsOf(redis)).toEqual(before);
    });

    it("needs the owner's word for more memory and for evicting", async () => {
      const more = { setting: "maxmemory", from: String(64 * MB), to: String(96 * MB) };
      expect(await captured(more)).toBe("limit-exceeded");
      expect(await captured(more, { maxMemoryBytes: 80 * MB })).toBe("limit-exceeded");
      expect(await captured(more, { maxMemoryBytes: 96 * MB })).toBe("ok");
      const evict = { setting: "maxmemory-policy", from: "noeviction", to: "allkeys-lru" };
      expect(await captured(evict)).toBe("limit-exceeded");
      expect(await captured(evict, { whenFull: "allkeys-lru" })).toBe("ok");
    });

    it("bounds the buffers of one kind of clients, and gives the limits back as they were", async () => {
      const before = await redis.config("GET", "client-output-buffer-limit");
      const params = {
        setting: "client-output-buffer-limit normal",
        from: "0 0 0",
        to: `${64 * MB} ${32 * MB} 60`,
      };
      const context = redisContext(port);
      const kept = await action.capture(params, context);
      await action.apply(params, kept, context);
      expect(String(await redis.config("GET", "client-output-buffer-limit"))).toContain(
        `normal ${64 * MB} ${32 * MB} 60 slave 268435456 67108864 60 pubsub 33554432 8388608 60`,
      );
      await action.undo(params, kept, context);
      expect(await redis.config("GET", "client-output-buffer-limit")).toEqual(before);
    });

    it("leaves a value alone that somebody else set meanwhile", async () => {
      const params = { setting: "maxmemory", from: String(64 * MB), to: String(96 * MB) };
      const context = redisContext(port, { maxMemoryBytes: 96 * MB });
      const kept = await action.capture(params, context);
      await action.apply(params, kept, context);
      await redis.config("SET", "maxmemory", "70000000");
      await expect(action.undo(params, kept, context)).rejects.toMatchObject({ code: "undo-conflict" });
      expect(await redis.config("GET", "maxmemory")).toEqual(["maxmemory", "70000000"]);
    });

    it("says which right is missing", async () => {
      await redis.call("ACL", "SETUSER", "poor", "on", ">p", "~*", "+@all", "-config|set");
      const context = redisContext(port, { maxMemoryBytes: 96 * MB });
      const database = {
        ...context.service.database,
        url: `redis://poor:p@127.0.0.1:${port}`,
      } as RedisDatabase;
      const poor = { ...context, service: { ...context.service, database } };
      const params = { setting: "maxmemory", from: String(64 * MB), to: String(96 * MB) };
      const kept = await action.capture(params, poor);
      await expect(action.apply(params, kept, poor)).rejects.toMatchObject({ code: "database-refused" });
      const inspector = makeRedisInspector(database.url);
      expect(await inspector.missingRights()).toEqual([
        { what: expect.stringMatching(/^CONFIG SET is refused/), grant: "ACL SETUSER poor +config|set ~*" },
      ]);
      const rights = await inspector.repairRights();
      expect(rights.filter((one) => !one.given).map((one) => one.repairs)).toEqual([["redis-set-config"]]);
      expect(rights.flatMap((one) => one.repairs).sort()).toEqual(
        actionNames.filter((one) => one.startsWith("redis-")).sort(),
      );
      inspector.close();
      await redis.call("ACL", "DELUSER", "poor");
    });
  });

  describe("redis-end-clients", () => {
    const action = actionNamed("redis-end-clients");
    let redis: Redis;
    let server: RunningServer;
    let clients: Redis[] = [];
    beforeEach(async () => {
      server = await sharedRedis();
      redis = redisClient(server.port);
    });
    afterEach(() => {
      for (const one of [...clients, redis]) one.disconnect();
      clients = [];
    });

    async function open(name: string): Promise<Redis> {
      const made = redisClient(server.port, name);
      clients.push(made);
      await made.ping();
      return made;
    }
    const there = async () => clientsOf(await redis.client("LIST")).map((one) => one.name);
    const idleFor = (name: string, ms: number) =>
      untilTrue(`${name} is idle`, async () =>
        clientsOf(await redis.client("LIST")).some((one) => one.name === name && one.idleMs >= ms),
      );

    it("ends only what it was told, is the same, is idle still, and is not protected", async () => {
      for (const name of ["leak", "worker", "kept", "waiter", "radio", "stranger"]) await open(name);
      const [, worker, , waiter, radio] = clients;
      void waiter?.blpop("jobs", 0).catch(() => undefined);
      await radio?.subscribe("news");
      await idleFor("leak", 1_000);
      await worker?.ping();
      const named = (
        await Promise.all(
          ["leak", "worker", "kept", "waiter", "radio"].map((name) => namedClients(redis, name)),
        )
      ).flat();
      const [stranger] = (await namedClients(redis, "stranger")) as JsonObject[];
      const params = {
        server: await runOf(redis),
        // Its number belongs to somebody else by now, as its address tells.
        clients: [...named, { ...stranger, address: "127.0.0.1:1" }],
        because: { idleMs: 1_000 },
      };
      const context = redisContext(server.port, { protectClients: ["kept"] });
      const kept = await action.capture(params, context);
      expect(await action.apply(params, kept, context)).toMatch(/^Ended 1 clients; 5 were gone or at work/);
      expect(await action.verify(params, kept, context)).toMatchObject({ ok: true });
      expect((await there()).filter((one) => one !== "" && one !== OWN_NAME).sort()).toEqual([
        "kept",
        "radio",
        "stranger",
        "waiter",
        "worker",
      ]);
    });

    it("ends nobody on another server, whatever their numbers", async () => {
      await open("leak");
      await idleFor("leak", 1_000);
      const params = {
        server: "0".repeat(40),
        clients: await namedClients(redis, "leak"),
        because: { idleMs: 1_000 },
      };
      await expect(action.capture(params, redisContext(server.port))).rejects.toMatchObject({
        code: "stale-plan",
      });
      expect(await there()).toContain("leak");
    });

    it("ends a subscriber that does not read only where the owner names it", async () => {
      clients.push(await slowReader(redis, server.port, "feed"));
      const id = (await namedClients(redis, "feed")) as JsonObject[];
      const params = { server: await runOf(redis), clients: id, because: { outputBytes: MB } };
      const protectedBy = { protectClients: ["feed"] };
      await expect(action.capture(params, redisContext(server.port, protectedBy))).rejects.toMatchObject({
        code: "stale-plan",
      });
      const context = redisContext(server.port);
      await action.apply(params, await action.capture(params, context), context);
      expect(await there()).not.toContain("feed");
    });
  });
});
