// Whole healings of a real Redis through the product's own graph: seen, diagnosed, allowed, done, validated; and what is
// left to a human.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import { afterEach, expect, it, onTestFinished, type TestContext } from "vitest";
import { failSnapshot, redisClient, saveState, slowReader } from "../acting/redis-scenes.ts";
import { clientsOf } from "../../tools/redis-clients.ts";
import { type RunningServer, startRedis } from "../observation/servers.ts";
import { mountable, mountTmpfs } from "../acting/small-file-system.ts";
import { healedBy } from "./healed.ts";
import { openScenario, type Scenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";

const MB = 1024 * 1024;

async function fill(redis: Redis, count: number, bytes: number): Promise<void> {
  const pipeline = redis.pipeline();
  for (let n = 0; n < count; n += 1) pipeline.set(`key:${Math.random()}`, "x".repeat(bytes));
  await pipeline.exec();
}

describeWith("redis", "healing of Redis", () => {
  let server: RunningServer;
  let site: Scenario;
  let clients: Redis[] = [];

  afterEach(async () => {
    await site[Symbol.asyncDispose]();
    for (const one of clients) one.disconnect();
    clients = [];
    await server.stop();
  });

  /** A server, and a site whose configuration says this of it. */
  async function open(options: string[], allowed: object = {}, service: object = {}): Promise<Redis> {
    server = await startRedis(...options);
    site = await openScenario({
      services: () => [
        { name: "cache", redis: { url: `redis://127.0.0.1:${server.port}`, ...allowed }, ...service },
      ],
      healing: { validate: { for: "1s" } },
    });
    return client();
  }

  function client(name?: string): Redis {
    const made = redisClient(server.port, name);
    clients.push(made);
    return made;
  }

  const healed = (playbook: string, action: string | string[]) =>
    healedBy(site, "cache", { playbook, action });

  it("gives a full store more memory within what its owner allows, and asks a human beyond", async () => {
    const redis = await open(["--maxmemory", "4mb"], { maxMemory: "6m" });
    await site.look("cache");
    await fill(redis, 2_000, 2_000);
    await site.sees("cache", "store-full");
    const held = await redis.dbsize();
    await healed("redis-full-noeviction", "redis-set-config");
    expect(await redis.config("GET", "maxmemory")).toEqual(["maxmemory", String(6 * MB)]);
    expect(await redis.set("new", "1")).toBe("OK");
    expect(await redis.dbsize()).toBe(held + 1);

    await fill(redis, 2_000, 2_000);
    await site.sees("cache", "store-full");
    const again = await site.heal("cache");
    expect(again).toMatchObject({ outcome: "escalated" });
    expect(await redis.config("GET", "maxmemory")).toEqual(["maxmemory", String(6 * MB)]);
    expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
  });

  it("lets a full cache evict, where its owner says that what it holds may be lost", async () => {
    const redis = await open(["--maxmemory", "4mb"], { whenFull: "allkeys-lru" });
    await site.look("cache");
    await fill(redis, 2_000, 2_000);
    await site.sees("cache", "store-full");
    await healed("redis-full-noeviction", "redis-set-config");
    expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "allkeys-lru"]);
    expect(await redis.set("new", "1")).toBe("OK");
  });

  it("saves again when what kept it from saving is gone", async () => {
    const redis = await open([]);
    await redis.config("SET", "save", "3600 1");
    await failSnapshot(redis, server.folder);
    expect(await redis.set("b", "1").catch((error: Error) => error.message)).toContain("MISCONF");
    rmSync(join(server.folder, "dump.rdb"), { recursive: true });
    await site.sees("cache", "not-saved");
    await healed("redis-not-saved", "redis-save");
    expect(saveState(await redis.info("persistence"))).toBe("ok");
    expect(await redis.set("b", "1")).toBe("OK");
  });

  it("says so when it still cannot be saved", async () => {
    const redis = await open([]);
    await failSnapshot(redis, server.folder);
    await site.sees("cache", "not-saved");
    const run = await site.heal("cache");
    expect(run?.outcome).toBe("rolled-back");
    const { attempts } = await site.incident(run?.id);
    expect(attempts).toMatchObject([{ plan: { actions: [{ action: "redis-save" }] } }]);
    expect(saveState(await redis.info("persistence"))).toBe("err");
  });

  it.runIf(mountable)("makes room where it saves, by its owner's rules, and lets it save again", async () => {
    const data = mkdtempSync(join(tmpdir(), "opsmedic-saves-"));
    const unmount = mountTmpfs(data, "size=8m");
    onTestFinished(() => {
      unmount();
      rmSync(data, { recursive: true, force: true });
    });
    mkdirSync(join(data, "tmp"));
    const old = join(data, "tmp", "export.csv");
    writeFileSync(old, "1;2;3\n".repeat(600_000));
    utimesSync(old, 1_700_000_000, 1_700_000_000);
    const redis = await open(
      ["--dir", data],
      {},
      { cleanUp: { temporary: [{ files: `${data}/tmp/**`, olderThan: "7d" }] } },
    );
    await redis.config("SET", "save", "3600 1");
    // What cannot be compressed, and nowhere to put it.
    const value = randomBytes(MB);
    await redis.set("kept", value);
    const { bavail, bsize } = statfsSync(data);
    writeFileSync(join(data, "others"), Buffer.alloc(bavail * bsize, 1));
    await redis.bgsave();
    const saving = async () => saveState(await redis.info("persistence"));
    await untilTrue("its snapshot has failed", async () => (await saving()) === "err", 20);
    await site.sees("cache", "not-saved");
    await healed("redis-save-disk-full", ["free-space", "redis-save"]);
    expect(await saving()).toBe("ok");
    expect(await redis.set("b", "1")).toBe("OK");
    expect((await redis.getBuffer("kept"))?.equals(value)).toBe(true);
    expect([existsSync(old), existsSync(join(data, "others"))]).toEqual([false, true]);
  });

  it("gives a cache more memory that drops what is still read", async () => {
    const redis = await open(["--maxmemory", "6mb", "--maxmemory-policy", "allkeys-lru"], {
      maxMemory: "64m",
    });
    await site.look("cache");
    for (let round = 0; round < 4; round += 1) await fill(redis, 2_000, 2_000);
    await site.sees("cache", "evictions");
    await healed("redis-memory-too-small", "redis-set-config");
    expect(await redis.config("GET", "maxmemory")).toEqual(["maxmemory", String(9 * MB)]);
    expect(await redis.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "allkeys-lru"]);
  });

  it("ends the one client that does not read its answers, and nobody else", async () => {
    const redis = await open([]);
    await fill(redis, 2_000, 5_000);
    const decoy = client("shop");
    await decoy.ping();
    const slow = await slowReader(redis, server.port, "reports", 24);
    clients.push(slow);
    await site.sees("cache", "output-buffers");
    await healed("redis-slow-reader", "redis-end-clients");
    const names = (await redis.client("LIST")) as string;
    expect([names.includes("name=reports"), names.includes("name=shop")]).toEqual([false, true]);
    expect(await decoy.ping()).toBe("PONG");
  });

  it("says which right a repair lacks that it was not allowed", async () => {
    const redis = await open(["--busy-reply-threshold", "50"]);
    await site.look("cache");
    await redis.call("ACL", "SETUSER", "rescue", "on", ">r", "~*", "+@all");
    const rescue = client();
    await rescue.call("AUTH", "rescue", "r");
    await redis.call("ACL", "SETUSER", "default", "-script|kill");
    const caller = client();
    void caller.eval("while true do end", 0).catch(() => undefined);
    try {
      await site.sees("cache", "blocked-clients");
      const { report } = await site.incident((await site.heal("cache"))?.id);
      expect(report).toMatch(
        /Not carried out: End the script.*NOPERM.*script\|kill.*opsmedic doctor prints the ACL rule/,
      );
    } finally {
      await rescue.script("KILL").catch(() => undefined);
    }
  });

  it("ends a script that blocks everybody", async () => {
    const redis = await open(["--busy-reply-threshold", "50"]);
    const caller = client();
    const ended = caller.eval("while true do end", 0).catch((error: Error) => error.message);
    const busy = () =>
      redis.ping().then(
        () => false,
        (error: Error) => /BUSY/.test(error.message),
      );
    await untilTrue("the script blocks it", busy, 20);
    await site.sees("cache", "blocked-clients");
    await healed("redis-busy-script", "redis-end-script");
    expect(await ended).toMatch(/killed by user/i);
    expect(await busy()).toBe(false);
  });

  it("takes more clients where consumers that wait have all places", async () => {
    const redis = await open(["--maxclients", "20"]);
    await site.look("cache");
    for (let n = 0; n < 17; n += 1)
      void client()
        .blpop("jobs", 0)
        .catch(() => undefined);
    await untilTrue("they wait", async () => /blocked_clients:17/.test(await redis.info("clients")), 20);
    await site.sees("cache", "connections");
    await healed("redis-waiters", "redis-set-config");
    expect(await redis.config("GET", "maxclients")).toEqual(["maxclients", "30"]);
  });

  it("gives free pages back to the machine", async () => {
    const redis = await open(["--jemalloc-bg-thread", "no"]);
    await redis.set("small", "1");
    for (let round = 0; round < 8; round += 1) {
      const pipeline = redis.pipeline();
      for (let n = 0; n < 4_000; n += 1) pipeline.set(`big:${round}:${n}`, "x".repeat(4_000));
      await pipeline.exec();
    }
    await redis.eval(
      "for r = 0, 7 do for n = 0, 3999 do redis.call('DEL', 'big:' .. r .. ':' .. n) end end",
      0,
    );
    await site.sees("cache", "fragmentation");
    await healed("redis-fragmentation", "redis-purge-memory");
    expect(await redis.get("small")).toBe("1");
  });

  it("ends connections that lie idle, and neither who works or waits nor who is protected", async () => {
    const redis = await open(["--maxclients", "20"], { endIdleAfter: "1s", protectClients: ["billing"] });
    await site.look("cache");
    const idle = Array.from({ length: 14 }, () => client("reports"));
    const billing = client("billing");
    await Promise.all([...idle, billing].map((one) => one.ping()));
    const worker = client("worker");
    void worker.blpop("jobs", 0).catch(() => undefined);
    const working = setInterval(() => void redis.ping().catch(() => undefined), 100);
    onTestFinished(() => clearInterval(working));
    const named = async (name: string) =>
      clientsOf(await redis.client("LIST")).filter((one) => one.name === name);
    await untilTrue("they lie idle", async () =>
      [...(await named("reports")), ...(await named("billing"))].every((one) => one.idleMs >= 1_000),
    );
    await site.sees("cache", "connections");
    await healed("redis-connections-idle", "redis-end-clients");
    const left = ["reports", "billing", "worker"].map(async (name) => (await named(name)).length);
    expect(await Promise.all(left)).toEqual([0, 1, 1]);
    expect(await redis.ping()).toBe("PONG");
  });

  /** One value of eight is left, between free room that no other value gets; in a Redis that can tidy up, or cannot. */
  async function scattered(context: TestContext, canTidyUp: boolean): Promise<Redis> {
    const redis = await open(["--enable-debug-command", "yes"]);
    const can = await redis.config("SET", "activedefrag", "yes").then(
      () => true,
      () => false,
    );
    context.skip(can !== canTidyUp, `this Redis is built ${can ? "with" : "without"} an allocator that can`);
    if (can) await redis.config("SET", "activedefrag", "no");
    await redis.call("DEBUG", "POPULATE", "400000", "key", "200");
    await redis.eval(
      "for n = 0, 399999 do if n % 8 ~= 0 then redis.call('DEL', 'key:' .. n) end end return redis.call('DBSIZE')",
      0,
    );
    return redis;
  }

  it("switches tidying up on where values lie scattered", async (context) => {
    const redis = await scattered(context, true);
    await site.sees("cache", "fragmentation");
    await healed("redis-fragmentation", "redis-set-config");
    expect(await redis.config("GET", "activedefrag")).toEqual(["activedefrag", "yes"]);
    expect(await redis.dbsize()).toBe(50_000);
  });

  it("asks a human to where this Redis cannot, and leaves it as it was", async (context) => {
    const redis = await scattered(context, false);
    await site.sees("cache", "fragmentation");
    const run = await site.heal("cache");
    const incident = await site.incident(run?.id);
    expect(incident.attempts.map((one) => one.plan?.actions[0])).toMatchObject([
      { action: "redis-set-config", params: { setting: "activedefrag", from: "no", to: "yes" } },
    ]);
    expect(run?.outcome).not.toBe("healed");
    expect(await redis.config("GET", "activedefrag")).toEqual(["activedefrag", "no"]);
    expect(await redis.dbsize()).toBe(50_000);
  });
});
