// What Redis tells of its memory, keys, clients and files.
import { mayEvict } from "../../domain/database.ts";
import type { RedisDatabase } from "../../domain/service.ts";
import type { RedisClient, RedisInspector } from "../../tools/database-inspector.ts";
import { liesIdle, protection } from "../../tools/redis-clients.ts";
import { keySpaces } from "../../tools/redis-look.ts";
import { addressOf, askedNow } from "./answers.ts";
import { inspectorFor, megabytes } from "./inside-database.ts";
import {
  inWords,
  type Look,
  type Observer,
  percent,
  plainLine,
  seen,
  type Seen,
  unseen,
} from "./observer.ts";

const IDLE_MS = 5 * 60_000;
const MOST_NAMED = 500;
/** Of its data: a key that is worth a name. */
const BIG_SHARE = 0.5;
/** Of its data, that keys like those of the sample would take: with less, the sample has missed what matters. */
const EXPLAINED_SHARE = 0.5;
const SLOW_WITHIN_MS = 10 * 60_000;
/** As Redis writes them: a client that waits in BLPOP and the like. */
const BLOCKED = "b";

type Info = Readonly<Record<string, string>>;

/** The share of the memory that it may use; null: it may use all. */
const redisMemory: Observer = (look) =>
  withRedis(look, async (redis) => {
    const info = await redis.info(look.signal);
    const [used, limit] = [numberOf(info, "used_memory"), numberOf(info, "maxmemory")];
    if (limit === 0) return seen(null, `it may use all memory, and uses ${megabytes(used)}`);
    const to = `${Math.ceil((limit * 1.5) / 1024 ** 2)}mb`;
    return seen(
      {
        value: used / limit,
        usedBytes: used,
        limitBytes: limit,
        policy: info["maxmemory_policy"] ?? "",
        advice: `CONFIG SET maxmemory ${to}`,
      },
      `it uses ${megabytes(used)} of ${megabytes(limit)} (${percent(used / limit)}), policy ${info["maxmemory_policy"] ?? "?"}`,
    );
  });

/** The share of all its memory that the biggest key of a sample takes. */
const redisBigKey: Observer = (look) =>
  withRedis(look, async (redis) => {
    const info = await redis.info(look.signal);
    const { keys, sampled, explains } = await redis.bigKeys(look.signal);
    const [biggest] = keys;
    const all = keySpaces(info).reduce((sum, one) => sum + one.keys, 0);
    if (biggest === undefined)
      return all === 0 ? seen({ value: 0 }, "it holds no key") : unseen("none of its keys can be weighed");
    // What it uses before it holds anything is nobody's.
    const data = Math.max(biggest.bytes, numberOf(info, "used_memory_dataset"));
    const where = biggest.database === 0 ? "" : ` of database ${biggest.database}`;
    const key = `${plainLine(biggest.key, 60)}${where}`;
    if (sampled < all && biggest.bytes < data * BIG_SHARE && explains < data * EXPLAINED_SHARE) {
      return unseen(
        `of ${all} keys ${sampled} were weighed, and keys like these would take ${percent(explains / data)} of its data: a big one may be among the others (redis-cli --bigkeys)`,
      );
    }
    return seen(
      { value: biggest.bytes / data, key, bytes: biggest.bytes, sampled },
      `of ${sampled} keys the biggest is ${key} with ${megabytes(biggest.bytes)} (${percent(biggest.bytes / data)} of its data)`,
    );
  });

/** The share of its keys that never expire. */
const redisKeptKeys: Observer = (look) =>
  withRedis(look, async (redis) => {
    const { keys, expiring } = countOf(await redis.info(look.signal));
    if (keys === 0) return seen({ value: 0 }, "it holds no key");
    return seen({ value: 1 - expiring / keys, keys }, `${keys - expiring} of ${keys} keys never expire`);
  });

/** What it gives up when it is full: its policy; null: nothing, since it may not, or only keys that expire and holds none. */
const redisEvicts: Observer = (look) =>
  withRedis(look, async (redis) => {
    const info = await redis.info(look.signal);
    const policy = info["maxmemory_policy"];
    const { keys, expiring } = countOf(info);
    if (policy === undefined) return unseen("its policy cannot be seen");
    if (mayEvict(policy, expiring) === true) return seen(policy, `it may evict by ${policy}`);
    return seen(
      null,
      policy === "noeviction"
        ? "it may evict nothing"
        : `policy ${policy} evicts keys that expire, and none of its ${keys} does`,
    );
  });

