-- Log events from outside: how far each source was read, and which events came lately. Times are Unix milliseconds.

create table opsmedic.log_places (
  source text primary key,
  -- Of the lease under which it was read.
  token bigint not null,
  place jsonb not null
);

-- Written in batches: so many numbers of eight bytes, each of which stands for an event.
create table opsmedic.log_event_ids (
  id bigint generated always as identity primary key,
  at bigint not null,
  events integer not null,
  ids bytea not null
);
-- Hashes do not get smaller by compressing.
alter table opsmedic.log_event_ids alter column ids set storage external;
