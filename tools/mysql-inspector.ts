// Looks into MySQL and MariaDB through information_schema, status counters and, where it is on, performance_schema.
import { HealError } from "../domain/errors.ts";
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type {
  DatabaseSession,
  MysqlInspector,
  NamedObject,
  ObjectPlaces,
  StatementUse,
} from "./database-inspector.ts";
import { candidatesIn, tablesIn } from "./index-candidates.ts";
import { mysqlDiskTakers, mysqlFolders } from "./mysql-disk.ts";
import { byName, lookAtMysql, lookAtMysqlTables, type SlowLook, statementsOf } from "./mysql-look.ts";
import * as ask from "./mysql-questions.ts";
import { userOf } from "./mysql-sessions.ts";
import { makeMysqlReader, type MysqlReader } from "./mysql-reader.ts";
import { slowLogOf } from "./mysql-slow-log.ts";
import { missingMysqlRights, mysqlRepairRights, rightsLacking } from "./mysql-rights.ts";
import { readShapes } from "./mysql-shapes.ts";
import { changedTables } from "./mysql-statistics.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";
import { usedSince } from "./statement-counts.ts";
import { similarNames } from "./similar-names.ts";

const SLOW_EVERY_MS = 60_000;
const LONGEST_STATEMENT = 300;
const METADATA_LOCK = /^Waiting for .{0,40}metadata lock$/;