/** Since it was started: writes that were sent to it although it is a replica; null: it is none. */
const redisWrittenTo: Observer = (look) =>
  withRedis(look, async (redis) => {
    const info = await redis.info(look.signal);
    if (info["role"] !== "slave") return seen(null, "it is no replica");
    const primary = plainLine(`${info["master_host"] ?? "?"}:${info["master_port"] ?? "?"}`, 80);
    const refused = Number(/count=(\d+)/.exec(info["errorstat_READONLY"] ?? "")?.[1] ?? 0);
    return seen({ value: refused, primary }, `it is a replica of ${primary}, and was sent ${refused} writes`);
  });

/** The client with the most answers that it did not read, bytes. */
const redisSlowReader: Observer = (look) =>
  withRedis(look, async (redis) => {
    const clients = await redis.clients(look.signal);
    const [worst] = clients.toSorted((a, b) => b.outputBytes - a.outputBytes);
    if (worst === undefined || worst.outputBytes === 0)
      return seen({ value: 0 }, "every client reads its answers");
    const name = plainLine(worst.name || worst.address, 60);
    const kept = protection(worst, rulesOf(look));
    return seen(
      {
        value: worst.outputBytes,
        id: worst.id,
        name,
        ...(kept === undefined && (await named(redis, look, [worst]))),
        command: plainLine(worst.lastCommand, 30),
        advice: `CLIENT KILL ID ${worst.id}`,
      },
      `client ${worst.id} (${name}, ${plainLine(worst.lastCommand, 30)}) has ${megabytes(worst.outputBytes)} of answers waiting${kept === undefined ? "" : `; ${kept}`}`,
    );
  });

/** The share of all its memory that answers take which nobody has read. */
const redisAnswersShare: Observer = (look) =>
  withRedis(look, async (redis) => {
    const clients = await redis.clients(look.signal);
    const waiting = clients.reduce((sum, one) => sum + one.outputBytes, 0);
    const used = Math.max(1, waiting, numberOf(await redis.info(look.signal), "used_memory"));
    return seen(waiting / used, `unread answers take ${percent(waiting / used)} of its memory`);
  });

/** The share of its clients that have said nothing for five minutes, or for as long as the owner says, and wait for nothing. */
const redisIdleClients: Observer = (look) =>
  withRedis(look, async (redis) => {
    const clients = await redis.clients(look.signal);
    const rules = rulesOf(look);
    const idleMs = rules.endIdleAfterMs ?? IDLE_MS;
    const idle = clients.filter((one) => liesIdle(one, idleMs) && protection(one, rules) === undefined);
    const hosts = [...Map.groupBy(idle, (one) => one.name || one.address.replace(/:\d+$/, ""))];
    const [most] = hosts.toSorted((a, b) => b[1].length - a[1].length);
    const value = idle.length / Math.max(1, clients.length);
    const who = most === undefined ? "" : `, ${most[1].length} of ${plainLine(most[0], 60)}`;
    return seen(
      {
        value,
        client: plainLine(most?.[0] ?? "", 60),
        because: { idleMs },
        ...(most !== undefined && (await named(redis, look, most[1]))),
      },
      `${idle.length} of ${clients.length} clients are idle for ${inWords(idleMs)}${who}`,
    );
  });

/** The share of its clients that wait in a blocking command. */
const redisWaiters: Observer = (look) =>
  withRedis(look, async (redis) => {
    const clients = await redis.clients(look.signal);
    const waiting = clients.filter((one) => one.flags.includes(BLOCKED)).length;
    return seen(
      waiting / Math.max(1, clients.length),
      `${waiting} of ${clients.length} clients wait in a blocking command`,
    );
  });

/** How long the slowest command of the last minutes took, ms. */
const redisSlowCommand: Observer = (look) =>
  withRedis(look, async (redis) => {
    const slow = await redis.slowCommands(look.signal);
    const [worst] = slow.filter((one) => one.at >= look.scene.now - SLOW_WITHIN_MS);
    if (worst === undefined) return seen({ value: 0 }, "no command was slow");
    return seen({ value: worst.ms, command: worst.command }, `${worst.command} took ${inWords(worst.ms)}`);
  });

