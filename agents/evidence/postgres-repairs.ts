// What a repair of PostgreSQL may act on, asked now in the words that the repair itself will use: who may be ended.
import { leakedBy, forgottenBlocker } from "../../tools/actions/postgres/unused-sessions.ts";
import {
  freezeHolder,
  freezeProblem,
  freezeUnderWay,
  oldDatabase,
} from "../../tools/actions/postgres/old-tables.ts";
import { settableSources } from "../../tools/actions/postgres/setting-sources.ts";
import { tableNamed } from "../../tools/actions/postgres/tables.ts";
import { canBeWider, sequenceNamed } from "../../tools/actions/postgres/widen-sequence.ts";
import type { PostgresInspector } from "../../tools/database-inspector.ts";
import { badPostgresSettings } from "../../tools/postgres-settings.ts";
import { numberIn, textIn } from "../../tools/row-values.ts";
import { identityOf, leaksOf, rootsElsewhere, rootsOf } from "../session-groups.ts";
import { inspectorFor, ofPrimary } from "./inside-database.ts";
import { wasDroppedHere } from "./own-indexes.ts";
import { type Look, type Observer, percent, plainLine, seen, unseen } from "./observer.ts";
import { IDLE_MS, PARKED_MS } from "./sql-sessions.ts";
import { mostDead, worstBelieved } from "./sql-tables.ts";

const MOST_ROOTS = 20;
/** From here on waiting is a symptom of its own (detectors/blocked-sessions.ts). */
const LONG_MS = 5_000;

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
    plainLine(
      `${endable.length} sessions of ${plainLine(identityOf(leak), 80)} ${mayBeEnded(endable.length)}`,
    ),
  );
};

/** Who runs everything as a superuser must be told why nothing is done. */
const mayBeEnded = (count: number): string =>
  count > 0
    ? "may be ended"
    : "may be ended: superusers, protected roles, replication and whoever is at work are left alone";

/**
 * How many roots of those who wait may be ended: they do nothing, for long enough, and nobody protects them. None, where
 * others would have to wait on all the same behind one that may not: such an end could not prove itself.
 */
const endableBlocker: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const { inspector, database, ask } = open;
  const all = await inspector.sessions(look.signal);
  const sessions = [];
  const staying = rootsElsewhere(all)
    .filter(isLong)
    .map(({ blocked }) => `somebody who is no client (holds up ${blocked})`);
  for (const root of rootsOf(all).slice(0, MOST_ROOTS)) {
    const { session } = root;
    const { id: pid, startedAt } = session;
    const idles = startedAt !== null && session.state === "idle-in-transaction";
    const may = idles ? await forgottenBlocker(ask, { pid, startedAt }, database) : undefined;
    if (idles && may !== undefined) sessions.push({ pid, startedAt });
    else if (isLong(root))
      staying.push(
        `session ${pid} (${plainLine(identityOf(session), 60)}, ${session.state}, holds up ${root.blocked})`,
      );
  }
  if (sessions.length > 0 && staying.length > 0) {
    const text = `${sessions.length} may be ended, but others wait for ${staying.slice(0, 3).join(", ")} all the same: a person should look at both`;
    return seen({ value: 0, sessions: [] }, plainLine(text, 300));
  }
  return seen(
    { value: sessions.length, sessions },
    `${sessions.length} of those who hold up others ${mayBeEnded(sessions.length)}`,
  );
};

const isLong = ({ longestMs }: { longestMs: number }): boolean => longestMs >= LONG_MS;

/** Where the worst of its bad settings can be put right: true, or what sets it that a change would not override. */
const settableSetting: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const bad = badPostgresSettings(await open.inspector.settings(look.signal));
  const [worst] = bad.toSorted((a, b) => Number(b.grave) - Number(a.grave));
  if (worst === undefined) return seen({ value: false }, "no setting is known to hurt");
  const [row] = await open.ask("select source from pg_settings where name = $1", [worst.setting]);
  // Our own limits hide where theirs come from; whoever changes it looks again.
  const source = textIn(row, "source") ?? "";
  const value = [...settableSources, "session"].includes(source);
  const { setting, value: from, better: to } = worst;
  return seen({ value, setting, from, to }, `${setting} comes from the ${source}`);
};

/** Whether the table that is meant may be maintained by the role: `by` "planner" (old statistics) or "dead" (dead rows). */
const maintainableTable: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const tables = await open.inspector.tables(look.signal);
  const table = (look.params["by"] === "dead" ? mostDead(tables) : worstBelieved(tables))?.table;
  if (table === undefined) return unseen("no table is big enough to matter");
  const value = (await tableNamed(open.ask, table))?.mayMaintain === true;
  return seen({ value, table }, plainLine(`its role ${value ? "may" : "may not"} maintain ${table}`));
};

