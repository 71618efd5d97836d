// What a repair of MySQL or MariaDB would need to know: whose sessions may be ended, and what may be set to what.
import type { MysqlDatabase } from "../../domain/service.ts";
import { mysqlSettings, settingProblem } from "../../tools/actions/mysql/settings.ts";
import type { DatabaseSession, MysqlInspector } from "../../tools/database-inspector.ts";
import { mostChanged } from "../../tools/mysql-statistics.ts";
import { badMysqlSettings } from "../../tools/mysql-settings.ts";
import { blocksForMs, idleForMs, neverEnded, parkedForMs } from "../../tools/mysql-sessions.ts";
import { leaksOf, rootsOf } from "../session-groups.ts";
import { STEP } from "./bounded-step.ts";
import { identifier, inspectorFor, ofPrimary } from "./inside-database.ts";
import { type Look, type Observer, plainLine, seen, type Seen, unseen } from "./observer.ts";
import { wasDroppedHere } from "./own-indexes.ts";

const MOST_ROWS = 20_000_000;
const NO_ADMINISTRATORS =
  "who administers the server cannot be seen (SELECT on the database mysql), so nobody is ended";

/** How many sessions of the client that leaks most may be ended. */
const endableLeak: Observer = (look) =>
  withMysql(look, async (mysql, owner) => {
    const sessions = await ordinarySessions(mysql, owner, look.signal);
    if (sessions === undefined) return unseen(NO_ADMINISTRATORS);
    const [leak] = leaksOf(sessions, { parkedMs: parkedForMs, idleMs: idleForMs });
    if (leak === undefined)
      return seen({ value: 0 }, "no session of an ordinary user lies unused for long enough");
    const { role, client, held } = leak;
    return seen(
      { value: held, role, client },
      plainLine(`${held} unused sessions of ${role} from ${client} may be ended`),
    );
  });

/** Whether the session that others wait for is certainly the one that holds them up, and sleeps in its transaction. */
const endableBlocker: Observer = (look) =>
  withMysql(look, async (mysql, owner) => {
    const sessions = await mysql.sessions(look.signal);
    const [root] = rootsOf(sessions);
    if (root === undefined) return unseen("who holds the lock cannot be seen");
    const { id, role, client, state, stateMs } = root.session;
    const no = (why: string): Seen => seen({ value: false, id, role, client }, `session ${id}: ${why}`);
    if (state !== "idle-in-transaction" || stateMs < blocksForMs) return no("it is at work, or was just now");
    const administrators = await mysql.administrators(look.signal);
    if (administrators === undefined) return no(NO_ADMINISTRATORS);
    const never = neverEnded(administrators, owner.protectRoles);
    if (root.session.protected || never.has(role)) return no("its user is never ended");
    const waitsForTable = sessions.some((one) => one.lock === "metadata lock");
    if (waitsForTable && !(await certainHolder(mysql, sessions, id, look.signal)))
      return no("others may hold the table as well");
    return seen(
      { value: true, id, role, client },
      plainLine(`session ${id} of ${role} from ${client} sleeps in its transaction, and may be ended`),
    );
  });

/** The next max_connections within what the owner allows; null: there is none. */
const moreConnections: Observer = (look) =>
  withMysql(look, async (mysql, owner) => {
    const from = (await mysql.settings(look.signal))["max_connections"] ?? "";
    const most = owner.maxConnections;
    if (most === undefined) return seen(null, "the owner allows no more connections (mysql.maxConnections)");
    return settable("max_connections", from, String(Math.min(Math.floor(Number(from) * STEP), most)), owner);
  });

/** The gravest of the settings that hurt, where it can be set right without a restart. */
const settableSetting: Observer = (look) =>
  withMysql(look, async (mysql, owner) => {
    const bad = badMysqlSettings(await mysql.settings(look.signal));
    const [worst] = bad.toSorted((a, b) => Number(b.grave) - Number(a.grave));
    if (worst === undefined) return seen(null, "no setting is known to hurt");
    return settable(worst.setting, worst.value, worst.better, owner);
  });

/** Whether events have run here before, which says that the scheduler was on. */
const eventsRan: Observer = (look) =>
  withMysql(look, async (mysql, owner) => {
    const ran = await mysql.eventsRan(look.signal);
    if (ran === undefined) return unseen("whether events have run cannot be seen");
    if (!ran) return seen(null, "none of its events has ever run");
    const from = (await mysql.settings(look.signal))["event_scheduler"] ?? "";
    return settable("event_scheduler", from, "ON", owner);
  });

