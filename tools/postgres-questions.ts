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
    d.refobjid::regclass::text || '.' || a.attname as owner,
    least(s.max_value, case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else s.max_value end) as "limit",
    case a.atttypid when 'int2'::regtype then 'smallint' when 'int4'::regtype then 'integer' else s.data_type::text end as narrowest
  from pg_sequences s
  join pg_class c on c.relname = s.sequencename and c.relkind = 'S' and c.relnamespace = s.schemaname::regnamespace
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

/** Columns of these tables with their statistics, and whether an index begins with them. */
export const columnsSql = `
select c.oid::regclass::text as "table", c.relname as bare, a.attname as column, s.n_distinct as distinct, c.reltuples as rows,
  exists (select from pg_index i where i.indrelid = c.oid and i.indisvalid and i.indkey[0] = a.attnum) as indexed
from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
left join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
where c.relkind in ('r', 'p') and c.relname = any($1) and n.nspname not in ('pg_catalog', 'information_schema')`;

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
  (select string_agg(distinct quote_ident(pg_get_userbyid(c.relowner)), ', ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
      and not pg_has_role(current_user, c.relowner, 'usage')) as owners,
  (select string_agg(distinct quote_ident(n.nspname), ', ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'
      and not has_schema_privilege(n.oid, 'CREATE')) as schemas,
  (select count(*) from pg_sequences where last_value is null) as sequences,
  exists (select from pg_extension where extname = 'pg_stat_statements') as statements,
  (select setting from pg_settings where name = 'shared_preload_libraries') as preloaded
from pg_roles where rolname = current_user`;
