-- Counting is what happens to patterns all the time. A row whose indexed columns stay as they are is written anew in its
-- own page, and no index is touched (PostgreSQL's heap-only tuples); so the latest are found by their five minutes.

drop index opsmedic.log_patterns_latest;
alter table opsmedic.log_patterns
  add column last_five_minutes bigint not null generated always as (last_seen / 300000) stored;
create index log_patterns_latest on opsmedic.log_patterns (last_five_minutes desc);

-- Room in each page for the rows that are written anew.
alter table opsmedic.log_patterns set (fillfactor = 60);
alter table opsmedic.log_pattern_counts set (fillfactor = 60);
