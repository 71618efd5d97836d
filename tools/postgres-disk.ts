// Where PostgreSQL writes, and what takes the room there: its write-ahead log and who keeps it, tables, temporary files.
// Sources: "Database File Layout", "System Administration Functions" and "The Cumulative Statistics System" of its manual.
import { HealError } from "../domain/errors.ts";
import { byRoom, type DatabaseFolder, type DiskTaker } from "./database-disk.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

type Ask = (sql: string, signal?: AbortSignal) => Promise<Row[]>;

/** pg_wal may be a link to another disk, as the tablespaces are. Where it lies is only told to pg_read_all_settings. */
const foldersSql = `
select 'data' as holds, current_setting('data_directory') as path, null::text as tablespace, 0::bigint as needs
union all select 'write-ahead log', current_setting('data_directory') || '/pg_wal', null, pg_size_bytes(current_setting('wal_segment_size'))
union all select 'tablespace ' || spcname, pg_tablespace_location(oid), spcname::text, 0 from pg_tablespace where pg_tablespace_location(oid) <> ''
limit 20`;

const logSql = "select sum(size)::float8 as bytes from pg_ls_waldir()";

const slotsSql = `
select slot_name as name, active, pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
  restart_lsn)::float8 as bytes
from pg_replication_slots where restart_lsn is not null order by bytes desc limit 1`;

const archiveSql = `
select last_failed_time > coalesce(last_archived_time, '-infinity') as failing, last_failed_wal as last,
  (select count(*) from pg_ls_archive_statusdir() where name like '%.ready') as waiting,
  pg_size_bytes(current_setting('wal_segment_size'))::float8 as segment
from pg_stat_archiver where current_setting('archive_mode') <> 'off'`;

const keepSql =
  "select pg_size_bytes(current_setting('wal_keep_size'))::float8 as keep, pg_size_bytes(current_setting('max_wal_size'))::float8 as usual";

const temporarySql = `
select sum(files.size)::float8 as bytes from pg_tablespace t, lateral pg_ls_tmpdir(t.oid) files where t.spcname <> 'pg_global'`;

const relationsSql = `
select c.oid::regclass::text as name, pg_total_relation_size(c.oid)::float8 as bytes, pg_indexes_size(c.oid)::float8 as indexes
from pg_class c where c.relkind in ('r', 'm') and c.relpersistence <> 't' and c.oid >= 16384 order by c.relpages desc limit 3`;

const databasesSql = `
select datname as name, pg_database_size(oid)::float8 as bytes from pg_database
where datname <> current_database() and not datistemplate order by 2 desc limit 1`;

/** HealError "database-refused": the role is no pg_monitor. */
export async function postgresFolders(ask: Ask, signal?: AbortSignal): Promise<DatabaseFolder[]> {
  const rows = await ask(foldersSql, signal);
  return rows.map((one) => ({
    path: textIn(one, "path") ?? "",
    holds: textIn(one, "holds") ?? "",
    tablespace: textIn(one, "tablespace") ?? null,
    needsBytes: numberIn(one, "needs") ?? 0,
  }));
}

/** What this role may not see is left out. */
export async function postgresDiskTakers(ask: Ask, signal?: AbortSignal): Promise<DiskTaker[]> {
  const asked = (sql: string): Promise<Row[]> =>
    ask(sql, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof HealError && error.code === "database-not-reached") throw error;
      return [];
    });
  const [log] = await asked(logSql);
  const kept = keptBy(
    numberIn(log, "bytes") ?? 0,
    (await asked(slotsSql))[0],
    (await asked(archiveSql))[0],
    (await asked(keepSql))[0],
  );
  const [temporary] = await asked(temporarySql);
  return byRoom([
    kept,
    {
      what: "temporary files of statements that run",
      bytes: numberIn(temporary, "bytes") ?? 0,
      because: null,
      advice:
        "Look in pg_stat_activity for the statement that sorts or joins so much; temp_file_limit bounds it",
    },
    ...(await asked(relationsSql)).map(tableOf),
    ...(await asked(databasesSql)).map((one) => ({
      what: `the database ${textIn(one, "name") ?? ""}`,
      bytes: numberIn(one, "bytes") ?? 0,
      because: null,
      advice: null,
    })),
  ]);
}

/** The log is as long as whoever holds it back longest: a slot, a failing archive, wal_keep_size. */
function keptBy(bytes: number, slot?: Row, archive?: Row, settings?: Row): DiskTaker {
  const what = "the write-ahead log";
  const slotBytes = numberIn(slot, "bytes") ?? 0;
  const waiting = numberIn(archive, "waiting") ?? 0;
  const archiveBytes = archive?.["failing"] === true ? waiting * (numberIn(archive, "segment") ?? 0) : 0;
  const [keep, usual] = [numberIn(settings, "keep") ?? 0, numberIn(settings, "usual") ?? 0];
  const most = Math.max(slotBytes, archiveBytes, keep);
  if (most < bytes / 2 || most === 0) {
    const advice = bytes > usual ? null : "Let it keep less of its log: lower max_wal_size";
    return { what, bytes, because: null, advice };
  }
  if (most === slotBytes) {
    const name = textIn(slot, "name") ?? "";
    const reads = slot?.["active"] === true ? "whose reader is far behind" : "which nobody reads";
    return {
      what,
      bytes,
      because: `kept by the replication slot ${name}, ${reads}`,
      advice: `Start whatever reads the replication slot ${name}; only if it will never come back, SELECT pg_drop_replication_slot(${literal(name)})`,
    };
  }
  if (most === archiveBytes) {
    return {
      what,
      bytes,
      because: `kept since archiving fails (${waiting} files wait, ${textIn(archive, "last") ?? "?"} failed last)`,
      advice: "Put archive_command right, its error is in the server's log: what is archived goes by itself",
    };
  }
  return { what, bytes, because: "kept by wal_keep_size", advice: "Lower wal_keep_size, and reload" };
}

function tableOf(row: Row): DiskTaker {
  const name = textIn(row, "name") ?? "";
  const [bytes, indexes] = [numberIn(row, "bytes") ?? 0, numberIn(row, "indexes") ?? 0];
  return {
    what: `the table ${name}`,
    bytes,
    because: indexes > bytes / 2 ? "more than half of it its indexes" : null,
    advice: `See what of ${name} may go (drop old partitions; DELETE frees nothing until VACUUM FULL)`,
  };
}

/** A slot's name has only lower-case letters, digits and underscores; what does not is none. */
function literal(name: string): string {
  return `'${name.replaceAll(/[^a-z0-9_]/g, "?")}'`;
}
