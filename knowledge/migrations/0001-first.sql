-- Everything opsmedic remembers. Times are Unix milliseconds (bigint), scores basis points, JSON as jsonb.
-- LangGraph's tables live in schema "graph", BullMQ's in "bullmq".

create table opsmedic.runs (
  id text primary key,
  service text not null,
  incident_id text,
  trigger text not null,
  reason text not null,
  dry_run boolean not null default false,
  status text not null default 'running' check (status in ('running', 'waiting', 'ended')),
  outcome text,
  score_bp integer,
  started_at bigint not null,
  ended_at bigint,
  report text,
  -- How many steps were appended; the next one gets this plus one.
  step_count integer not null default 0,
  -- The whole incident as the graph ended with it.
  incident jsonb
);
create index runs_newest on opsmedic.runs (started_at desc, id desc);
create index runs_of_service on opsmedic.runs (service, started_at desc, id desc);
create index runs_of_outcome on opsmedic.runs (outcome, started_at desc, id desc);
create index runs_unfinished on opsmedic.runs (service, started_at) where status <> 'ended';
create index runs_of_incident on opsmedic.runs (incident_id) where incident_id is not null;
create index runs_ended on opsmedic.runs (ended_at) where status = 'ended';

create table opsmedic.run_steps (
  run_id text not null references opsmedic.runs (id) on delete cascade,
  seq integer not null,
  node text not null,
  agent text not null,
  phase text not null check (phase in ('start', 'end', 'error', 'note')),
  at bigint not null,
  ms double precision,
  data jsonb not null,
  primary key (run_id, seq)
);

create table opsmedic.incidents (
  id text primary key,
  -- Order of opening, where two opened in the same millisecond.
  ordinal bigint generated always as identity,
  service text not null,
  status text not null default 'ACTIVE' check (status in ('ACTIVE', 'RESOLVED', 'ESCALATED')),
  severity text not null check (severity in ('CRITICAL', 'WARNING', 'INFO')),
  title text not null,
  strategy text,
  occurrences integer not null default 1,
  opened_at bigint not null,
  last_seen_at bigint not null,
  closed_at bigint
);
create index incidents_newest on opsmedic.incidents (opened_at desc, ordinal desc);
create index incidents_of_service on opsmedic.incidents (service, opened_at desc, ordinal desc);
create index incidents_of_status on opsmedic.incidents (status, opened_at desc, ordinal desc);
create index incidents_closed on opsmedic.incidents (closed_at) where status <> 'ACTIVE';

create table opsmedic.incident_signatures (
  incident_id text not null references opsmedic.incidents (id) on delete cascade,
  service text not null,
  signature text not null,
  active boolean not null default true,
  primary key (incident_id, signature)
);
-- The same symptom of a service is open once.
create unique index incident_signatures_open on opsmedic.incident_signatures (service, signature) where active;
create index incident_signatures_seen on opsmedic.incident_signatures (signature, incident_id);

create table opsmedic.journal (
  run_id text not null,
  plan_id text not null,
  step integer not null,
  action text not null,
  service text not null,
  params jsonb not null,
  state text not null default 'intent' check (state in
    ('intent', 'captured', 'applying', 'applied', 'verified', 'undoing', 'undone', 'failed')),
  backup_id text,
  detail text not null default '',
  intent_at bigint not null,
  updated_at bigint not null,
  primary key (run_id, plan_id, step)
);
create index journal_unfinished on opsmedic.journal (intent_at)
  where state in ('captured', 'applying', 'applied', 'undoing');
create index journal_newest on opsmedic.journal (intent_at desc);
create index journal_of_service on opsmedic.journal (service, intent_at desc);

-- A row stays after release, so that the token of a name only ever grows.
create sequence opsmedic.lease_tokens;
create table opsmedic.leases (
  name text primary key,
  holder text not null,
  token bigint not null,
  expires_at bigint not null
);

create table opsmedic.approvals (
  id text primary key,
  run_id text not null,
  service text not null,
  plan_hash text not null,
  summary text not null,
  score_bp integer not null,
  risk text not null,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'expired')),
  requested_at bigint not null,
  expires_at bigint not null,
  decided_at bigint,
  decided_by text,
  reason text,
  unique (run_id, plan_hash)
);
create index approvals_newest on opsmedic.approvals (requested_at desc, id desc);
create index approvals_of_status on opsmedic.approvals (status, requested_at desc, id desc);
create index approvals_pending on opsmedic.approvals (expires_at) where status = 'pending';

-- "embedding public.vector" is added beside these where the server has pgvector (migrate.ts).
create table opsmedic.cases (
  id text primary key,
  run_id text not null,
  incident_id text,
  service text not null,
  target_kind text not null,
  signature text not null,
  symptom text not null,
  playbook text not null,
  fix text not null,
  fix_class text not null,
  plan_hash text not null,
  undone boolean not null,
  strategy text not null,
  outcome text not null check (outcome in ('healed', 'not-healed', 'worse', 'escalated', 'rejected')),
  score_bp integer not null,
  heal_ms bigint,
  at bigint not null,
  -- Which model made the vector; another model's vectors cannot be compared.
  embedding_model text
);
create index cases_of_fix on opsmedic.cases (playbook, fix, target_kind);
create index cases_of_signature on opsmedic.cases (signature, at desc);
create index cases_newest on opsmedic.cases (at desc, id desc);
create index cases_of_service on opsmedic.cases (service, at desc, id desc);

create table opsmedic.watches (
  id text primary key,
  service text not null,
  signature text not null,
  kind text not null,
  from_incident text not null,
  created_at bigint not null,
  unique (service, signature)
);

create table opsmedic.audit (
  seq bigint primary key,
  at bigint not null,
  actor text not null,
  door text not null check (door in ('api', 'cli', 'system')),
  action text not null,
  target text not null,
  detail jsonb not null,
  hash text not null
);
-- The end of the chain: locked by each append, so that appends take turns; tells when the last entries were removed.
create table opsmedic.audit_head (
  only_one boolean primary key default true check (only_one),
  seq bigint not null,
  hash text not null
);
insert into opsmedic.audit_head (seq, hash) values (0, repeat('0', 64));

create table opsmedic.settings (
  key text primary key,
  value jsonb not null,
  updated_at bigint not null
);

create table opsmedic.tokens (
  name text primary key,
  role text not null check (role in ('viewer', 'operator', 'admin')),
  sha256 text not null unique,
  created_at bigint not null
);

-- What was written stays as it was written. Retention says so for its own transaction:
-- set local opsmedic.retention = 'on'
create function opsmedic.refuse_change() returns trigger language plpgsql as $$
begin
  if current_setting('opsmedic.retention', true) = 'on' and tg_op = 'DELETE' then
    return old;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'restrict_violation';
end
$$;
create trigger run_steps_append_only before update or delete on opsmedic.run_steps
  for each row execute function opsmedic.refuse_change();
create trigger run_steps_no_truncate before truncate on opsmedic.run_steps
  for each statement execute function opsmedic.refuse_change();
create trigger audit_append_only before update or delete on opsmedic.audit
  for each row execute function opsmedic.refuse_change();
create trigger audit_no_truncate before truncate on opsmedic.audit
  for each statement execute function opsmedic.refuse_change();
