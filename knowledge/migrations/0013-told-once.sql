-- What people were told of an incident (or, where a run broke before there was one, of a service), so that they are told
-- once, by whichever server. Times are Unix milliseconds.
create table opsmedic.tellings (
  -- The incident's id; where there is none, "service/" and the name.
  subject text primary key,
  incident_id text references opsmedic.incidents (id) on delete cascade,
  service text not null,
  -- Keys of the facts that were told.
  facts text[] not null,
  first_at bigint not null,
  last_at bigint not null,
  reminders integer not null default 0,
  -- When its end was told.
  over_at bigint
);
create index tellings_not_over on opsmedic.tellings (incident_id) where over_at is null;
