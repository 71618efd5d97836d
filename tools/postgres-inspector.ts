// Looks into PostgreSQL through its catalogues and statistics views, over one connection that cannot write.
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type {
  DatabaseSession,
  LockHolder,
  NamedObject,
  ObjectPlaces,
  PostgresInspector,
  TableUse,
} from "./database-inspector.ts";
import { HealError } from "../domain/errors.ts";
import { candidatesIn, type KnownColumn, tablesIn } from "./index-candidates.ts";
import { postgresDiskTakers, postgresFolders } from "./postgres-disk.ts";
import { lookAtSessions, lookAtTables, type SlowLook, statementsOf } from "./postgres-look.ts";
import * as ask from "./postgres-questions.ts";
import { makePostgresReader } from "./postgres-reader.ts";
import { missingPostgresRights, postgresRepairRights } from "./postgres-rights.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";
import { similarNames } from "./similar-names.ts";
import { usedSince } from "./statement-counts.ts";

/** Tables, sequences, statements: what changes slowly and costs more to read. */
const SLOW_EVERY_MS = 60_000;
const LONGEST_STATEMENT = 300;

export function makePostgresInspector(
  url: string,
  { now, slowEveryMs = SLOW_EVERY_MS }: { now: () => number; slowEveryMs?: number },
): PostgresInspector {
  const reader = makePostgresReader(url);
  let slow: (SlowLook & { at: number; error?: unknown }) | undefined;
  /** Of the look before: between two looks there is enough to see, since the last one there may be nothing yet. */
  let earlier: SlowLook["counts"];
  const rows = (sql: string, values: readonly unknown[], signal?: AbortSignal) =>
    reader.read(sql, values, signal);

  async function slowLook(signal?: AbortSignal): Promise<SlowLook & { error?: unknown }> {
    if (slow !== undefined && now() - slow.at < slowEveryMs) return slow;
    const before = slow?.counts;
    try {
      slow = { ...(await lookAtTables(reader, before, signal)), at: now() };
      earlier = before;
    } catch (error) {
      signal?.throwIfAborted();
      if (isNotReached(error)) throw error;
      // Somebody holds a lock on a sequence, or it takes too long: who waits for whom is to be seen all the same.
      slow = { numbers: {}, words: {}, counts: before, at: now(), error };
    }
    return slow;
  }

  async function statements(signal?: AbortSignal) {
    const counts = await statementsOf(reader, signal);
    // Since the look before where that was a while ago, else since counting began: of a moment there is nothing to see.
    return counts && usedSince(undefined, counts);
  }

  return {
    engine: "postgres",
    statements,
    async lately(signal) {
      const before = earlier ?? slow?.counts;
      const counts = before && (await statementsOf(reader, signal));
      return counts && usedSince(before, counts);
    },
    ask: rows,
    async readAnew(signal) {
      const counts = await statementsOf(reader, signal);
      earlier = undefined;
      slow = { numbers: {}, words: {}, counts, at: Number.NEGATIVE_INFINITY };
    },
    close: reader.close,
    async look(signal, onUnseen) {
      try {
        const quick = await lookAtSessions(reader, signal);
        const { numbers, words, error } = await slowLook(signal);
        if (error !== undefined) onUnseen?.(error);
        return { ...quick, numbers: { ...quick.numbers, ...numbers }, words: { ...quick.words, ...words } };
      } catch (error) {
        if (isNotReached(error)) return undefined;
        throw error;
      }
    },
    missingRights: async (signal) => missingPostgresRights((await rows(ask.rightsSql, [], signal))[0] ?? {}),
    repairRights: async (signal) => postgresRepairRights((await rows(ask.rightsSql, [], signal))[0] ?? {}),
    sessions: async (signal) => (await rows(ask.sessionsSql, [], signal)).map(sessionOf),
    lockHolders: async (signal) => (await rows(ask.lockHoldersSql, [], signal)).map(holderOf),
    tables: async (signal) => (await rows(ask.tablesSql, [], signal)).map(tableOf),
    async indexCandidates(signal) {
      const used = await statements(signal);
      if (used === undefined) return undefined;
      const names = [...new Set(used.flatMap((one) => tablesIn(one.statement)))];
      const columns = await rows(ask.columnsSql, [names], signal);
      return candidatesIn(used, columns.map(columnOf));
    },
    find: async (object, signal) => found(object, await findRow(object, signal)),
    async settings(signal) {
      const all = await rows("select name, setting from pg_settings", [], signal);
      return Object.fromEntries(all.map((one) => [textIn(one, "name") ?? "", textIn(one, "setting") ?? ""]));
    },
    folders: (signal) => postgresFolders((sql) => rows(sql, [], signal), signal),
    diskTakers: (signal) => postgresDiskTakers((sql) => rows(sql, [], signal), signal),
    async horizon(signal) {
      const all = await rows(ask.horizonSql, [], signal);
      return all.map((one) => ({
        holder: textIn(one, "holder") as "transaction",
        who: textIn(one, "who") ?? "",
        age: numberIn(one, "age") ?? 0,
        since: numberIn(one, "since") ?? null,
      }));
    },
    async sequences(signal) {
      const all = await rows(ask.sequencesSql, [], signal);
      return all.map((one) => ({
        sequence: textIn(one, "sequence") ?? "",
        owner: textIn(one, "owner") ?? null,
        last: numberIn(one, "last") ?? 0,
        limit: numberIn(one, "limit") ?? 0,
        type: textIn(one, "narrowest") ?? "bigint",
      }));
    },
  };

  async function findRow({ kind, name, table }: NamedObject, signal?: AbortSignal): Promise<Row | undefined> {
    const bare = name.split(".").at(-1) ?? name;
    if (kind === "table") return (await rows(ask.findTableSql, [quoted(name), bare], signal))[0];
    return (await rows(ask.findColumnSql, [table === undefined ? null : quoted(table), bare], signal))[0];
  }
}

