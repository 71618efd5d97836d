// Which sessions of PostgreSQL may be ended at all, and ending exactly those. Never one that works, one of a superuser,
// of replication, of a protected role, or our own; and never another one that got the same number meanwhile.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { horizonSql } from "../../postgres-questions.ts";
import { numberIn, type Row, textIn } from "../../row-values.ts";
import type { PostgresDatabase } from "./connection.ts";

/** A session's number is given again after its end; with the time of its beginning (Unix ms) it is never. */
export const sessionSchema = z.object({ pid: z.int(), startedAt: z.number() });
export type SessionIdentity = z.infer<typeof sessionSchema>;

/** Beginnings are told to a microsecond, and lose that on their way. */
export function isSameSession(one: SessionIdentity, other: SessionIdentity): boolean {
  return one.pid === other.pid && Math.abs(one.startedAt - other.startedAt) < 1;
}

export type Ask = (sql: string, values: readonly unknown[]) => Promise<Row[]>;

/** Without the owner's word: from here on a transaction in which nothing happens is forgotten. */
const PARKED_MS = 5_000;
/** A session outside a transaction holds only its place. */
const IDLE_MS = 60_000;
/** A session that is ended is gone some milliseconds later; who waits longer is told by verify. */
const LOOKS = 50;
/** So much of the places is left to whoever idles: ending more would not help more. */
const ENOUGH_FREE = 0.7;

export function agesOf({ terminateIdleInTransactionAfterMs }: PostgresDatabase) {
  return { parkedMs: terminateIdleInTransactionAfterMs ?? PARKED_MS, idleMs: IDLE_MS };
}

/**
 * Of those that nobody may end there is none in here: whose role is a superuser's, replication's or protected ($1), ours;
 * and idle ones that wait for a notification or hold an advisory lock, as leaders do: they use their connection.
 */
const endable = `
select a.pid, a.usename, a.application_name, host(a.client_addr) as address, a.state like 'idle in transaction%' as parked,
  extract(epoch from a.backend_start)::float8 * 1000 as started,
  extract(epoch from clock_timestamp() - a.state_change) * 1000 as state_ms
from pg_stat_activity a join pg_roles r on r.rolname = a.usename
where a.backend_type = 'client backend' and a.pid <> pg_backend_pid() and not r.rolsuper and not r.rolreplication
  and a.application_name <> 'opsmedic' and a.usename <> all($1::text[])
  and (a.state like 'idle in transaction%' or (a.state = 'idle' and a.query !~* '^\\s*listen\\M'
    and not exists (select from pg_locks l where l.pid = a.pid and l.locktype = 'advisory')))`;

const same = (startedParam: string): string => `abs(e.started - ${startedParam}) < 1`;

/** $2 role, $3 program, $4 address, $5 and $6 ages, $7 share of the places. Parked ones all, idle ones while it is full. */
const leakedSql = `
with e as (${endable}),
old as (select * from e where usename = $2 and application_name = $3 and address is not distinct from $4
  and state_ms >= case when parked then $5::float8 else $6::float8 end),
used as (select count(*) as taken, (select count(*) from old where parked) as forgotten,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) as places
  from pg_stat_activity where backend_type = 'client backend')
select o.pid, o.started, o.parked from (select *, row_number() over (partition by parked order by state_ms desc) as place from old) o, used
where o.parked or o.place <= used.taken - used.forgotten - floor(used.places * $7::float8)
order by o.parked desc, o.state_ms desc limit 500`;

export interface ClientName {
  role: string;
  client: string;
  address: string | null;
}

/** What this client holds unused and may lose, its forgotten transactions first, the oldest before the younger. */
export async function leakedBy(
  ask: Ask,
  { role, client, address }: ClientName,
  database: PostgresDatabase,
  { parkedMs, idleMs } = agesOf(database),
): Promise<(SessionIdentity & { parked: boolean })[]> {
  const rows = await ask(leakedSql, [
    database.protectRoles,
    role,
    client,
    address,
    parkedMs,
    idleMs,
    ENOUGH_FREE,
  ]);
  return rows.map((row) => ({ ...identityIn(row), parked: row["parked"] === true }));
}

/** Without the owner's word: from here on a transaction that only keeps old rows in view is forgotten. */
const KEEPS_ROWS_MS = 5 * 60_000;