export function makeMysqlInspector(
  url: string,
  { now, slowEveryMs = SLOW_EVERY_MS }: { now: () => number; slowEveryMs?: number },
): MysqlInspector {
  const reader = makeMysqlReader(url);
  let slow: (SlowLook & { at: number }) | undefined;
  /** Of the look before: between two looks there is enough to see, since the last one there may be nothing yet. */
  let earlier: SlowLook["counts"];

  async function slowLook(signal?: AbortSignal) {
    if (slow !== undefined && now() - slow.at < slowEveryMs) return slow;
    const before = slow?.counts;
    slow = { ...(await lookAtMysqlTables(reader, before, signal)), at: now() };
    earlier = before;
    return slow;
  }

  async function statements(signal?: AbortSignal): Promise<StatementUse[] | undefined> {
    const counts = await statementsOf(reader, signal);
    return counts ? usedSince(undefined, counts) : slowLogOf(reader, signal);
  }

  async function settings(signal?: AbortSignal): Promise<Record<string, string>> {
    return byName(await reader.read("show global variables", [], signal));
  }

  async function grants(signal?: AbortSignal): Promise<string[]> {
    const rows = await reader.read("show grants", [], signal);
    return rows.flatMap((one) => Object.values(one)).map(String);
  }

  return {
    engine: "mysql",
    statements,
    async lately(signal) {
      const before = earlier ?? slow?.counts;
      const counts = before && (await statementsOf(reader, signal));
      return counts && usedSince(before, counts);
    },
    ask: (sql, values, signal) => reader.read(sql, values, signal),
    close: reader.close,
    async readAnew(signal) {
      const counts = await statementsOf(reader, signal);
      earlier = undefined;
      slow = { numbers: {}, words: {}, counts, at: Number.NEGATIVE_INFINITY };
    },
    async look(signal) {
      try {
        const quick = await lookAtMysql(reader, signal);
        const { numbers, words } = await slowLook(signal);
        return { ...quick, numbers: { ...quick.numbers, ...numbers }, words: { ...quick.words, ...words } };
      } catch (error) {
        if (error instanceof HealError && error.code === "database-not-reached") return undefined;
        throw error;
      }
    },
    missingRights: async (signal) => missingMysqlRights(await grants(signal)),
    repairRights: async (signal) => mysqlRepairRights(await grants(signal)),
    async sessions(signal) {
      const rows = await reader.read(ask.sessionsSql, [], signal);
      return withMetadataWaits(
        rows.map((one) => sessionOf(one)),
        await rowWaits(reader, signal),
      );
    },
    async tables(signal) {
      const rows = await reader.read(ask.tablesSql, [], signal);
      return rows.map((one) => ({
        table: textIn(one, "table") ?? "",
        rows: numberIn(one, "rows") ?? 0,
        bytes: numberIn(one, "bytes") ?? 0,
        scans: 0,
        rowsScanned: 0,
        indexScans: 0,
        deadRows: 0,
        changedSinceAnalyse: 0,
        believedRows: numberIn(one, "rows") ?? null,
        lastVacuum: null,
        lastAnalyse: null,
      }));
    },
    async indexCandidates(signal) {
      const known = (await statements(signal)) ?? [];
      const used = known.length > 0 ? known : await running(reader, signal);
      const names = [...new Set(used.flatMap((one) => tablesIn(one.statement)))];
      if (names.length === 0) return [];
      const columns = await reader.read(ask.columnsSql, [names], signal);
      return candidatesIn(
        used,
        columns.map((one) => ({
          table: textIn(one, "table") ?? "",
          bare: textIn(one, "bare") ?? "",
          column: textIn(one, "column") ?? "",
          distinct: numberIn(one, "distinct") ?? null,
          rows: numberIn(one, "rows") ?? 0,
          indexed: Boolean(Number(one["indexed"])),
        })),
      );
    },
    async administrators(signal) {
      const rows = await reader.read(ask.administratorsSql, [], signal);
      return new Set(rows.map((one) => userOf(textIn(one, "grantee") ?? "")));
    },
    async metadataHolders(signal) {
      const rows = await reader.read(ask.metadataHoldersSql, [], signal).catch((): Row[] => []);
      signal?.throwIfAborted();
      return rows.length === 0 ? undefined : rows.map((one) => numberIn(one, "holds") ?? 0);
    },
    async eventsRan(signal) {
      const sql = (await reader.isMariadb(signal)) ? ask.eventsRanMariadbSql : ask.eventsRanMysqlSql;
      const [row] = await reader.read(sql, [], signal).catch((): Row[] => []);
      signal?.throwIfAborted();
      const ran = numberIn(row, "ran");
      return ran === undefined ? undefined : ran > 0;
    },
    find: (object, signal) => find(reader, object, signal),
    changedTables: (signal) => changedTables(reader, signal),
    async recalculates(table, signal) {
      const [row] = await reader.read(ask.recalculatesSql, table.split("."), signal);
      return row === undefined ? undefined : Number(row["recalculates"]) !== 0;
    },
    lacks: async (rights, table, signal) => rightsLacking(await grants(signal), rights, table),
    shapes: (signal) => readShapes(reader, signal),
    settings,
    folders: async (signal) => mysqlFolders(await settings(signal)),
    diskTakers: async (signal) => mysqlDiskTakers(reader, await settings(signal), signal),
    async sequences(signal) {
      const rows = await reader.read(ask.autoIncrementSql, [], signal);
      return rows.map((one) => ({
        sequence: textIn(one, "owner") ?? "",
        owner: textIn(one, "owner") ?? null,
        last: numberIn(one, "last") ?? 0,
        limit: numberIn(one, "limit") ?? 0,
        type: textIn(one, "narrowest") ?? "",
      }));
    },
  };
}

async function running(reader: MysqlReader, signal?: AbortSignal): Promise<StatementUse[]> {
  const rows = await reader.read(ask.runningSql, [], signal);
  return rows.map((one) => {
    const ms = numberIn(one, "ms") ?? 0;
    return { statement: textIn(one, "statement") ?? "", calls: 1, totalMs: ms, meanMs: ms };
  });
}

async function rowWaits(reader: MysqlReader, signal?: AbortSignal): Promise<Map<number, number[]>> {
  const sql = (await reader.isMariadb(signal)) ? ask.rowWaitsMariadbSql : ask.rowWaitsMysqlSql;
  const rows = await reader.read(sql, [], signal).catch((): Row[] => []);
  signal?.throwIfAborted();
  const grouped = Map.groupBy(rows, (one) => numberIn(one, "waits") ?? 0);
  return new Map([...grouped].map(([id, all]) => [id, all.map((one) => numberIn(one, "holds") ?? 0)]));
}

