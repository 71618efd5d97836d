// The statements with which MySQL's and MariaDB's own tables are read. All are constants.

/** Tables of the server itself are no tables of the user's. */
const OWN = "('mysql', 'information_schema', 'performance_schema', 'sys')";

export const sizeSql = `select sum(data_length + index_length) as bytes from information_schema.tables where table_schema not in ${OWN}`;

/** How far AUTO_INCREMENT has come in what its column can hold. */
export const autoIncrementSql = `
select concat(t.table_schema, '.', t.table_name, '.', c.column_name) as owner, t.auto_increment as last, c.column_type as narrowest,
  (case c.data_type when 'tinyint' then 127 when 'smallint' then 32767 when 'mediumint' then 8388607 when 'int' then 2147483647
    else 9223372036854775807 end) * if(c.column_type like '%unsigned%', 2, 1) as \`limit\`,
  t.auto_increment / ((case c.data_type when 'tinyint' then 127 when 'smallint' then 32767 when 'mediumint' then 8388607 when 'int' then 2147483647
    else 9223372036854775807 end) * if(c.column_type like '%unsigned%', 2, 1)) as share
from information_schema.tables t
join information_schema.columns c on c.table_schema = t.table_schema and c.table_name = t.table_name and c.extra like '%auto_increment%'
where t.auto_increment is not null and t.table_schema not in ${OWN} order by share desc limit 10`;

export const sessionsSql = `
select p.id, p.user as role, p.host as client, p.db as \`database\`, p.command, p.time, p.state, left(p.info, 300) as statement,
  timestampdiff(second, t.trx_started, now()) as transaction_s, t.trx_id is not null as open, t.trx_state
from information_schema.processlist p left join information_schema.innodb_trx t on t.trx_mysql_thread_id = p.id
where p.command <> 'Daemon' and p.id <> connection_id() limit 2000`;

/** Who waits for whom, for rows. MariaDB's name for it; MySQL 8 has its own. */
export const rowWaitsMariadbSql = `
select r.trx_mysql_thread_id as waits, b.trx_mysql_thread_id as holds from information_schema.innodb_lock_waits w
join information_schema.innodb_trx r on r.trx_id = w.requesting_trx_id
join information_schema.innodb_trx b on b.trx_id = w.blocking_trx_id`;
export const rowWaitsMysqlSql = `
select r.processlist_id as waits, b.processlist_id as holds from performance_schema.data_lock_waits w
join performance_schema.threads r on r.thread_id = w.requesting_thread_id
join performance_schema.threads b on b.thread_id = w.blocking_thread_id`;

export const tablesSql = `
select concat(table_schema, '.', table_name) as \`table\`, table_rows as \`rows\`, data_length + index_length as bytes,
  data_free as free from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ${OWN}
order by table_rows desc limit 50`;

/** Needs performance_schema; picoseconds there. Work on data only, not what we and others ask of the server itself. */
export const statementsSql = `
select concat(coalesce(schema_name, ''), ' ', digest) as id, left(digest_text, 2000) as statement, count_star as calls,
  sum_timer_wait / 1000000000 as total, sum_rows_sent + sum_rows_affected as \`rows\`, schema_name as place, sum_no_index_used + sum_no_good_index_used as without_index
from performance_schema.events_statements_summary_by_digest
where digest_text regexp '^[(]?(SELECT|INSERT|UPDATE|DELETE|REPLACE|CALL|WITH) '
  and digest_text not regexp '(information_schema|performance_schema|mysql)\`? [.]' and (schema_name is null or schema_name not in ${OWN})
order by sum_timer_wait desc limit 50`;

/** What some statements cost since the server began to count each of them. */
export const countsSql = `
select concat(coalesce(schema_name, ''), ' ', digest) as id, count_star as calls, sum_timer_wait / 1000000000 as total,
  sum_rows_sent + sum_rows_affected as \`rows\`, unix_timestamp(first_seen) as since
from performance_schema.events_statements_summary_by_digest where concat(coalesce(schema_name, ''), ' ', digest) in (?)`;

/** What runs now, for servers that count no statements. */
export const runningSql = `
select info as statement, time * 1000 as ms from information_schema.processlist
where command in ('Query', 'Execute') and time >= 1 and id <> connection_id() and state not like 'Waiting for % lock' limit 200`;

