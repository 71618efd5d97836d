// Who is who among the sessions of a database: the clients that hold connections without using them, and the roots of
// the trees of those who wait for each other.
import type { DatabaseSession } from "../tools/database-inspector.ts";

export interface ClientGroup {
  role: string;
  client: string;
  address: string | null;
  ids: number[];
  active: number;
  idle: number;
  idleInTransaction: number;
}

export interface Leak extends Pick<ClientGroup, "role" | "client" | "address"> {
  ids: number[];
  /** Connections that it does not use. */
  held: number;
  /** Those of them with an open transaction. */
  parked: number;
  oldestMs: number;
}

export interface BlockerRoot {
  session: DatabaseSession;
  /** Sessions that wait for it, directly or through others. */
  blocked: number;
  /** The longest of their waits. */
  longestMs: number;
}

/** Sessions of one role and program on one machine: a program that leaks leaks from all of them. Most first. */
export function clientGroups(sessions: readonly DatabaseSession[]): ClientGroup[] {
  return grouped(sessions)
    .map((group) => ({
      ...nameOf(group),
      ids: group.map((one) => one.id),
      active: group.filter((one) => one.state === "active").length,
      idle: group.filter((one) => one.state === "idle").length,
      idleInTransaction: group.filter((one) => one.state === "idle-in-transaction").length,
    }))
    .toSorted((a, b) => b.ids.length - a.ids.length);
}

/** Those whose connections lie unused: in a transaction for `parkedMs`, else idle for `idleMs`. Most first. */
export function leaksOf(
  sessions: readonly DatabaseSession[],
  { parkedMs, idleMs }: { parkedMs: number; idleMs: number },
): Leak[] {
  const unused = (one: DatabaseSession): boolean =>
    (one.state === "idle-in-transaction" && one.stateMs >= parkedMs) ||
    (one.state === "idle" && one.stateMs >= idleMs);
  return grouped(sessions.filter((one) => !one.protected && unused(one)))
    .map((group) => ({
      ...nameOf(group),
      ids: group.map((one) => one.id),
      held: group.length,
      parked: group.filter((one) => one.state === "idle-in-transaction").length,
      oldestMs: Math.max(...group.map((one) => one.stateMs)),
    }))
    .toSorted((a, b) => b.held - a.held || b.oldestMs - a.oldestMs);
}

/** Whoever holds a lock that others wait for and waits for nobody; the one that holds up most first. */
export function rootsOf(sessions: readonly DatabaseSession[]): BlockerRoot[] {
  const byId = new Map(sessions.map((one) => [one.id, one]));
  const waiters = waitersOf(sessions);
  return [...waiters.keys()]
    .flatMap((id) => byId.get(id) ?? [])
    .filter((one) => one.waitsFor.length === 0)
    .map((session) => ({ session, ...waitBehind(session.id, waiters) }))
    .toSorted(mostFirst);
}

/** The same of whoever is no session of a client: a prepared transaction (0), a process of the server itself. */
export function rootsElsewhere(
  sessions: readonly DatabaseSession[],
): ({ id: number } & Omit<BlockerRoot, "session">)[] {
  const known = new Set(sessions.map((one) => one.id));
  const waiters = waitersOf(sessions);
  return [...waiters.keys()]
    .filter((id) => !known.has(id))
    .map((id) => ({ id, ...waitBehind(id, waiters) }))
    .toSorted(mostFirst);
}

export function identityOf({
  role,
  client,
  address,
}: Pick<ClientGroup, "role" | "client" | "address">): string {
  const name = client === "" ? "a client without a name" : client;
  const from = address === null || address === client ? "" : ` from ${address}`;
  return `${name}${from}, role ${role}`;
}

function grouped(sessions: readonly DatabaseSession[]): DatabaseSession[][] {
  return [...Map.groupBy(sessions, (one) => JSON.stringify([one.role, one.client, one.address])).values()];
}

function nameOf(group: readonly DatabaseSession[]): Pick<ClientGroup, "role" | "client" | "address"> {
  const [first] = group;
  return { role: first?.role ?? "", client: first?.client ?? "", address: first?.address ?? null };
}

function waitersOf(sessions: readonly DatabaseSession[]): Map<number, DatabaseSession[]> {
  const waiters = new Map<number, DatabaseSession[]>();
  for (const one of sessions) {
    for (const id of one.waitsFor) waiters.set(id, [...(waiters.get(id) ?? []), one]);
  }
  return waiters;
}

function waitBehind(id: number, waiters: ReadonlyMap<number, DatabaseSession[]>) {
  const behind = allBehind(id, waiters);
  const longestMs = Math.max(0, ...[...behind.values()].map((one) => one.stateMs));
  return { blocked: behind.size, longestMs };
}

function mostFirst(
  a: Pick<BlockerRoot, "blocked" | "longestMs">,
  b: Pick<BlockerRoot, "blocked" | "longestMs">,
): number {
  return b.blocked - a.blocked || b.longestMs - a.longestMs;
}

/** Each once: trees may share branches, and what waits in a circle ends too. */
function allBehind(
  id: number,
  waiters: ReadonlyMap<number, DatabaseSession[]>,
): Map<number, DatabaseSession> {
  const behind = new Map<number, DatabaseSession>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const one of waiters.get(next) ?? []) {
      if (behind.has(one.id)) continue;
      behind.set(one.id, one);
      queue.push(one.id);
    }
  }
  return behind;
}
