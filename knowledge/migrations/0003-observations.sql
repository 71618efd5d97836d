-- What was observed over time: numbers, log patterns with their counts, log lines. Times are Unix milliseconds.

create table opsmedic.metric_series (
  id integer generated always as identity primary key,
  service text not null,
  name text not null,
  measured_on text not null,
  unique (service, name, measured_on)
);

-- One row a series and bucket: minutes first, rolled up into quarters of an hour later.
create table opsmedic.metric_points (
  series integer not null references opsmedic.metric_series (id) on delete cascade,
  step_ms integer not null,
  at bigint not null,
  samples integer not null,
  total double precision not null,
  lowest double precision not null,
  highest double precision not null,
  primary key (series, step_ms, at)
);
create index metric_points_by_age on opsmedic.metric_points (step_ms, at);

create table opsmedic.log_patterns (
  service text not null,
  id text not null,
  template text not null,
  level text not null,
  first_seen bigint not null,
  last_seen bigint not null,
  lines bigint not null,
  examples jsonb not null,
  primary key (service, id)
);
create index log_patterns_latest on opsmedic.log_patterns (last_seen desc);

-- Lines in each five minutes.
create table opsmedic.log_pattern_counts (
  service text not null,
  pattern text not null,
  at bigint not null,
  lines integer not null,
  primary key (service, pattern, at),
  foreign key (service, pattern) references opsmedic.log_patterns (service, id) on delete cascade
);
create index log_pattern_counts_by_age on opsmedic.log_pattern_counts (at);

create table opsmedic.log_lines (
  id bigint generated always as identity primary key,
  service text not null,
  at bigint not null,
  level text not null,
  source text not null,
  pattern text,
  trace_id text,
  text text not null
);
create index log_lines_newest on opsmedic.log_lines (at desc, id desc);
create index log_lines_of_service on opsmedic.log_lines (service, at desc, id desc);

-- What the readers of logs and numbers have learned, for the next start.
create table opsmedic.learned_signals (
  name text primary key,
  state jsonb not null,
  saved_at bigint not null
);
