// One scene for each action on Redis: a real server, behind a connection that can break off.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { Json, JsonObject } from "../../domain/json.ts";
import type { RedisDatabase } from "../../domain/service.ts";
import type { ActionContext } from "../../tools/action.ts";
import { redisActions } from "../../tools/actions/redis/all.ts";
import { clientsOf } from "../../tools/redis-clients.ts";
import type { ActionScene, OpenScene } from "../contract/action.contract.ts";
import { databaseService } from "../databases/scene.ts";
import { type RunningServer, startRedis } from "../observation/servers.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";
import { untilTrue } from "../scenarios/site.ts";

export const REDIS_ACTS =
  /\b(?:CONFIG\b[^]*\bSET|CLIENT\b[^]*\bKILL|SCRIPT\b[^]*\bKILL|MEMORY\b[^]*\bPURGE|BGSAVE)\b/i;
const MB = 1024 * 1024;

let shared: Promise<RunningServer> | undefined;

/** One for all scenes of a file; each leaves it as it was. */
export function sharedRedis(): Promise<RunningServer> {
  shared ??= startRedis("--busy-reply-threshold", "50", "--maxmemory", "64mb");
  return shared;
}

export async function stopSharedRedis(): Promise<void> {
  await (await shared)?.stop();
  shared = undefined;
}

export function redisClient(port: number, name?: string, { comesBack = false } = {}): Redis {
  const made = new Redis(port, "127.0.0.1", {
    ...(comesBack ? { retryStrategy: () => 50 } : { retryStrategy: () => null, maxRetriesPerRequest: 0 }),
    ...(name !== undefined && { connectionName: name }),
  });
  made.on("error", () => undefined);
  return made;
}

export function redisContext(port: number, allowed: Partial<RedisDatabase> = {}): ActionContext {
  return {
    service: databaseService("cache", { ...allowed, kind: "redis", url: `redis://127.0.0.1:${port}` }),
    target: undefined,
    files: undefined,
    signal: AbortSignal.timeout(30_000),
  };
}

/** A client that has asked for much and reads nothing. */
export async function slowReader(redis: Redis, port: number, name = "reports", answers = 12): Promise<Redis> {
  await redis.set("page", "x".repeat(2 * MB));
  const made = redisClient(port, name);
  await made.ping();
  const id = await made.client("ID");
  made.stream.pause();
  for (let n = 0; n < answers; n += 1) void made.get("page").catch(() => undefined);
  await untilTrue(
    "its answers pile up",
    async () => {
      const all = clientsOf(await redis.client("LIST"));
      return all.some((one) => one.id === String(id) && one.outputBytes > 2 * MB);
    },
    20,
  );
  return made;
}

/** As an observation names them. */
export async function namedClients(redis: Redis, name: string): Promise<Json> {
  const all = clientsOf(await redis.client("LIST"));
  return all.filter((one) => one.name === name).map(({ id, address, ageMs }) => ({ id, address, ageMs }));
}

export async function runOf(redis: Redis): Promise<string> {
  return /run_id:(\w+)/.exec(await redis.info("server"))?.[1] ?? "";
}

/** All settings; the server tells them in any order. */
export async function settingsOf(redis: Redis): Promise<Record<string, string>> {
  const flat = await redis.config("GET", "*");
  const pairs = flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : []));
  return Object.fromEntries(pairs.toSorted(([a = ""], [b = ""]) => a.localeCompare(b))) as Record<
    string,
    string
  >;
}

/** Its snapshot fails as long as a folder stands where it is to be written. */
export async function failSnapshot(redis: Redis, folder: string): Promise<void> {
  rmSync(join(folder, "dump.rdb"), { recursive: true, force: true });
  mkdirSync(join(folder, "dump.rdb"));
  await redis.set("a", "1");
  await untilTrue(
    "no other is under way",
    async () => saveState(await redis.info("persistence")) !== "under way",
    20,
  );
  await redis.bgsave();
  await untilTrue(
    "its snapshot has failed",
    async () => saveState(await redis.info("persistence")) === "err",
    20,
  );
}

export function saveState(info: string): string {
  if (/rdb_bgsave_in_progress:1/.test(info)) return "under way";
  return /rdb_last_bgsave_status:(\w+)/.exec(info)?.[1] ?? "";
}

interface Stage {
  params: JsonObject;
  allowed?: Partial<RedisDatabase>;
  world: () => Promise<unknown>;
  close?: () => Promise<unknown> | undefined;
}

const stages: Record<string, (redis: Redis, server: RunningServer) => Promise<Stage>> = {
  "redis-set-config": async (redis) => {
    await redis.config("SET", "maxmemory", String(64 * MB));
    return {
      params: { setting: "maxmemory", from: String(64 * MB), to: String(96 * MB) },
      allowed: { maxMemoryBytes: 100 * MB },
      world: () => settingsOf(redis),
      close: () => redis.config("SET", "maxmemory", String(64 * MB)),
    };
  },
  "redis-end-clients": async (redis, { port }) => {
    const [slow, decoy] = [await slowReader(redis, port), redisClient(port, "decoy")];
    await decoy.ping();
    return {
      params: {
        server: await runOf(redis),
        clients: await namedClients(redis, "reports"),
        because: { outputBytes: MB },
      },
      world: async () => {
        const all = clientsOf(await redis.client("LIST"));
        return all.map((one) => one.name).filter((name) => ["reports", "decoy"].includes(name));
      },
      close: async () => {
        slow.disconnect();
        decoy.disconnect();
        await untilTrue(
          "they are gone",
          async () => ((await namedClients(redis, "reports")) as Json[]).length === 0,
          10,
        );
      },
    };
  },
  "redis-end-script": async (redis, { port }) => {
    const caller = redisClient(port);
    void caller.eval("while true do end", 0).catch(() => undefined);
    const busy = () =>
      redis.ping().then(
        () => false,
        (error: Error) => /BUSY/.test(error.message),
      );
    await untilTrue("the script blocks it", busy, 20);
    return {
      params: {},
      world: async () => ((await busy()) ? "busy" : "answers"),
      close: async () => {
        await redis.script("KILL").catch(() => undefined);
        caller.disconnect();
        await untilTrue("it answers", async () => !(await busy()), 10);
      },
    };
  },
  "redis-purge-memory": async (redis) => ({ params: {}, world: () => redis.dbsize() }),
  "redis-save": async (redis, { folder }) => {
    await failSnapshot(redis, folder);
    rmSync(join(folder, "dump.rdb"), { recursive: true });
    return { params: { what: "snapshot" }, world: async () => saveState(await redis.info("persistence")) };
  },
};

export const redisScenes: Record<string, OpenScene> = Object.fromEntries(
  Object.keys(stages).map((name) => [name, () => redisScene(name)]),
);
export const coveredRedisActions: readonly string[] = Object.keys(stages);

async function redisScene(name: string): Promise<ActionScene> {
  const server = await sharedRedis();
  const proxy = await openCuttingProxy(server.port, REDIS_ACTS);
  const redis = redisClient(server.port, undefined, { comesBack: true });
  const action = redisActions.find((one) => one.name === name);
  const stage = await stages[name]?.(redis, server);
  if (action === undefined || stage === undefined) throw new Error(`no action ${name}`);
  return {
    action,
    params: stage.params,
    context: redisContext(proxy.port, stage.allowed),
    world: async () => JSON.stringify(await stage.world()),
    cut: proxy.cut,
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await stage.close?.();
      redis.disconnect();
    },
  };
}
