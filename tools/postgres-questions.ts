// The statements with which PostgreSQL's catalogues are read. All are constants, but for the schema of an extension,
// which comes from the catalogue and is quoted.

export const sessionsSql = `
select a.pid, coalesce(a.usename, '') as role, coalesce(a.application_name, '') as client, host(a.client_addr) as address,
  a.datname as database, extract(epoch from a.backend_start)::float8 * 1000 as started, a.state, a.wait_event_type, a.wait_event,
  extract(epoch from clock_timestamp() - a.state_change) * 1000 as state_ms,
  extract(epoch from clock_timestamp() - a.xact_start) * 1000 as transaction_ms,
  case when a.wait_event_type = 'Lock' then pg_blocking_pids(a.pid) else '{}' end as waits_for,
  left(a.query, 300) as statement,
  coalesce(r.rolsuper or r.rolreplication, false) or a.application_name = 'opsmedic' as protected
from pg_stat_activity a left join pg_roles r on r.rolname = a.usename
where a.backend_type = 'client backend' and a.pid <> pg_backend_pid()
order by a.state_change limit 2000`;

/** Whoever sessions wait for without being a session of a client: pg_blocking_pids says 0 of a prepared transaction. */
export const lockHoldersSql = `
with waiting as (select l.*, pg_blocking_pids(l.pid) as blockers from pg_locks l where not l.granted)
select 0 as id, 'prepared' as kind, p.gid as name, p.owner as role, extract(epoch from clock_timestamp() - p.prepared) * 1000 as open_ms
from pg_prepared_xacts p where exists (select from waiting w
  join pg_locks own on own.pid is null and own.locktype = 'transactionid' and own.transactionid = p.transaction
  join pg_locks h on h.granted and h.pid is null and h.virtualtransaction = own.virtualtransaction and h.locktype = w.locktype
    and (h.database, h.relation, h.page, h.tuple, h.transactionid, h.classid, h.objid, h.objsubid)
      is not distinct from (w.database, w.relation, w.page, w.tuple, w.transactionid, w.classid, w.objid, w.objsubid)
  where 0 = any(w.blockers))
union all select a.pid, case a.backend_type when 'autovacuum worker' then 'autovacuum' else 'server' end,
  coalesce(nullif(left(a.query, 300), ''), a.backend_type), null, extract(epoch from clock_timestamp() - a.xact_start) * 1000
from pg_stat_activity a where a.backend_type <> 'client backend' and a.pid in (select unnest(blockers) from waiting)
order by open_ms desc nulls last limit 20`;

export const tablesSql = `
select s.schemaname || '.' || s.relname as "table", s.n_live_tup as rows, pg_relation_size(s.relid) as bytes,
  s.seq_scan as scans, s.seq_tup_read as rows_scanned, coalesce(s.idx_scan, 0) as index_scans, s.n_dead_tup as dead,
  s.n_mod_since_analyze as changed, nullif(c.reltuples, -1) as believed,
  extract(epoch from greatest(s.last_vacuum, s.last_autovacuum)) * 1000 as last_vacuum,
  extract(epoch from greatest(s.last_analyze, s.last_autoanalyze)) * 1000 as last_analyse
from pg_stat_user_tables s join pg_class c on c.oid = s.relid
order by greatest(s.seq_tup_read, s.n_live_tup + s.n_dead_tup) desc limit 50`;

/** A sequence may go on where the column that it fills cannot: the narrower of the two counts. */
export const sequencesSql = `
with used as (
  select quote_ident(s.schemaname) || '.' || quote_ident(s.sequencename) as sequence, s.last_value as last, s.data_type::text as type,
    d.refobjid::regclass::text || '.' || quote_ident(a.attname) as owner,
    least(s.max_value, case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else s.max_value end) as "limit",
    case a.atttypid when 'int2'::regtype then 'smallint' when 'int4'::regtype then 'integer' else s.data_type::text end as narrowest
  from pg_sequences s
  join pg_namespace n on n.nspname = s.schemaname
  join pg_class c on c.relname = s.sequencename and c.relkind = 'S' and c.relnamespace = n.oid
  left join pg_depend d on d.objid = c.oid and d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
    and d.refobjsubid > 0 and d.deptype in ('a', 'i')
  left join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where s.increment_by > 0 and not s.cycle and s.last_value is not null)
select *, last::float8 / "limit" as share from used order by share desc limit 10`;

/** Normalised by the server. Its own statements and those of this tool are no load of the user's. */
export function statementsSql(schema: string): string {
  const view = `"${schema.replaceAll('"', '""')}".pg_stat_statements`;
  return `
select queryid::text || '.' || userid::text as id, left(query, 2000) as statement, calls, total_exec_time as total, rows
from ${view} where dbid = (select oid from pg_database where datname = current_database())
  and queryid is not null and query !~* 'pg_(stat|locks|catalog|settings|class)'
order by total_exec_time desc limit 50`;
}

/** What these statements ($1: their ids) have cost since they are counted. */
export function countsSql(schema: string): string {
  const view = `"${schema.replaceAll('"', '""')}".pg_stat_statements`;
  return `
select queryid::text || '.' || userid::text as id, sum(calls)::float8 as calls, sum(total_exec_time) as total, sum(rows)::float8 as rows
from ${view} where dbid = (select oid from pg_database where datname = current_database())
  and queryid::text || '.' || userid::text = any($1) group by 1`;
}

