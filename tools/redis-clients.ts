// Clients of Redis as CLIENT LIST writes them, and which of them may be ended at all.
import type { RedisDatabase } from "../domain/service.ts";
import type { RedisClient } from "./database-inspector.ts";

/** The name of our own connections. */
export const OWN_NAME = "opsmedic";
const MOST_CLIENTS = 20_000;

/** CLIENT LIST's answer, one client a line. */
export function clientsOf(answer: unknown): RedisClient[] {
  return String(answer).split("\n").filter(Boolean).slice(0, MOST_CLIENTS).map(clientOf);
}

function clientOf(line: string): RedisClient {
  const fields = new Map(
    line.split(" ").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
  const n = (name: string): number => Number(fields.get(name) ?? 0) || 0;
  return {
    id: fields.get("id") ?? "",
    name: fields.get("name") ?? "",
    user: fields.get("user") ?? "",
    address: fields.get("addr") ?? "",
    flags: fields.get("flags") ?? "",
    idleMs: n("idle") * 1_000,
    ageMs: n("age") * 1_000,
    outputBytes: n("omem"),
    lastCommand: fields.get("cmd") ?? "",
  };
}

type Rules = Pick<RedisDatabase, "protectClients" | "endSubscribers">;

/**
 * Why this client is never ended; undefined: it may be. Flags are Redis' own: M and S are the two ends of replication,
 * P is a subscriber, b waits in a blocking command.
 */
export function protection(client: RedisClient, rules: Rules): string | undefined {
  const { name, user, flags } = client;
  if (name === OWN_NAME) return "it is opsmedic's own";
  if (/[MS]/.test(flags)) return "it is a part of replication";
  if (rules.protectClients?.some((one) => one === name || one === user))
    return "the configuration protects it";
  if (flags.includes("P") && !rules.endSubscribers?.includes(name))
    return "it is a subscriber that the configuration does not name (redis.endSubscribers)";
  return undefined;
}

/** Says nothing and waits for nothing: a place that nobody uses. */
export function liesIdle({ flags, idleMs }: RedisClient, leastMs: number): boolean {
  return idleMs >= leastMs && !/[bMSPO]/.test(flags);
}