/** $2 age. Those that look further back than anything else that looks back and may not be ended. */
const keepersSql = `
with e as (${endable}), h as (${horizonSql}),
kept as (select e.*, greatest(age(a.backend_xmin), age(a.backend_xid)) as age from e join pg_stat_activity a on a.pid = e.pid
  where e.parked and e.state_ms >= $2::float8 and (a.backend_xmin is not null or a.backend_xid is not null)),
others as (select max(greatest(age(a.backend_xmin), age(a.backend_xid))) as age from pg_stat_activity a
  where a.pid <> pg_backend_pid() and a.pid not in (select pid from kept)
  union all select max(age) from h where holder <> 'transaction')
select pid, started, usename as role, application_name as client, address from kept
where age > (select coalesce(max(age), 0) from others) order by age desc limit 20`;

/** Forgotten transactions, and nothing else, that keep dead rows from being removed; the oldest one's client's only. */
export async function keepersOfRows(
  ask: Ask,
  database: PostgresDatabase,
): Promise<(ClientName & { only: SessionIdentity[] }) | undefined> {
  const { terminateIdleInTransactionAfterMs: after } = database;
  const rows = await ask(keepersSql, [database.protectRoles, after ?? KEEPS_ROWS_MS]);
  const keepers = rows.map((row) => ({ ...clientIn(row), identity: identityIn(row) }));
  const [oldest] = keepers;
  if (oldest === undefined) return undefined;
  const { role, client, address } = oldest;
  const own = keepers.filter((one) => one.role === role && one.client === client && one.address === address);
  return { role, client, address, only: own.map((one) => one.identity) };
}

/** $2 and $3: numbers and beginnings, place by place. Evaluated for those that pass, and right then. */
const endSql = `
with e as (${endable})
select e.pid, pg_terminate_backend(e.pid) as ended from e
join unnest($2::int[], $3::float8[]) as wanted (pid, started) on wanted.pid = e.pid and ${same("wanted.started")}`;

const stillSql = endSql.replace("pg_terminate_backend(e.pid)", "false");

/** Ends those that are still unused, and waits for their end; how many. One that is gone or works by now is left. */
export async function endSessions(
  ask: Ask,
  sessions: readonly SessionIdentity[],
  database: PostgresDatabase,
): Promise<number> {
  const rows = await ask(endSql, named(sessions, database));
  for (let looks = 0; looks < LOOKS && (await stillUnused(ask, sessions, database)) > 0; looks += 1)
    await sleep(20);
  return rows.filter((row) => row["ended"] === true).length;
}

/** Those that are still there and unused. */
export async function stillUnused(
  ask: Ask,
  sessions: readonly SessionIdentity[],
  database: PostgresDatabase,
): Promise<number> {
  return (await ask(stillSql, named(sessions, database))).length;
}

/** $2 number, $3 beginning, $4 age: a forgotten transaction that others wait for just now. */
const blockerSql = `
with e as (${endable})
select e.pid, e.started, e.usename as role, e.application_name as client, e.address, e.state_ms,
  (select count(*) from pg_stat_activity w where w.wait_event_type = 'Lock' and e.pid = any(pg_blocking_pids(w.pid))) as blocked
from e where e.pid = $2 and ${same("$3")} and e.parked and e.state_ms >= $4`;

/** undefined: it is gone, works, is too young or protected, or nobody waits for it. */
export async function forgottenBlocker(
  ask: Ask,
  { pid, startedAt }: SessionIdentity,
  database: PostgresDatabase,
): Promise<{ role: string; client: string; address: string | null; blocked: number } | undefined> {
  const { parkedMs } = agesOf(database);
  const [row] = await ask(blockerSql, [database.protectRoles, pid, startedAt, parkedMs]);
  const blocked = numberIn(row, "blocked") ?? 0;
  if (row === undefined || blocked === 0) return undefined;
  return { ...clientIn(row), blocked };
}

function clientIn(row: Row): ClientName {
  return {
    role: textIn(row, "role") ?? "",
    client: textIn(row, "client") ?? "",
    address: textIn(row, "address") ?? null,
  };
}

function named(sessions: readonly SessionIdentity[], { protectRoles }: PostgresDatabase): unknown[] {
  return [protectRoles, sessions.map((one) => one.pid), sessions.map((one) => one.startedAt)];
}

function identityIn(row: Row): SessionIdentity {
  return { pid: numberIn(row, "pid") ?? 0, startedAt: numberIn(row, "started") ?? 0 };
}