function isNotReached(error: unknown): boolean {
  return error instanceof HealError && error.code === "database-not-reached";
}

/** to_regclass reads its text as SQL would: each part is quoted, so that it names what the message named. */
function quoted(name: string): string {
  return name
    .split(".")
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join(".");
}

function found({ name }: NamedObject, row: Row | undefined): ObjectPlaces {
  const names = (row?.["names"] as string[] | undefined) ?? [];
  return {
    reachable: row?.["reachable"] === true,
    elsewhere: (row?.["elsewhere"] as string[] | undefined) ?? [],
    similar: similarNames(name.split(".").at(-1) ?? name, names),
  };
}

function sessionOf(row: Row): DatabaseSession {
  const state = textIn(row, "state") ?? "other";
  const waits = row["wait_event_type"] === "Lock";
  return {
    id: numberIn(row, "pid") ?? 0,
    startedAt: numberIn(row, "started") ?? null,
    role: textIn(row, "role") ?? "",
    client: textIn(row, "client") ?? "",
    address: textIn(row, "address") ?? null,
    database: textIn(row, "database") ?? null,
    state:
      state === "active" || state === "idle"
        ? state
        : state.startsWith("idle in")
          ? "idle-in-transaction"
          : "other",
    stateMs: numberIn(row, "state_ms") ?? 0,
    transactionMs: numberIn(row, "transaction_ms") ?? null,
    waitsFor: (row["waits_for"] as number[] | null) ?? [],
    lock: waits ? (textIn(row, "wait_event") ?? "lock") : null,
    statement: withoutSecrets(textIn(row, "statement") ?? "").slice(0, LONGEST_STATEMENT),
    protected: row["protected"] === true,
  };
}

function holderOf(row: Row): LockHolder {
  return {
    id: numberIn(row, "id") ?? 0,
    kind: textIn(row, "kind") as LockHolder["kind"],
    name: textIn(row, "name") ?? "",
    role: textIn(row, "role") ?? null,
    openMs: numberIn(row, "open_ms") ?? null,
  };
}

function tableOf(row: Row): TableUse {
  return {
    table: textIn(row, "table") ?? "",
    rows: numberIn(row, "rows") ?? 0,
    bytes: numberIn(row, "bytes") ?? 0,
    scans: numberIn(row, "scans") ?? 0,
    rowsScanned: numberIn(row, "rows_scanned") ?? 0,
    indexScans: numberIn(row, "index_scans") ?? 0,
    deadRows: numberIn(row, "dead") ?? 0,
    changedSinceAnalyse: numberIn(row, "changed") ?? 0,
    believedRows: numberIn(row, "believed") ?? null,
    lastVacuum: numberIn(row, "last_vacuum") ?? null,
    lastAnalyse: numberIn(row, "last_analyse") ?? null,
  };
}

function columnOf(row: Row): KnownColumn {
  return {
    table: textIn(row, "table") ?? "",
    bare: textIn(row, "bare") ?? "",
    column: textIn(row, "column") ?? "",
    distinct: numberIn(row, "distinct") ?? null,
    rows: numberIn(row, "rows") ?? 0,
    indexed: row["indexed"] === true,
    partitioned: row["partitioned"] === true,
    pages: numberIn(row, "pages") ?? null,
    nulls: numberIn(row, "nulls") ?? 0,
    correlation: numberIn(row, "correlation") ?? 0,
  };
}
