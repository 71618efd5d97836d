// Whether an index is worth making, and whether now is the time: asked of the catalogue, the planner and the locks.
import { statfs } from "node:fs/promises";
import { HealError } from "../../../domain/errors.ts";
import { numberIn, textIn } from "../../row-values.ts";
import { stale } from "../checked.ts";
import { type PostgresConnection, type PostgresDatabase } from "./connection.ts";
import { costOfLookup, costWithIndex } from "./lookup-cost.ts";
import { type CatalogueTable, needTable } from "./tables.ts";

/** A look-up must become so many times cheaper, by the planner's own reckoning. */
export const LEAST_GAIN = 3;
/** More on one table, and every write pays for what few reads use. */
const MOST_INDEXES = 10;
/** Bigger ones are a person's to make. */
const MOST_TABLE_BYTES = 50 * 1024 ** 3;
/** Where the disk of the server cannot be seen. */
const MOST_UNSEEN_BYTES = 1024 ** 3;
/** The making of an index sorts, and the write-ahead log carries it: room for several of it. */
const ROOM = 4;
/** CREATE INDEX CONCURRENTLY waits for every transaction that is older than itself. */
const OLDEST_TRANSACTION_MS = 30_000;
const MOST_WRITES_PER_S = 2_000;
/** The busy part of the sessions from which on a server has no quiet moment. */
const BUSY = 0.5;
const FEWEST_BUSY = 8;
const SAMPLE_MS = 500;

export interface IndexCheck {
  table: CatalogueTable;
  /** What a look-up costs now, and what it would with the index, in the planner's units. */
  costBefore: number;
  costExpected: number;
  bytesExpected: number;
  /** "hypopg": the planner said so of a hypothetical index; "statistics": reckoned from what it knows of the column. */
  expectedBy: "hypopg" | "statistics";
}

/** HealError "stale-plan", "no-gain", "database-refused", "database-busy" (retryable), "no-room". */
export async function checkIndex(
  connection: PostgresConnection,
  database: PostgresDatabase,
  { table: name, column }: { table: string; column: string },
): Promise<IndexCheck> {
  const table = await needTable(connection.query, name);
  if (!table.mayIndex) {
    throw new HealError(`the role of the configuration may not make an index on ${name}`, {
      code: "database-refused",
      hint: "only the owner of a table may, with CREATE on its schema: make the role a member of the owner",
    });
  }
  const costBefore = await checkNeed(connection, table, column);
  const { cost: costExpected, bytes: bytesExpected, by } = await costWithIndex(connection, table, column);
  if (costBefore < costExpected * LEAST_GAIN) {
    throw new HealError(
      `an index on ${name} (${column}) would take a look-up from ${Math.round(costBefore)} to ${Math.round(costExpected)}: not worth it`,
      { code: "no-gain" },
    );
  }
  await checkRoom(connection, database, table, bytesExpected);
  await checkQuiet(connection, table);
  return { table, costBefore, costExpected, bytesExpected, expectedBy: by };
}

async function checkNeed(
  connection: PostgresConnection,
  table: CatalogueTable,
  column: string,
): Promise<number> {
  const [known] = await connection.query(
    `select count(*) as indexes, bool_or(i.indisvalid and i.indkey[0] = a.attnum and i.indpred is null) as served, a.attname as column
from pg_attribute a left join pg_index i on i.indrelid = a.attrelid
where a.attrelid = $1 and a.attname = $2 and a.attnum > 0 and not a.attisdropped group by a.attname`,
    [table.oid, column],
  );
  if (known === undefined) throw stale(`${table.name} has no column ${column}`, "diagnose again");
  if (known["served"] === true) throw stale(`an index begins with ${column} already`, "diagnose again");
  if ((numberIn(known, "indexes") ?? 0) >= MOST_INDEXES) {
    throw new HealError(`${table.name} has ${MOST_INDEXES} indexes already, and each makes writes slower`, {
      code: "no-gain",
      hint: "drop one that is not used, or decide by hand",
    });
  }
  return costOfLookup(connection, table, column);
}

async function checkRoom(
  { query }: PostgresConnection,
  { url }: PostgresDatabase,
  table: CatalogueTable,
  bytes: number,
): Promise<void> {
  const [row] = await query("select setting from pg_settings where name = 'data_directory'");
  const free = await freeBytes(url, textIn(row, "setting"));
  const most = free === undefined ? MOST_UNSEEN_BYTES : free / ROOM;
  if (bytes <= most && table.bytes <= MOST_TABLE_BYTES) return;
  throw new HealError(
    `the index would take about ${megabytes(bytes)} of ${free === undefined ? "a disk that cannot be seen" : `${megabytes(free)} that are free`}`,
    { code: "no-room", hint: "make it by hand when there is room" },
  );
}

/** undefined: the server is elsewhere, or its folder is not to be seen from here. */
async function freeBytes(url: string, folder: string | undefined): Promise<number | undefined> {
  const host = new URL(url).hostname;
  if (folder === undefined || !["127.0.0.1", "localhost", "[::1]", ""].includes(host)) return undefined;
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

const quietSql = `
select (select count(*) from pg_locks where relation = $1 and pid <> pg_backend_pid()
    and (not granted or mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))) as locks,
  (select max(extract(epoch from clock_timestamp() - xact_start) * 1000) from pg_stat_activity
    where backend_xmin is not null and pid <> pg_backend_pid() and datname = current_database()) as oldest,
  (select count(*) from pg_stat_activity where state = 'active' and backend_type = 'client backend' and pid <> pg_backend_pid()) as active,
  current_setting('max_connections')::int as places`;

const writesSql =
  "select n_tup_ins + n_tup_upd + n_tup_del as writes from pg_stat_all_tables where relid = $1";

/** HealError "database-busy". */
export async function checkQuiet(
  { query }: PostgresConnection,
  { oid, name }: CatalogueTable,
): Promise<void> {
  const [row] = await query(quietSql, [oid]);
  const n = (of: string): number => numberIn(row, of) ?? 0;
  const writes = async (): Promise<number> => numberIn((await query(writesSql, [oid]))[0], "writes") ?? 0;
  const before = await writes();
  await query("select pg_sleep($1), pg_stat_clear_snapshot()", [SAMPLE_MS / 1_000]);
  const perSecond = ((await writes()) - before) * (1_000 / SAMPLE_MS);
  const against =
    n("locks") > 0
      ? `somebody holds or awaits a lock on ${name}`
      : n("oldest") > OLDEST_TRANSACTION_MS
        ? `a transaction has been open for ${Math.round(n("oldest") / 1_000)} s, and it would wait for that`
        : n("active") > Math.max(FEWEST_BUSY, n("places") * BUSY)
          ? `${n("active")} sessions are at work`
          : perSecond > MOST_WRITES_PER_S
            ? `${name} takes ${Math.round(perSecond)} writes a second`
            : undefined;
  if (against === undefined) return;
  throw new HealError(`now is no time for an index: ${against}`, {
    code: "database-busy",
    retryable: true,
    hint: "it is tried again in a quieter moment",
  });
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024 ** 2)} MB`;
}