/** Where pg_stat_statements was made. */
export const statementsSchemaSql =
  "select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'pg_stat_statements'";

/** What keeps vacuum from removing dead rows. */
export const horizonSql = `
select 'transaction' as holder, coalesce(usename, '') || ' (' || coalesce(application_name, '') || ', pid ' || pid || ', ' || coalesce(state, '') || ')' as who,
  greatest(age(backend_xmin), age(backend_xid)) as age, extract(epoch from xact_start) * 1000 as since from pg_stat_activity
  where (backend_xmin is not null or backend_xid is not null) and pid <> pg_backend_pid() and backend_type in ('client backend')
union all select 'slot', slot_name || case when active then '' else ' (inactive)' end, greatest(age(xmin), age(catalog_xmin)), null from pg_replication_slots
  where xmin is not null or catalog_xmin is not null
union all select 'prepared', gid, age(transaction), extract(epoch from prepared) * 1000 from pg_prepared_xacts
union all select 'standby', application_name, age(backend_xmin), null from pg_stat_replication where backend_xmin is not null
order by age desc nulls last limit 5`;

/** Whether a relation of this name can be seen, and where else it is. $1 its name as in the message, $2 its bare name. */
export const findTableSql = `
select to_regclass($1) is not null as reachable,
  array(select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema') limit 5) as elsewhere,
  array(select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm') and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' limit 1000) as names`;

export const findColumnSql = `
select exists (select from pg_attribute a where a.attname = $2 and a.attnum > 0 and not a.attisdropped
    and ($1::text is null or a.attrelid = to_regclass($1)) and a.attrelid >= 16384) as reachable,
  array(select a.attrelid::regclass::text from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attname = $2 and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p') and a.attrelid >= 16384 limit 5) as elsewhere,
  array(select a.attname::text from pg_attribute a where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped) as names`;

/**
 * Columns of these tables ($1: in small letters) with their statistics, and whether an index begins with them. Autovacuum
 * counts no partitioned table: its rows are those of its partitions, and an index on each of them serves it too.
 */
export const columnsSql = `
with named as (
  select c.oid, c.relname, c.relkind = 'p' as partitioned, n.nspname, case c.relkind when 'r' then c.relpages end as pages,
    case c.relkind when 'p' then (select sum(greatest(l.reltuples, 0)) from pg_partition_tree(c.oid) t join pg_class l on l.oid = t.relid where t.isleaf)
      else c.reltuples end as rows
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and lower(c.relname) = any($1) and n.nspname not in ('pg_catalog', 'information_schema'))
select c.oid::regclass::text as "table", c.relname as bare, a.attname as column, s.n_distinct as distinct, c.rows, c.partitioned,
  c.pages, s.null_frac as nulls, s.correlation,
  exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indkey[0] = a.attnum)
    or c.partitioned and not exists (select from pg_partition_tree(c.oid) t join pg_attribute l on l.attrelid = t.relid and l.attname = a.attname
      where t.isleaf and not exists (select from pg_index i where i.indrelid = t.relid and i.indisvalid and i.indkey[0] = l.attnum)) as indexed
from named c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_stats s on s.schemaname = c.nspname and s.tablename = c.relname and s.attname = a.attname`;

/** Roles that own tables and are none of ours. Nobody is to become a member of a superuser for the sake of a table. */
const foreignOwners = (which: string): string => `
  (select string_agg(distinct quote_ident(o.rolname), ', ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_roles o on o.oid = c.relowner
    where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
      and not pg_has_role(current_user, c.relowner, 'usage') and ${which})`;

/** Relations have the same names in several places: what the role may read is asked of the server itself. */
export const rightsSql = `
select current_user as role, rolsuper as super,
  pg_has_role(current_user, 'pg_read_all_stats', 'usage') as stats,
  pg_has_role(current_user, 'pg_monitor', 'usage') as monitor,
  pg_has_role(current_user, 'pg_signal_backend', 'usage') as signal,
  has_function_privilege('pg_reload_conf()', 'execute') as reload,
  has_database_privilege(current_database(), 'TEMPORARY') as temporary, quote_ident(current_database()) as database,
  current_setting('server_version_num')::int as version,
  exists (select from pg_roles m where m.rolname = 'pg_maintain' and pg_has_role(current_user, m.oid, 'usage')) as maintains,
  ${foreignOwners("not o.rolsuper")} as owners,
  ${foreignOwners("o.rolsuper")} as superowners,
  (select string_agg(distinct quote_ident(n.nspname), ', ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
      and not has_schema_privilege(n.oid, 'CREATE')) as schemas,
  (select string_agg(distinct quote_ident(n.nspname), ', ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not like 'pg\\_%' and case c.relkind when 'S' then not has_sequence_privilege(c.oid, 'SELECT, USAGE') else false end) as unseen,
  exists (select from pg_extension where extname = 'pg_stat_statements') as statements,
  (select setting from pg_settings where name = 'shared_preload_libraries') as preloaded
from pg_roles where rolname = current_user`;