export const columnsSql = `
select concat(c.table_schema, '.', c.table_name) as \`table\`, c.table_name as bare, c.column_name as \`column\`,
  (select max(s.cardinality) from information_schema.statistics s where s.table_schema = c.table_schema and s.table_name = c.table_name
    and s.column_name = c.column_name and s.seq_in_index = 1) as \`distinct\`,
  t.table_rows as \`rows\`,
  exists (select * from information_schema.statistics s where s.table_schema = c.table_schema and s.table_name = c.table_name
    and s.column_name = c.column_name and s.seq_in_index = 1) as indexed
from information_schema.columns c join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
where c.table_name in (?) and c.table_schema not in ${OWN}`;

export const findTableSql = `
select table_schema as place, table_name as name from information_schema.tables where table_schema not in ${OWN} limit 2000`;
export const findColumnSql = `
select concat(table_schema, '.', table_name) as place, table_name as \`table\`, column_name as name from information_schema.columns
where table_schema not in ${OWN} and (column_name = ? or table_name = ?) limit 2000`;

/** Tables that a statement works on or that LOCK TABLES holds; of those that this user may read. */
export const tablesInUseSql = "show open tables where in_use > 0";
/** An engine that is not told, since its table is just being changed, is another one. */
export const otherEnginesSql = `
select concat(table_schema, '.', table_name) as name from information_schema.tables
where concat(table_schema, '.', table_name) in (?) and coalesce(engine, '') <> 'InnoDB'`;
/** Prepared for a coordinator, and without a session: it holds its locks until somebody ends it by its name. */
export const preparedSql =
  "select count(*) as prepared from information_schema.innodb_trx where trx_mysql_thread_id = 0";

/** Who was given which role. */
export const rolesMariadbSql = "select user as `to`, role as role from mysql.roles_mapping";
export const rolesMysqlSql = "select to_user as `to`, from_user as role from mysql.role_edges";

/** As 'user'@'host'. Without a right to all of them a user sees its own only. */
export const administratorsSql = `
select distinct grantee from information_schema.user_privileges
where replace(privilege_type, '_', ' ') in ('SUPER', 'CONNECTION ADMIN', 'SYSTEM USER', 'BINLOG ADMIN', 'REPLICATION SLAVE')`;

/** Needs performance_schema with its instrument for metadata locks. */
export const metadataHoldersSql = `
select distinct a.processlist_id as waits, t.processlist_id as holds from performance_schema.metadata_locks w
join performance_schema.metadata_locks g on g.object_type = w.object_type and g.object_schema = w.object_schema
  and g.object_name = w.object_name and g.lock_status = 'GRANTED' and g.owner_thread_id <> w.owner_thread_id
join performance_schema.threads t on t.thread_id = g.owner_thread_id
join performance_schema.threads a on a.thread_id = w.owner_thread_id
where w.lock_status = 'PENDING' and w.object_type = 'TABLE' and t.processlist_id is not null limit 100`;

export const eventsRanMariadbSql = `select count(*) as ran from mysql.event where status = 'ENABLED' and last_executed is not null`;
export const eventsRanMysqlSql = `select count(*) as ran from information_schema.events where status = 'ENABLED' and last_executed is not null`;

/**
 * Rows that changed since the statistics of a table were made, as InnoDB counts them for the tables that it has open; it
 * makes them anew by itself at a tenth. "shop/orders": a name with other signs in it is written in another way.
 */
export const changedRowsSql = (source: ChangedRowsSource): string => `
select replace(name, '/', '.') as \`table\`, num_rows as \`rows\`, modified_counter as changed from information_schema.${source}
where name regexp '^[A-Za-z0-9_$]+/[A-Za-z0-9_$]+$' and substring_index(name, '/', 1) not in ${OWN}
order by modified_counter desc limit 200`;
export type ChangedRowsSource = "innodb_sys_tablestats" | "innodb_tablestats";

/** Whether the statistics of one table are made anew by themselves: its own word, else the server's. */
export const recalculatesSql = `
select case when create_options like '%stats_auto_recalc=0%' then 0 when create_options like '%stats_auto_recalc=1%' then 1
  else @@global.innodb_stats_auto_recalc end as recalculates from information_schema.tables where table_schema = ? and table_name = ?`;
