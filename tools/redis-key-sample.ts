// Weighs a bounded sample of Redis' keys, of every database a share: which are the biggest, and whether keys like these
// explain what it holds.
import { HealError } from "../domain/errors.ts";
import type { RedisKey } from "./database-inspector.ts";
import { type KeySpace, keySpaces } from "./redis-look.ts";
import type { RedisReader } from "./redis-reader.ts";

/** Keys that are weighed at most: each is a question of its own. */
const MOST_KEYS = 500;
/** Of a database with few keys among many: one of them may be the big one. */
const LEAST_KEYS = 20;
const KEYS_A_SCAN = "100";
const KEPT_KEYS = 5;
/** Values are weighed by so many of their members. */
const SAMPLES = "5";

export async function sampleKeys(
  reader: RedisReader,
  info: (signal?: AbortSignal) => Promise<Readonly<Record<string, string>>>,
  signal?: AbortSignal,
): Promise<{ sampled: number; keys: RedisKey[]; explains: number }> {
  const spaces = keySpaces(await info(signal));
  const total = spaces.reduce((sum, one) => sum + one.keys, 0);
  const found: RedisKey[] = [];
  let explains = 0;
  try {
    for (const space of spaces) {
      const share = Math.max(LEAST_KEYS, Math.round((MOST_KEYS * space.keys) / Math.max(1, total)));
      const some = await ofOne(reader, space, share, signal);
      const bytes = some.reduce((sum, one) => sum + one.bytes, 0);
      explains += some.length === 0 ? 0 : (bytes / some.length) * space.keys;
      found.push(...some);
    }
  } finally {
    await selected(reader, 0).catch(() => undefined);
  }
  return {
    sampled: found.length,
    explains,
    keys: found.toSorted((a, b) => b.bytes - a.bytes).slice(0, KEPT_KEYS),
  };
}

async function ofOne(
  reader: RedisReader,
  { database }: KeySpace,
  most: number,
  signal?: AbortSignal,
): Promise<RedisKey[]> {
  const keys: RedisKey[] = [];
  if (!(await selected(reader, database, signal))) return keys;
  let cursor = "0";
  do {
    const [next, names] = (await reader.ask("SCAN", [cursor, "COUNT", KEYS_A_SCAN], signal)) as [
      string,
      string[],
    ];
    cursor = next;
    for (const key of names.slice(0, most - keys.length)) {
      const bytes = Number(await reader.ask("MEMORY USAGE", [key, "SAMPLES", SAMPLES], signal));
      keys.push({ database, key, bytes });
    }
  } while (cursor !== "0" && keys.length < most);
  return keys;
}

/** false: this user may not look into another database than its own. */
async function selected(reader: RedisReader, database: number, signal?: AbortSignal): Promise<boolean> {
  try {
    await reader.ask("SELECT", [String(database)], signal);
    return true;
  } catch (error) {
    if (error instanceof HealError && error.code === "database-refused") return database === 0;
    throw error;
  }
}