/** Whether the column that statements miss an index on gets one without a human. */
const indexable: Observer = (look) =>
  withMysql(look, async (mysql) => {
    const [best] = (await mysql.indexCandidates(look.signal)) ?? [];
    if (best === undefined) return seen(null, "no statement misses an index");
    const { table, column, rows } = best;
    if (rows > MOST_ROWS) return seen(null, plainLine(`${table} has ${rows} rows: a human chooses the hour`));
    if (await wasDroppedHere(look, { table, column })) {
      const text = `opsmedic made one on ${table} (${column}) before, and dropped it again: it did not pay`;
      return seen(null, plainLine(text));
    }
    return seen({ value: `${table}.${column}`, table, column }, plainLine(`${table} has ${rows} rows`));
  });

/** The share of its rows that changed since the statistics were made, of the table with most of them. */
const staleTable: Observer = (look) =>
  withMysql(look, async (mysql) => {
    const all = await mysql.changedTables(look.signal);
    if (all === undefined) return unseen("how much has changed cannot be seen");
    const worst = mostChanged(all);
    if (worst === undefined) return seen({ value: 0 }, "no table is big enough to matter");
    const { table, rows, changed, share } = worst;
    const advice = `ANALYZE NO_WRITE_TO_BINLOG TABLE ${identifier(table, "mysql")};`;
    return seen(
      { value: share, table, rows, changed, advice },
      plainLine(`${changed} rows of ${table} (${rows} now) changed since its statistics were made`),
    );
  });

/** Whether they are made anew by themselves. */
const recalculates: Observer = (look) =>
  withMysql(look, async (mysql) => {
    const table = mostChanged((await mysql.changedTables(look.signal)) ?? [])?.table;
    const value = table === undefined ? undefined : await mysql.recalculates(table, look.signal);
    if (value === undefined) return unseen("it is not known of which table");
    return seen(value, plainLine(`those of ${table} are ${value ? "" : "not "}made anew by themselves`));
  });

/** Whether this user may make them anew. */
const analyzable: Observer = (look) =>
  withMysql(look, async (mysql) => {
    const table = mostChanged((await mysql.changedTables(look.signal)) ?? [])?.table;
    if (table === undefined) return seen({ value: false }, "no table is big enough to matter");
    const lacks = await mysql.lacks(["SELECT", "INSERT"], table, look.signal);
    const value = lacks.length === 0;
    return seen(
      { value, table },
      plainLine(`it ${value ? "may" : `lacks ${lacks.join(", ")} to`} analyse ${table}`),
    );
  });

export const mysqlRepairObservers: Record<string, Observer> = {
  "mysql-endable-leak": endableLeak,
  "mysql-endable-blocker": endableBlocker,
  "mysql-more-connections": moreConnections,
  "mysql-settable": settableSetting,
  "mysql-events-ran": eventsRan,
  "mysql-indexable": ofPrimary(indexable),
  "mysql-stale-table": staleTable,
  "mysql-recalculates": recalculates,
  "mysql-analyzable": analyzable,
};

async function withMysql(
  look: Look,
  ask: (mysql: MysqlInspector, owner: MysqlDatabase) => Promise<Seen>,
): Promise<Seen> {
  const mysql = await inspectorFor(look, "mysql");
  const { database } = look.scene.service;
  if (mysql === undefined || database?.kind !== "mysql") return unseen("it is not MySQL");
  return ask(mysql, database);
}

async function ordinarySessions(
  mysql: MysqlInspector,
  owner: MysqlDatabase,
  signal: AbortSignal,
): Promise<DatabaseSession[] | undefined> {
  const administrators = await mysql.administrators(signal);
  if (administrators === undefined) return undefined;
  const never = neverEnded(administrators, owner.protectRoles);
  return (await mysql.sessions(signal)).filter((one) => !one.protected && !never.has(one.role));
}

/**
 * By what the server tells of its metadata locks; where it does not, only one transaction may be old enough, and no table
 * may be held without one.
 */
async function certainHolder(
  mysql: MysqlInspector,
  sessions: readonly DatabaseSession[],
  id: number,
  signal: AbortSignal,
): Promise<boolean> {
  const told = await mysql.metadataHolders(signal);
  if (told !== undefined) return told.includes(id);
  if ((await mysql.lockedTables(signal))?.length !== 0) return false;
  const waitMs = Math.max(
    ...sessions.filter((one) => one.lock === "metadata lock").map((one) => one.stateMs),
  );
  const open = sessions.filter((one) => one.lock === null && (one.transactionMs ?? -1) >= waitMs);
  return open.length === 1 && open[0]?.id === id;
}

function settable(name: string, from: string, to: string, owner: MysqlDatabase): Seen {
  const known = mysqlSettings.find((one) => one === name);
  const problem = known === undefined ? "it takes a restart" : settingProblem(known, { from, to }, owner);
  if (problem !== undefined) return seen(null, plainLine(`${name} stays ${from}: ${problem}`));
  return seen({ value: to, setting: name, from, to }, plainLine(`${name} from ${from} to ${to}`));
}
