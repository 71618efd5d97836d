// Looks into Redis by what it tells of itself: INFO each time, the rest when somebody asks.
import { HealError } from "../domain/errors.ts";
import type { RedisInspector } from "./database-inspector.ts";
import { clientsOf } from "./redis-clients.ts";
import { hottestKeys } from "./redis-hot-keys.ts";
import { infoOf, lookOfInfo } from "./redis-look.ts";
import { sampleKeys } from "./redis-key-sample.ts";
import { makeRedisReader } from "./redis-reader.ts";

const SLOW_ENTRIES = "64";

/** Commands of tools/actions/redis, whole, as only a whole one can be judged. */
const REPAIRS: Readonly<Record<string, readonly [command: string, ...words: string[]][]>> = {
  "redis-set-config": [["CONFIG SET", "timeout", "0"]],
  "redis-end-clients": [["CLIENT KILL", "ID", "0"]],
  "redis-end-script": [["SCRIPT KILL"], ["FUNCTION KILL"]],
  "redis-purge-memory": [["MEMORY PURGE"]],
  "redis-save": [["BGSAVE", "SCHEDULE"], ["BGREWRITEAOF"]],
};

export function makeRedisInspector(url: string): RedisInspector {
  const reader = makeRedisReader(url);
  const user = decodeURIComponent(new URL(url).username) || "default";
  let sampling: Promise<unknown> = Promise.resolve();
  // "everything" has the error counts that the default sections leave out on some versions.
  /** None where the server cannot say (before 7.0, or busy); undefined: this user may not ask. */
  async function refusedRepairs(who: string, signal?: AbortSignal): Promise<string[] | undefined> {
    const refused: string[] = [];
    for (const [command, ...words] of Object.values(REPAIRS).flat()) {
      const answer = await reader
        .ask("ACL DRYRUN", [who, ...command.split(" "), ...words], signal)
        .catch((error: unknown) => {
          if (!(error instanceof HealError) || error.code === "database-not-reached") throw error;
          if (error.code === "database-refused") return undefined;
          return isUnknown(error) && !/dryrun/i.test(error.message) ? "not known" : "OK";
        });
      if (answer === undefined) return undefined;
      if (answer !== "OK") refused.push(command);
    }
    return refused;
  }

  const info = async (signal?: AbortSignal) => infoOf(await reader.ask("INFO", ["everything"], signal));

  return {
    engine: "redis",
    info,
    close: reader.close,
    async look(signal) {
      try {
        return lookOfInfo(await info(signal));
      } catch (error) {
        // Busy with a script, or loading: the probe says which.
        if (error instanceof HealError && error.code !== "database-refused") return undefined;
        throw error;
      }
    },
    async missingRights(signal) {
      const refused: string[] = [];
      const unknown: string[] = [];
      for (const question of [
        "INFO",
        "CONFIG GET",
        "CLIENT LIST",
        "SLOWLOG GET",
        "SCAN",
        "SELECT",
        "MEMORY USAGE",
        "OBJECT FREQ",
        "ACL WHOAMI",
        "ACL DRYRUN",
      ] as const) {
        // There need be no such key.
        const key = ["opsmedic"];
        const args =
          {
            "CONFIG GET": ["maxmemory"],
            SCAN: ["0"],
            SELECT: ["0"],
            "MEMORY USAGE": key,
            "OBJECT FREQ": key,
            "ACL DRYRUN": [user, "PING"],
          }[question as "SCAN"] ?? [];
        await reader.ask(question, args, signal).catch((error: unknown) => {
          if (!(error instanceof HealError) || !["database-refused", "database-answer"].includes(error.code))
            throw error;
          if (error.code === "database-refused") refused.push(question);
          else if (isUnknown(error) && question !== "ACL DRYRUN") unknown.push(question);
          else if (question !== "ACL DRYRUN") throw error;
        });
      }
      const who = String(await reader.ask("ACL WHOAMI", [], signal).catch(() => user));
      const unable = (await refusedRepairs(who, signal)) ?? [];
      return [
        ...(unknown.length > 0
          ? [
              {
                what: `${unknown.join(", ")} is not known to it, and repairs by it cannot be done`,
                grant:
                  "remove its rename-command from the file of Redis, and let an ACL bound who may use it",
              },
            ]
          : []),
        ...(refused.length > 0
          ? [{ what: `${refused.join(", ")} is refused`, grant: grantOf(who, refused) }]
          : []),
        ...(unable.length > 0
          ? [
              {
                what: `${unable.join(", ")} is refused (needed for repairs only)`,
                grant: grantOf(who, unable),
              },
            ]
          : []),
      ];
    },
    async repairRights(signal) {
      const who = String(await reader.ask("ACL WHOAMI", [], signal).catch(() => user));
      const found = await refusedRepairs(who, signal);
      const refused = new Set(found);
      return Object.entries(REPAIRS).map(([repair, all]) => {
        const commands = all.map(([command]) => command);
        const unable = found === undefined ? commands : commands.filter((one) => refused.has(one));
        const why = found === undefined ? "may be refused: it cannot be asked (ACL DRYRUN)" : "is refused";
        return {
          repairs: [repair],
          what: `${unable.join(", ") || commands.join(", ")} ${why}`,
          grant: grantOf(who, commands),
          given: unable.length === 0,
        };
      });
    },
    async clients(signal) {
      return clientsOf(await reader.ask("CLIENT LIST", [], signal));
    },
    bigKeys(signal) {
      // Which database is read is the connection's own: one sample after the other.
      const mine = sampling.then(() => sampleKeys(reader, info, signal));
      sampling = mine.catch(() => undefined);
      return mine;
    },
    hotKeys(signal) {
      const mine = sampling.then(() => hottestKeys(reader, signal));
      sampling = mine.catch(() => undefined);
      return mine;
    },
    async slowCommands(signal) {
      const entries = (await reader.ask("SLOWLOG GET", [SLOW_ENTRIES], signal)) as [
        number,
        number,
        number,
        string[],
      ][];
      return entries
        .map(([, at, micros, words]) => ({ command: commandOf(words), ms: micros / 1_000, at: at * 1_000 }))
        .toSorted((a, b) => b.ms - a.ms);
    },
    async settings(signal) {
      const flat = (await reader.ask("CONFIG GET", ["*"], signal)) as string[];
      const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ""]] : []));
      // Passwords are settings too, and nobody here needs them.
      return Object.fromEntries(pairs.filter(([name = ""]) => !/pass|auth|user/i.test(name))) as Record<
        string,
        string
      >;
    },
  };
}

function grantOf(who: string, commands: readonly string[]): string {
  const rules = commands.map((one) => `+${one.toLowerCase().replace(" ", "|")}`).join(" ");
  return `ACL SETUSER ${who} ${rules} ~*`;
}

/** The name, and a script's or a pattern's first word never: arguments are the user's data. */
function commandOf(words: readonly string[]): string {
  const [name = ""] = words;
  return /^[A-Za-z._-]{1,40}$/.test(name) ? name.toUpperCase() : "?";
}

/** Renamed in its file, or newer than this Redis. */
function isUnknown({ message }: HealError): boolean {
  return /unknown (?:sub)?command|Command '[^']*' not found/i.test(message);
}