/** The vacuum that works on the table with most dead rows just now; null: none does. */
const vacuumUnderWay: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const table = mostDead(await open.inspector.tables(look.signal))?.table;
  if (table === undefined) return unseen("no table is big enough to matter");
  const [row] = await open.ask(underWaySql, [table]);
  if (row === undefined) return seen(null, "no vacuum works on it just now");
  const share = numberIn(row, "share");
  const how = `${textIn(row, "who")}, ${textIn(row, "phase")}${share === undefined ? "" : `, ${percent(share)} of its pages`}`;
  return seen(plainLine(how, 160), plainLine(`a vacuum works on ${table} just now (${how})`, 200));
};

const underWaySql = `
select coalesce(nullif(left(a.query, 100), ''), a.backend_type) as who, p.phase, p.heap_blks_scanned::float8 / nullif(p.heap_blks_total, 0) as share
from pg_stat_progress_vacuum p join pg_stat_activity a on a.pid = p.pid
join pg_class c on c.oid = p.relid join pg_namespace n on n.oid = c.relnamespace
where p.datname = current_database() and n.nspname || '.' || c.relname = $1 limit 1`;

/** Whether the best candidate for an index is on a table that is the role's to change, under its full name. */
const indexableColumn: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const [best] = (await open.inspector.indexCandidates(look.signal)) ?? [];
  if (best === undefined) return seen({ value: false }, "there is no candidate");
  const [row] = await open.ask(
    "select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)",
    [best.table],
  );
  const table = textIn(row, "name") ?? "";
  if (await wasDroppedHere(look, { table, column: best.column })) {
    const text = `opsmedic made one on ${table} (${best.column}) before, and dropped it again: it did not pay`;
    return seen({ value: false, table, column: best.column }, plainLine(text));
  }
  const value = (await tableNamed(open.ask, table))?.mayIndex === true;
  const may = `its role ${value ? "may" : "may not"} make an index on ${table}`;
  return seen({ value, table, column: best.column }, plainLine(may));
};

/** Whether the sequence nearest to its end may count further: the columns that it fills hold more, and it is the role's. */
const widenableSequence: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const [worst] = await open.inspector.sequences(look.signal);
  if (worst === undefined) return unseen("no sequence was used, or none can be seen");
  const { sequence } = worst;
  const found = await sequenceNamed(open.ask, sequence);
  const value = found !== undefined && canBeWider(found);
  return seen({ value, sequence }, plainLine(`${sequence} ${value ? "may" : "may not"} count further`));
};

/** Who keeps old rows from being frozen: a kind of holder; null: nobody. */
const freezeHeldBy: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const held = await freezeHolder(open.ask, (await oldDatabase(open.ask)).age);
  if (held === undefined) return seen(null, "nobody keeps old rows from being frozen");
  const who = plainLine(held.who, 100);
  return seen(
    { value: held.holder, who, age: held.age, advice: `${endings[held.holder]}: ${who}` },
    `the ${held.holder} ${who} has looked on for ${held.age} transactions`,
  );
};

const endings = {
  transaction: "end this session if it is forgotten (SELECT pg_terminate_backend(pid))",
  slot: "let its reader catch up, or drop this replication slot (SELECT pg_drop_replication_slot('…'))",
  prepared: "commit or roll back this prepared transaction (ROLLBACK PREPARED '…')",
  standby: "look at the long statement of this standby, or switch its hot_standby_feedback off",
};

/** Whether the old rows of the oldest database may be frozen by the role, in the time of a repair. */
const freezable: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const old = await oldDatabase(open.ask);
  const problem =
    old.name === old.oldest
      ? freezeProblem(old)
      : `the oldest rows are in the database ${old.oldest}, and opsmedic is in ${old.name}`;
  const text = problem ?? `${old.tables.length} tables of ${old.name} are to be frozen`;
  return seen(
    { value: problem === undefined, database: old.name, tables: old.tables.length },
    plainLine(text),
  );
};

/** What an autovacuum freezes already; null: none does. */
const freezing: Observer = async (look) => {
  const open = await opened(look);
  if (open === undefined) return unseen("it is not PostgreSQL");
  const work = await freezeUnderWay(open.ask);
  if (work === undefined) return seen(null, "no autovacuum freezes old rows there");
  return seen(plainLine(work, 120), plainLine(`just now an autovacuum is at it (${work})`, 160));
};

export const postgresRepairObservers: Record<string, Observer> = {
  "endable-leak": endableLeak,
  "endable-blocker": endableBlocker,
  "settable-setting": settableSetting,
  "maintainable-table": ofPrimary(maintainableTable),
  "vacuum-under-way": vacuumUnderWay,
  "indexable-column": ofPrimary(indexableColumn),
  "widenable-sequence": ofPrimary(widenableSequence),
  "freeze-held-by": freezeHeldBy,
  "freezable-database": ofPrimary(freezable),
  "freeze-under-way": freezing,
};

async function opened(look: Look) {
  const { database } = look.scene.service;
  const inspector = await inspectorFor(look, "postgres");
  if (inspector === undefined || database?.kind !== "postgres") return undefined;
  const ask: Ask = (sql, values) => inspector.ask(sql, values, look.signal);
  return { inspector, database, ask };
}
