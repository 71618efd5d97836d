// What a repair of Redis would need to know: how far a limit may be raised, who may be ended, and whether what kept it
// from saving is gone.
import type { RedisDatabase } from "../../domain/service.ts";
import type { RedisInspector } from "../../tools/database-inspector.ts";
import { valueIn } from "../../tools/actions/redis/settings.ts";
import { databaseProcess } from "../database-process.ts";
import { STEP } from "./bounded-step.ts";
import { inspectorFor, megabytes } from "./inside-database.ts";
import { type Look, type Observer, percent, plainLine, seen, type Seen, unseen } from "./observer.ts";

const USUAL_CLIENTS = 10_000;
/** A smaller step is not worth the change. */
const LEAST_STEP = 1.1;
const MB = 1024 ** 2;
/** Where Redis may use all memory. */
const USUAL_BUFFER = 256 * MB;
const LEAST_BUFFER = 32 * MB;
const NO_LIMIT = "0 0 0";

/** The next maxmemory within what the owner allows; null: there is none. */
const moreMemory: Observer = (look) =>
  withOwner(look, async (redis, owner) => {
    const from = Number((await redis.info(look.signal))["maxmemory"] ?? 0);
    if (from === 0) return seen(null, "it has no limit of its own");
    if (owner.maxMemoryBytes === undefined)
      return seen(null, "the owner allows no more memory (redis.maxMemory)");
    return raised("maxmemory", from, owner.maxMemoryBytes, megabytes);
  });

/** The next maxclients within what the owner allows. */
const moreClients: Observer = (look) =>
  withOwner(look, async (redis, owner) => {
    const from = Number((await redis.info(look.signal))["maxclients"] ?? 0);
    if (from === 0) return unseen("how many clients it takes cannot be seen");
    return raised("maxclients", from, owner.maxClients ?? USUAL_CLIENTS, String);
  });

/** The policy by which the owner lets a full store evict; null: none. */
const mayEvict: Observer = (look) =>
  withOwner(look, async (redis, owner) => {
    const from = (await redis.info(look.signal))["maxmemory_policy"];
    if (from === undefined) return unseen("its policy cannot be seen");
    const to = owner.whenFull;
    if (to === undefined || to === from)
      return seen(null, "the owner does not say that what it holds may be lost (redis.whenFull)");
    return seen({ value: to, from, to }, `the owner lets it evict by ${to}`);
  });

/** A limit for the answers that a client did not read, where its kind has none; null: there is one. */
const outputLimit: Observer = (look) =>
  withOwner(look, async (redis) => {
    const settings = await redis.settings(look.signal);
    const from = valueIn("client-output-buffer-limit normal", settings["client-output-buffer-limit"]);
    if (from === undefined) return unseen("its limits cannot be seen");
    if (from !== NO_LIMIT) return seen(null, `there is a limit (${plainLine(from, 60)})`);
    const memory = Number(settings["maxmemory"] ?? 0);
    const hard = Math.max(LEAST_BUFFER, memory > 0 ? Math.floor(memory / 4) : USUAL_BUFFER);
    const to = `${hard} ${Math.floor(hard / 2)} 60`;
    return seen({ value: to, from, to }, `its ordinary clients have no limit; ${megabytes(hard)} is one`);
  });

/**
 * Whether it could write where it saves: "writable", "gone", "denied", "read-only", "full"; "unseen" where that is not
 * on this machine.
 */
const saveFolder: Observer = (look) =>
  withOwner(look, async (redis) => {
    const folder = (await redis.settings(look.signal).catch(() => undefined))?.["dir"];
    // Redis tells no folder where the one that it runs in was removed.
    if (folder === "") return seen("gone", "its folder is not there any more");
    const { machine } = look.parts;
    const pid = await databaseProcess(look.scene.service, { target: look.target, machine }, look.signal);
    if (folder === undefined || pid === undefined || machine === undefined)
      return seen("unseen", "its folder cannot be seen from here");
    const where = plainLine(folder, 120);
    const volume = await machine.volume(folder, pid);
    if (volume === undefined) {
      // Who may not even read what it was started with may not look into its folders.
      const isSeen = (await machine.variables(pid)) !== undefined;
      return isSeen
        ? seen("gone", `${where} is not there`)
        : seen("unseen", `${where} cannot be seen from here`);
    }
    if (volume.readOnly) return seen("read-only", `${where} can only be read`);
    if (volume.used >= 0.98) return seen("full", `the disk of ${where} is full (${percent(volume.used)})`);
    if ((await machine.mayUse(folder, "write", pid)) === false)
      return seen("denied", `its user may not write to ${where}`);
    return seen(
      "writable",
      `${where} is there and can be written, ${percent(volume.used)} of its disk are taken`,
    );
  });

/** Where the memory is that it holds without needing it: "pages" that are free, or "values" that lie scattered. */
const lostMemory: Observer = (look) =>
  withOwner(look, async (redis) => {
    const info = await redis.info(look.signal);
    const [pages, values] = ["allocator_rss_bytes", "allocator_frag_bytes"].map((name) => Number(info[name]));
    if (pages === undefined || values === undefined || Number.isNaN(pages + values))
      return unseen("its allocator does not tell");
    return seen(
      pages >= values ? "pages" : "values",
      `${megabytes(Math.max(0, pages))} are free pages, ${megabytes(Math.max(0, values))} lie between values`,
    );
  });

export const redisRepairObservers: Record<string, Observer> = {
  "redis-more-memory": moreMemory,
  "redis-more-clients": moreClients,
  "redis-may-evict": mayEvict,
  "redis-output-limit": outputLimit,
  "redis-save-folder": saveFolder,
  "redis-lost-memory": lostMemory,
};

async function withOwner(
  look: Look,
  ask: (redis: RedisInspector, owner: RedisDatabase) => Promise<Seen>,
): Promise<Seen> {
  const redis = await inspectorFor(look, "redis");
  const { database } = look.scene.service;
  if (redis === undefined || database?.kind !== "redis") return unseen("it is not Redis");
  return ask(redis, database);
}

function raised(name: string, from: number, most: number, inWords: (value: number) => string): Seen {
  const to = Math.min(Math.floor(from * STEP), most);
  if (to < from * LEAST_STEP) return seen(null, `it has ${inWords(from)}, and may have ${inWords(most)}`);
  return seen(
    { value: to, setting: name, from: String(from), to: String(to) },
    `from ${inWords(from)} to ${inWords(to)}, of ${inWords(most)} that the owner allows`,
  );
}
