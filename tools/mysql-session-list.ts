// The sessions of MySQL or MariaDB, and who of them waits for whom.
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { DatabaseSession } from "./database-inspector.ts";
import * as ask from "./mysql-questions.ts";
import type { MysqlReader } from "./mysql-reader.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

const LONGEST_STATEMENT = 300;
const METADATA_LOCK = /^Waiting for .{0,40}metadata lock$/;
/** Of FLUSH TABLES WITH READ LOCK and of backups: nobody writes. MariaDB's name for it, and MySQL's. */
const GLOBAL_LOCK = /^Waiting for (?:backup|global read|commit) lock$/;

/** `locked`: tables that are held in a way that no transaction shows; undefined: that cannot be seen. */
export async function mysqlSessions(
  reader: MysqlReader,
  locked: () => Promise<string[] | undefined>,
  signal?: AbortSignal,
): Promise<DatabaseSession[]> {
  const sessions = (await reader.read(ask.sessionsSql, [], signal)).map((one) => sessionOf(one));
  const rows = await rowWaits(reader, signal);
  if (!sessions.some((one) => METADATA_LOCK.test(one.lock ?? "")))
    return withMetadataWaits(sessions, rows, undefined);
  const told = await metadataWaits(reader, signal);
  // Whoever has a transaction open would be accused of what somebody else does.
  const nobody = told === undefined && ((await locked())?.length ?? 0) > 0;
  return withMetadataWaits(sessions, rows, nobody ? new Map() : told);
}

/** Who waits for whose metadata locks; undefined: the server does not tell. */
export async function metadataWaits(
  reader: MysqlReader,
  signal?: AbortSignal,
): Promise<Map<number, number[]> | undefined> {
  const rows = await reader.read(ask.metadataHoldersSql, [], signal).catch((): Row[] => []);
  signal?.throwIfAborted();
  return rows.length === 0 ? undefined : holdersByWaiter(rows);
}

async function rowWaits(reader: MysqlReader, signal?: AbortSignal): Promise<Map<number, number[]>> {
  const sql = (await reader.isMariadb(signal)) ? ask.rowWaitsMariadbSql : ask.rowWaitsMysqlSql;
  const rows = await reader.read(sql, [], signal).catch((): Row[] => []);
  signal?.throwIfAborted();
  return holdersByWaiter(rows);
}

function holdersByWaiter(rows: readonly Row[]): Map<number, number[]> {
  const grouped = Map.groupBy(rows, (one) => numberIn(one, "waits") ?? 0);
  return new Map([...grouped].map(([id, all]) => [id, all.map((one) => numberIn(one, "holds") ?? 0)]));
}

/**
 * Where the server does not tell who holds a metadata lock (performance_schema does, with its instrument for them): whoever
 * has had a transaction open for longer than the waiter waits, and waits for nothing itself. The one that has been open
 * longest is named, one in the same database first. `told`: what the server does tell.
 */
function withMetadataWaits(
  sessions: DatabaseSession[],
  waits: ReadonlyMap<number, number[]>,
  told: ReadonlyMap<number, number[]> | undefined,
): DatabaseSession[] {
  return sessions.map((one) => {
    const known = waits.get(one.id);
    if (known !== undefined) return { ...one, waitsFor: known, lock: one.lock ?? "row" };
    if (one.lock === null) return one;
    if (GLOBAL_LOCK.test(one.lock)) return { ...one, lock: "global lock" };
    if (!METADATA_LOCK.test(one.lock)) return one;
    if (told !== undefined) return { ...one, lock: "metadata lock", waitsFor: told.get(one.id) ?? [] };
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
