// Looks into MySQL and MariaDB through information_schema, status counters and, where it is on, performance_schema.
import { HealError } from "../domain/errors.ts";
import type { MysqlInspector, NamedObject, ObjectPlaces, StatementUse } from "./database-inspector.ts";
import { candidatesIn, tablesIn } from "./index-candidates.ts";
import { mysqlAdministrators } from "./mysql-administrators.ts";
import { mysqlDiskTakers, mysqlFolders } from "./mysql-disk.ts";
import { byName, lookAtMysql, lookAtMysqlTables, type SlowLook, statementsOf } from "./mysql-look.ts";
import * as ask from "./mysql-questions.ts";
import { metadataWaits, mysqlSessions } from "./mysql-session-list.ts";
import { lockedTables } from "./mysql-table-locks.ts";
import { makeMysqlReader, type MysqlReader } from "./mysql-reader.ts";
import { slowLogOf } from "./mysql-slow-log.ts";
import { missingMysqlRights, mysqlRepairRights, rightsLacking } from "./mysql-rights.ts";
import { readShapes } from "./mysql-shapes.ts";
import { changedTables } from "./mysql-statistics.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";
import { usedSince } from "./statement-counts.ts";
import { similarNames } from "./similar-names.ts";

const SLOW_EVERY_MS = 60_000;
/** Whoever others wait for has held it for longer than that. */
const LOCKED_FOR_MS = 2_000;

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

  let held: { at: number; tables: Promise<string[] | undefined> } | undefined;

  /** A diagnosis asks many times in a moment, and each look takes a while. */
  function locked(): Promise<string[] | undefined> {
    if (held !== undefined && now() - held.at < LOCKED_FOR_MS) return held.tables;
    const tables = grants().then((lines) => lockedTables(reader, lines));
    tables.catch(() => (held = undefined));
    held = { at: now(), tables };
    return tables;
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
    sessions: (signal) => mysqlSessions(reader, locked, signal),
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
    administrators: async (signal) =>
      mysqlAdministrators({
        mariadb: await reader.isMariadb(signal),
        ask: (sql, values) => reader.read(sql, values, signal),
      }),
    async metadataHolders(signal) {
      const waits = await metadataWaits(reader, signal);
      return waits && [...new Set([...waits.values()].flat())];
    },
    lockedTables: locked,
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
