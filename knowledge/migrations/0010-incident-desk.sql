-- What people say about incidents, what an incident is of, and standing watches with the sign that they look for.
-- Times are Unix milliseconds.

-- Kind of the finding that it was opened for, and when its first symptom began; null for older ones.
alter table opsmedic.incidents add column type text;
alter table opsmedic.incidents add column began_at bigint;

create table opsmedic.incident_notes (
  id text primary key,
  incident_id text not null references opsmedic.incidents (id) on delete cascade,
  kind text not null check (kind in ('acknowledge', 'resolve', 'note')),
  author text not null,
  text text not null,
  at bigint not null
);
create index incident_notes_of_incident on opsmedic.incident_notes (incident_id, at);

-- What a person wrote who resolved its incident.
alter table opsmedic.cases add column resolution text;
create index cases_of_incident on opsmedic.cases (incident_id) where incident_id is not null;

-- What moved before the symptom, each time; null: nothing did, and "told" says so.
alter table opsmedic.watches add column sign jsonb;
alter table opsmedic.watches add column told text not null default '';

create table opsmedic.watch_warnings (
  watch_id text not null references opsmedic.watches (id) on delete cascade,
  began_at bigint not null,
  last_at bigint not null,
  summary text not null,
  primary key (watch_id, began_at)
);

-- What was done to one thing.
create index audit_of_target on opsmedic.audit (target, seq);
