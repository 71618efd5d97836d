// What a repair of Redis meets at its edges: no place for a connection, no right, a save that fails again, a script that
// has written.
import { readFileSync } from "node:fs";
import type { Redis } from "ioredis";
import { afterAll, expect, it } from "vitest";
import { redisActions } from "../../tools/actions/redis/all.ts";
import { makeRedisInspector } from "../../tools/redis-inspector.ts";
import { makeRedisReader } from "../../tools/redis-reader.ts";
import { startRedis } from "../observation/servers.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { failSnapshot, redisClient, redisContext, sharedRedis, stopSharedRedis } from "./redis-scenes.ts";

function actionNamed(name: string) {
  const action = redisActions.find((one) => one.name === name);
  if (action === undefined) throw new Error(`no action ${name}`);
  return action;
}

describeWith("redis", "repairs of Redis at their edges", () => {
  afterAll(stopSharedRedis);

  it("needs no more rights than docs/how-to/let-it-repair-mysql-and-redis.md tells", async () => {
    const { port } = await sharedRedis();
    const redis = redisClient(port);
    const page = readFileSync(
      new URL("../../docs/how-to/let-it-repair-mysql-and-redis.md", import.meta.url),
      "utf8",
    );
    const told = /The user of the address:[^]*?\n\n/.exec(page)?.[0].match(/\+[a-z]+(?:\|[a-z]+)?/g) ?? [];
    await redis.call("ACL", "SETUSER", "told", "on", ">p", "~*", ...told);
    const inspector = makeRedisInspector(`redis://told:p@127.0.0.1:${port}`);
    expect([told.length, await inspector.missingRights()]).toEqual([19, []]);
    inspector.close();
    await redis.call("ACL", "DELUSER", "told");
    redis.disconnect();
  });

  it("promises no repair of which it cannot know whether it is allowed", async () => {
    const { port } = await sharedRedis();
    const redis = redisClient(port);
    await redis.call("ACL", "SETUSER", "looks", "on", ">p", "~*", "+info", "+ping");
    const inspector = makeRedisInspector(`redis://looks:p@127.0.0.1:${port}`);
    expect((await inspector.repairRights()).filter((one) => one.given)).toEqual([]);
    expect((await inspector.missingRights())[0]?.grant).toMatch(/^ACL SETUSER looks .*\+acl\|dryrun/);
    inspector.close();
    await redis.call("ACL", "DELUSER", "looks");
    redis.disconnect();
  });

  it("says which command was renamed away, and promises no repair by it", async () => {
    const server = await startRedis("--rename-command", "CONFIG", "");
    const inspector = makeRedisInspector(`redis://127.0.0.1:${server.port}`);
    try {
      expect((await inspector.missingRights())[0]?.what).toMatch(/^CONFIG GET is not known to it/);
      const not = (await inspector.repairRights()).filter((one) => !one.given);
      expect(not.flatMap((one) => one.repairs)).toEqual(["redis-set-config"]);
    } finally {
      inspector.close();
      await server.stop();
    }
  });

  it("borrows the reader's connection where a full server has no other place", async () => {
    const server = await startRedis("--maxclients", "3");
    const url = `redis://127.0.0.1:${server.port}`;
    const reader = makeRedisReader(url);
    let clients: Redis[] = [];
    try {
      await untilTrue("the reader has its place", () =>
        reader.ask("DBSIZE").then(
          () => true,
          () => false,
        ),
      );
      clients = [redisClient(server.port, "a"), redisClient(server.port, "b")];
      await Promise.all(clients.map((one) => one.ping()));
      const action = actionNamed("redis-set-config");
      const params = { setting: "maxclients", from: "3", to: "5" };
      const context = redisContext(server.port);
      await action.apply(params, await action.capture(params, context), context);
      expect(await action.verify(params, await action.capture(params, context), context)).toMatchObject({
        ok: true,
      });
      await expect(reader.ask("DBSIZE")).resolves.toBe(0); // it still has it
    } finally {
      for (const one of clients) one.disconnect();
      reader.close();
      await server.stop();
    }
  });

  it("says of a limit that was taken back whether it holds more than that by now", async () => {
    const { port } = await sharedRedis();
    const redis = redisClient(port);
    const [, was = ""] = await redis.config("GET", "maxmemory");
    const from = String(4 * 1024 * 1024);
    await redis.config("SET", "maxmemory", from);
    const action = actionNamed("redis-set-config");
    const params = { setting: "maxmemory", from, to: String(8 * 1024 * 1024) };
    const context = redisContext(port, { maxMemoryBytes: 8 * 1024 * 1024 });
    const captured = await action.capture(params, context);
    await action.apply(params, captured, context);
    for (let n = 0; n < 5; n += 1) await redis.set(`big:${n}`, "x".repeat(700 * 1024));
    expect(await action.undo(params, captured, context)).toMatch(
      /back to 4194304\. It holds more than that now, \d\.\d MB of 4\.0 MB: .* it refuses writes/,
    );
    expect((await action.verifyUndo(params, captured, context)).text).toContain("holds more than that");
    await redis.del(...[0, 1, 2, 3, 4].map((n) => `big:${n}`));
    await redis.config("SET", "maxmemory", was);
    redis.disconnect();
  });

  it("does not call a snapshot saved that fails again", async () => {
    const { port, folder } = await sharedRedis();
    const redis = redisClient(port);
    await failSnapshot(redis, folder);
    const action = actionNamed("redis-save");
    const context = redisContext(port);
    const kept = await action.capture({ what: "snapshot" }, context);
    await expect(action.apply({ what: "snapshot" }, kept, context)).rejects.toMatchObject({
      code: "not-saved",
    });
    redis.disconnect();
  });

  it("does not end a script that has written", async () => {
    const { port } = await sharedRedis();
    const [redis, caller] = [redisClient(port), redisClient(port)];
    const until = "redis.call('SET', 'half', '1') for n = 1, 40000000 do end return 'done'";
    const whole = caller.eval(until, 0);
    await untilTrue(
      "it is busy",
      () =>
        redis.ping().then(
          () => false,
          () => true,
        ),
      10,
    );
    const action = actionNamed("redis-end-script");
    const context = redisContext(port);
    const kept = await action.capture({}, context);
    await expect(action.apply({}, kept, context)).rejects.toMatchObject({ code: "script-has-written" });
    expect(await whole).toBe("done");
    redis.disconnect();
    caller.disconnect();
  });
});
