// Which keys of Redis are asked for most: of a bounded sample, a page at a time, where an LFU policy counts it.
import { HealError } from "../domain/errors.ts";
import type { HotKey } from "./database-inspector.ts";
import type { RedisReader } from "./redis-reader.ts";

/** Keys that are looked at, at most: the answers of a page come together, so that this takes a fraction of a second. */
const MOST_KEYS = 5_000;
const PAGE = "250";
const KEPT_KEYS = 5;

type Asking = Pick<RedisReader, "ask">;

/** Most first; null: its policy counts no uses, or its user may not ask. */
export async function hottestKeys(reader: Asking, signal?: AbortSignal): Promise<HotKey[] | null> {
  let hottest: HotKey[] = [];
  let sampled = 0;
  let cursor = "0";
  do {
    const [next, page] = (await reader.ask("SCAN", [cursor, "COUNT", PAGE], signal)) as [string, string[]];
    cursor = next;
    sampled += page.length;
    const counted = await countsOf(reader, page, signal);
    if (counted === null) return null;
    hottest = [...hottest, ...counted].toSorted((a, b) => b.frequency - a.frequency).slice(0, KEPT_KEYS);
  } while (cursor !== "0" && sampled < MOST_KEYS);
  return hottest;
}

async function countsOf(
  reader: Asking,
  [first, ...others]: readonly string[],
  signal?: AbortSignal,
): Promise<HotKey[] | null> {
  if (first === undefined) return [];
  // One that is gone by now was not asked for.
  const ask = async (key: string): Promise<HotKey> => ({
    key,
    frequency: Number(await reader.ask("OBJECT FREQ", [key], signal)),
  });
  // The first one tells whether the others can be asked.
  const told = await ask(first).catch((error: unknown) => {
    if (isRefusal(error)) return undefined;
    throw error;
  });
  return told === undefined ? null : [told, ...(await Promise.all(others.map(ask)))];
}

function isRefusal(error: unknown): boolean {
  return error instanceof HealError && ["database-answer", "database-refused"].includes(error.code);
}