/** "ok" | "failed" of saving, with the folder that it writes to. */
const redisSaving: Observer = (look) =>
  withRedis(look, async (redis) => {
    const info = await redis.info(look.signal);
    const failed =
      info["rdb_last_bgsave_status"] === "err" ||
      info["aof_last_write_status"] === "err" ||
      info["aof_last_bgrewrite_status"] === "err";
    const settings = await redis.settings(look.signal).catch((): Info => ({}));
    // It tells no folder where the one that it was started in is gone.
    const folder = plainLine(settings["dir"] || "its folder, which is not there any more", 120);
    const what = info["rdb_last_bgsave_status"] === "err" ? "snapshot" : "append-only";
    const again = what === "snapshot" ? "BGSAVE" : "BGREWRITEAOF";
    const advice = `See that ${folder} is there and that the user of Redis may write to it, then ${again}`;
    return seen(
      { value: failed ? "failed" : "ok", what, folder, advice },
      failed ? `it cannot save to ${folder}` : `it saves to ${folder}`,
    );
  });

/** "up" | "down" of a replica's link, with its primary; null: it is no replica. */
const redisLink: Observer = (look) =>
  withRedis(look, async (redis) => {
    const info = await redis.info(look.signal);
    if (info["role"] !== "slave") return seen(null, "it is no replica");
    const primary = plainLine(`${info["master_host"] ?? "?"}:${info["master_port"] ?? "?"}`, 80);
    const link = info["master_link_status"] === "up" ? "up" : "down";
    return seen({ value: link, primary }, `its link to ${primary} is ${link}`);
  });

/** How the primary of a replica answers when it is asked now: "ok", or how it fails. Only one that is configured. */
const redisPrimary: Observer = (look) =>
  withRedis(look, async (redis) => {
    const info = await redis.info(look.signal);
    const [host, port] = [info["master_host"], Number(info["master_port"])];
    const primary = look.parts.services().find((one) => {
      const address = addressOf(one);
      return one.database?.kind === "redis" && address?.port === port && sameHost(address.host, host ?? "");
    });
    if (primary === undefined) return unseen("its primary is not among the services of the configuration");
    return askedNow(look.parts, primary, look.signal);
  });

export const redisObservers: Record<string, Observer> = {
  "redis-memory": redisMemory,
  "redis-big-key": redisBigKey,
  "redis-kept-keys": redisKeptKeys,
  "redis-evicts": redisEvicts,
  "redis-written-to": redisWrittenTo,
  "redis-slow-reader": redisSlowReader,
  "redis-answers-share": redisAnswersShare,
  "redis-idle-clients": redisIdleClients,
  "redis-waiters": redisWaiters,
  "redis-slow-command": redisSlowCommand,
  "redis-saving": redisSaving,
  "redis-link": redisLink,
  "redis-primary": redisPrimary,
};

async function withRedis(look: Look, ask: (redis: RedisInspector) => Promise<Seen>): Promise<Seen> {
  const redis = await inspectorFor(look, "redis");
  return redis === undefined ? unseen("it is not Redis") : ask(redis);
}

function countOf(info: Info): { keys: number; expiring: number } {
  const spaces = keySpaces(info);
  return {
    keys: spaces.reduce((sum, one) => sum + one.keys, 0),
    expiring: spaces.reduce((sum, one) => sum + one.expiring, 0),
  };
}

/** Who is meant, in a way that nobody else can be. */
async function named(redis: RedisInspector, look: Look, clients: readonly RedisClient[]) {
  const { run_id: server } = await redis.info(look.signal);
  return {
    ...(server !== undefined && { server }),
    clients: clients.slice(0, MOST_NAMED).map(({ id, address, ageMs }) => ({ id, address, ageMs })),
  };
}

function rulesOf({
  scene,
}: Look): Pick<RedisDatabase, "protectClients" | "endSubscribers" | "endIdleAfterMs"> {
  return scene.service.database?.kind === "redis" ? scene.service.database : {};
}

function numberOf(info: Info, name: string): number {
  return Number(info[name] ?? 0) || 0;
}

function sameHost(a: string, b: string): boolean {
  return plainHost(a) === plainHost(b);
}

function plainHost(host: string): string {
  return host === "localhost" || host === "::1" ? "127.0.0.1" : host.toLowerCase();
}
