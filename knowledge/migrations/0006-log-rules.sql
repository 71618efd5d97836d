-- Users' rules about log lines, and how many lines fitted them. Times are Unix milliseconds.

create table opsmedic.log_rules (
  name text primary key,
  rule jsonb not null,
  made_by text not null,
  made_at bigint not null
);

-- Lines in each five minutes. Rules of the configuration are counted, too, and have no row above.
create table opsmedic.log_rule_counts (
  rule text not null,
  service text not null,
  at bigint not null,
  lines bigint not null,
  last_at bigint not null,
  primary key (rule, service, at)
);
create index log_rule_counts_by_age on opsmedic.log_rule_counts (at);
