// What a repair of PostgreSQL may act on, asked now in the words that the repair itself will use: who may be ended.
import { leakedBy, forgottenBlocker } from "../../tools/actions/postgres/unused-sessions.ts";
import type { PostgresInspector } from "../../tools/database-inspector.ts";
import { identityOf, leaksOf, rootsOf } from "../session-groups.ts";
import { inspectorFor } from "./inside-database.ts";
import { type Look, type Observer, plainLine, seen, unseen } from "./observer.ts";
import { IDLE_MS, PARKED_MS } from "./sql-sessions.ts";

type Ask = (sql: string, values: readonly unknown[]) => ReturnType<PostgresInspector["ask"]>;

/** How many sessions of the leaking client may be ended: old enough, and nobody's that is protected. */
const endableLeak: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const { inspector, database, ask } = open;
  const kept = new Set(database.protectRoles);
  const sessions = (await inspector.sessions(look.signal)).filter((one) => !kept.has(one.role));
  const [leak] = leaksOf(sessions, { parkedMs: PARKED_MS, idleMs: IDLE_MS });
  if (leak === undefined) return seen({ value: 0 }, "no client holds connections that it does not use");
  const { role, client, address } = leak;
  const endable = await leakedBy(ask, { role, client, address }, database);
  return seen(
    { value: endable.length, role, client, address },
    plainLine(`${endable.length} sessions of ${plainLine(identityOf(leak), 80)} may be ended`),
  );
};

/** Whether the session that others wait for may be ended: it does nothing, for long enough, and nobody protects it. */
const endableBlocker: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const { inspector, database, ask } = open;
  const [root] = rootsOf(await inspector.sessions(look.signal));
  if (root === undefined) return seen({ value: false }, "nobody waits for a lock");
  const { id: pid, startedAt } = root.session;
  if (startedAt === null) return unseen("since when the session is there cannot be seen");
  const may = (await forgottenBlocker(ask, { pid, startedAt }, database)) !== undefined;
  return seen({ value: may, pid, startedAt }, `session ${pid} ${may ? "may" : "may not"} be ended`);
};

export const postgresRepairObservers: Record<string, Observer> = {
  "endable-leak": endableLeak,
  "endable-blocker": endableBlocker,
};

async function opened(look: Look) {
  const { database } = look.scene.service;
  const inspector = await inspectorFor(look, "postgres");
  if (inspector === undefined || database?.kind !== "postgres") return undefined;
  const ask: Ask = (sql, values) => inspector.ask(sql, values, look.signal);
  return { inspector, database, ask };
}
