// What is said of the keys of Redis: which are big, which are asked for most, and what its program could do about it. The
// keys are the program's: nothing here ever touches one.
import { megabytes } from "../agents/evidence/inside-database.ts";
import { plainLine } from "../agents/evidence/observer.ts";
import type { DatabaseLook } from "../domain/database.ts";
import type { RedisInspector } from "../tools/database-inspector.ts";
import type { DatabasePerformance } from "./databases.ts";

const LONGEST_NAME = 100;
/** One key that takes so much of all memory is worth a word. */
const BIG = 0.2;
const LEAST_BIG_BYTES = 1024 ** 2;
/** As Redis counts: some ten thousand uses lately. */
const HOT = 100;

/** HealError as the inspector's. */
export async function reportOfKeys(
  redis: RedisInspector,
  { numbers }: DatabaseLook,
): Promise<NonNullable<DatabasePerformance["keys"]>> {
  const { sampled, keys } = await redis.bigKeys();
  const hottest = await redis.hotKeys();
  const memory = Math.max(1, numbers["memory-bytes"] ?? 1);
  const big = keys.map(({ key, bytes }) => named({ key, bytes }));
  const hot = hottest && hottest.map(named);
  return {
    sampled,
    biggest: big,
    hottest: hot,
    advice: [
      ...big
        .filter(({ bytes }) => bytes >= LEAST_BIG_BYTES && bytes / memory >= BIG)
        .map(
          ({ key, bytes }) =>
            `${key} takes ${megabytes(bytes)}, ${Math.round((100 * bytes) / memory)} % of its memory: let whoever fills it trim it (LTRIM, XTRIM, ZREMRANGEBYRANK) or split it.`,
        ),
      ...(hot === null
        ? ["Which keys are asked for most it counts only under an LFU policy (maxmemory-policy)."]
        : hot
            .filter(({ frequency }) => frequency >= HOT)
            .map(
              ({ key }) =>
                `${key} is asked for all the time: let the program keep it for a moment, or read it from a replica.`,
            )),
    ],
  };
}

function named<T extends { key: string }>(one: T): T {
  return { ...one, key: plainLine(one.key, LONGEST_NAME) };
}
