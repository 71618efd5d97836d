// The settings of Redis that a repair may move, each with its own bounds. What is not here is left alone: where it saves
// and when, what it refuses while it cannot save, who may log in, and everything that needs a restart.
import type { RedisDatabase } from "../../../domain/service.ts";

export const redisSettings = [
  "maxmemory",
  "maxmemory-policy",
  "maxclients",
  "timeout",
  "activedefrag",
  "client-output-buffer-limit normal",
  "client-output-buffer-limit pubsub",
] as const;
export type RedisSetting = (typeof redisSettings)[number];

export interface SettingChange {
  from: string;
  to: string;
}

export interface SettingBounds {
  database: RedisDatabase;
  /** Of the machine, and of the container where there is one; undefined: not told. */
  machineBytes: number | undefined;
  containerBytes: number | undefined;
}

/** Of what may be used by one that also needs room for buffers and for copies while it saves. */
const SHARE_OF_MEMORY = 0.8;
const LARGEST_STEP = 2;
/** As many as Redis takes by itself. */
const USUAL_CLIENTS = 10_000;
const SHORTEST_TIMEOUT_S = 60;
const LONGEST_TIMEOUT_S = 86_400;
const LEAST_BUFFER = 16 * 1024 * 1024;

/** What CONFIG knows it by: of the limits of output buffers one is a part of a longer text. */
export function nameOf(setting: RedisSetting): string {
  return setting.split(" ", 1)[0] ?? setting;
}

/** The value in CONFIG GET's answer; undefined where the server has no such setting. */
export function valueIn(setting: RedisSetting, answer: string | undefined): string | undefined {
  const kind = setting.split(" ")[1];
  if (kind === undefined || answer === undefined) return answer;
  const words = answer.split(" ");
  const at = words.indexOf(kind);
  return at < 0 ? undefined : words.slice(at + 1, at + 4).join(" ");
}

/** The value as CONFIG SET takes it: a limit of one kind of clients leaves the others as they are. */
export function valueToSet(setting: RedisSetting, value: string): string {
  const kind = setting.split(" ")[1];
  return kind === undefined ? value : `${kind} ${value}`;
}

/** Why this change is not made; undefined: it is within its bounds. */
export function settingProblem(
  setting: RedisSetting,
  change: SettingChange,
  bounds: SettingBounds,
): string | undefined {
  switch (setting) {
    case "maxmemory":
      return memoryProblem(change, bounds);
    case "maxmemory-policy":
      return change.to === bounds.database.whenFull
        ? undefined
        : `the owner does not allow ${change.to} (redis.whenFull)`;
    case "maxclients":
      return raiseProblem(change, bounds.database.maxClients ?? USUAL_CLIENTS, "redis.maxClients");
    case "timeout":
      return timeoutProblem(change);
    case "activedefrag":
      return change.from === "no" && change.to === "yes" ? undefined : "it is only switched on";
    default:
      return bufferProblem(change);
  }
}

function memoryProblem(
  change: SettingChange,
  { database, machineBytes, containerBytes }: SettingBounds,
): string | undefined {
  const { maxMemoryBytes } = database;
  if (maxMemoryBytes === undefined) return "the owner allows no more memory (redis.maxMemory)";
  const room = Math.min(machineBytes ?? Infinity, containerBytes ?? Infinity) * SHARE_OF_MEMORY;
  if (Number(change.to) > room) return `there is room for ${Math.floor(room)} bytes only`;
  return raiseProblem(change, maxMemoryBytes, "redis.maxMemory");
}

/** Never lower: what it holds or whom it serves would be cut off. */
function raiseProblem({ from, to }: SettingChange, most: number, limit: string): string | undefined {
  const [old, now] = [whole(from), whole(to)];
  if (old === undefined || now === undefined || old === 0) return "only a limit that is there can be raised";
  if (now <= old) return "it is only ever raised";
  if (now > most) return `the owner allows ${most} (${limit})`;
  return now > old * LARGEST_STEP
    ? `from ${old} to ${now} is more than a factor of ${LARGEST_STEP}`
    : undefined;
}

function timeoutProblem({ from, to }: SettingChange): string | undefined {
  const now = whole(to);
  if (from !== "0") return "there is a timeout already";
  const fits = now !== undefined && now >= SHORTEST_TIMEOUT_S && now <= LONGEST_TIMEOUT_S;
  return fits ? undefined : `it is from ${SHORTEST_TIMEOUT_S} s to a day`;
}

/** "hard soft seconds"; a limit is set where there was none, never below what ordinary answers need. */
function bufferProblem({ from, to }: SettingChange): string | undefined {
  if (from !== "0 0 0") return "there is a limit already";
  const [hard, soft, seconds] = to.split(" ").map(whole);
  if (hard === undefined || soft === undefined || seconds === undefined || to.split(" ").length !== 3)
    return 'it is written as "hard soft seconds"';
  if (soft < LEAST_BUFFER || hard < soft) return `it is at least ${LEAST_BUFFER} bytes`;
  return seconds >= 10 && seconds <= 600 ? undefined : "a slow reader gets from 10 s to 10 min";
}

function whole(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