/**
 * Nobody tells who holds a metadata lock (MariaDB needs a plugin for it, MySQL performance_schema): whoever has had a
 * transaction open for longer than the waiter waits, and waits for nothing itself. The one that has been open longest is
 * named, one in the same database first.
 */
function withMetadataWaits(
  sessions: DatabaseSession[],
  waits: ReadonlyMap<number, number[]>,
): DatabaseSession[] {
  return sessions.map((one) => {
    const known = waits.get(one.id);
    if (known !== undefined) return { ...one, waitsFor: known, lock: one.lock ?? "row" };
    if (one.lock === null || !METADATA_LOCK.test(one.lock)) return one;
    const waitMs = one.stateMs;
    const holders = sessions
      .filter((other) => other.id !== one.id && other.lock === null && (other.transactionMs ?? -1) >= waitMs)
      .toSorted(
        (a, b) =>
          Number(b.database === one.database) - Number(a.database === one.database) ||
          (b.transactionMs ?? 0) - (a.transactionMs ?? 0),
      );
    return { ...one, lock: "metadata lock", waitsFor: holders.slice(0, 1).map((other) => other.id) };
  });
}

async function find(
  reader: MysqlReader,
  { kind, name, table }: NamedObject,
  signal?: AbortSignal,
): Promise<ObjectPlaces> {
  const parts = name.split(".");
  const bare = parts.at(-1) ?? name;
  // Where the message names no table, what stands before a column's name may be one, or a name that the statement gives it.
  const owner = table?.split(".").at(-1) ?? parts.at(-2);
  const rows = await reader.read(
    kind === "table" ? ask.findTableSql : ask.findColumnSql,
    kind === "table" ? [] : [bare, owner ?? ""],
    signal,
  );
  const same = rows.filter((one) => textIn(one, "name")?.toLowerCase() === bare.toLowerCase());
  const place = parts.length > 1 ? parts.at(-2) : undefined;
  const isTable = table !== undefined || rows.some((one) => isText(textIn(one, "table"), owner));
  const wanted = kind === "table" ? place : isTable ? owner : undefined;
  const here = same.filter((one) => {
    const where = kind === "table" ? textIn(one, "place") : textIn(one, "table");
    return wanted === undefined || isText(where, wanted);
  });
  return {
    reachable: here.length > 0,
    elsewhere: same
      .filter((one) => !here.includes(one))
      .map((one) => textIn(one, "place") ?? "")
      .slice(0, 5),
    similar: similarNames(
      bare,
      rows.map((one) => textIn(one, "name") ?? ""),
    ),
  };
}

function isText(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a.toLowerCase() === b?.toLowerCase();
}

function sessionOf(row: Row): DatabaseSession {
  const command = textIn(row, "command") ?? "";
  const open = Boolean(Number(row["open"]));
  const state = textIn(row, "state") ?? "";
  const seconds = numberIn(row, "transaction_s");
  const waits = state.startsWith("Waiting for") && state.endsWith("lock");
  return {
    id: numberIn(row, "id") ?? 0,
    startedAt: null,
    role: textIn(row, "role") ?? "",
    // host:port of one client program differ by the port alone.
    client: (textIn(row, "client") ?? "").replace(/:\d+$/, ""),
    address: (textIn(row, "client") ?? "").replace(/:\d+$/, "") || null,
    database: textIn(row, "database") ?? null,
    state:
      command === "Sleep"
        ? open
          ? "idle-in-transaction"
          : "idle"
        : command === "Binlog Dump"
          ? "other"
          : "active",
    stateMs: (numberIn(row, "time") ?? 0) * 1_000,
    transactionMs: seconds === undefined ? null : seconds * 1_000,
    waitsFor: [],
    lock: waits ? state : row["trx_state"] === "LOCK WAIT" ? "row" : null,
    statement: withoutSecrets(textIn(row, "statement") ?? "").slice(0, LONGEST_STATEMENT),
    protected:
      command.startsWith("Binlog") ||
      ["root", "system user", "event_scheduler"].includes(textIn(row, "role") ?? ""),
  };
}
