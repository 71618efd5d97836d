// Tables of MySQL that are held without a transaction, and sessions that may be the ones that hold them.
import type { DatabaseSession } from "../../tools/database-inspector.ts";
import { inspectorFor } from "./inside-database.ts";
import { inWords, type Observer, plainLine, seen, unseen } from "./observer.ts";

const NAMED = 3;
/** The server tells whole seconds. */
const ROUNDED_MS = 1_000;

/** Tables that LOCK TABLES, or a statement without a transaction, holds; null: none. */
const heldTables: Observer = async (look) => {
  const mysql = await inspectorFor(look, "mysql");
  if (mysql === undefined) return unseen("it is not MySQL");
  const told = await mysql.metadataHolders(look.signal);
  if (told !== undefined) return seen(null, "the server tells who holds which table");
  const locked = await mysql.lockedTables(look.signal);
  if (locked === undefined) return unseen("which tables are locked cannot be seen (SELECT on all of them)");
  const [first] = locked;
  if (first === undefined) return seen(null, "no table is held without a transaction");
  return seen(plainLine(first, 120), plainLine(locked.slice(0, NAMED).join(", "), 200));
};

/** Sessions that have said nothing since before the first one had to wait: one of them holds what that one waits for. */
const silentSessions: Observer = async (look) => {
  const mysql = await inspectorFor(look, "mysql");
  if (mysql === undefined) return unseen("it is not MySQL");
  const sessions = await mysql.sessions(look.signal);
  const waitMs = Math.max(0, ...sessions.filter((one) => one.lock !== null).map((one) => one.stateMs));
  const silent = sessions
    .filter((one) => isAsleep(one) && one.stateMs + ROUNDED_MS >= waitMs)
    .toSorted((a, b) => a.stateMs - b.stateMs);
  if (silent.length === 0) return seen(null, "no session sleeps that could hold it");
  const words = silent.slice(0, NAMED).map(({ id, role, client, stateMs }) => {
    const who = client === "" ? role : `${role} from ${client}`;
    return `session ${id} (${who}, silent for ${inWords(stateMs)})`;
  });
  const more = silent.length > NAMED ? `, and ${silent.length - NAMED} more` : "";
  return seen(
    silent.slice(0, NAMED).map((one) => one.id),
    plainLine(words.join(", ") + more, 250),
  );
};

export const mysqlHeldTableObservers: Record<string, Observer> = {
  "mysql-held-tables": heldTables,
  "mysql-silent-sessions": silentSessions,
};

function isAsleep({ state, lock }: DatabaseSession): boolean {
  return lock === null && (state === "idle" || state === "idle-in-transaction");
}
