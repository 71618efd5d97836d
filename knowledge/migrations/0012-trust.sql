-- Decisions of the gate and how they turned out, autonomy that was taken away, and approvals that need two people. Times are
-- Unix milliseconds.

-- Where it can be read, what would change, how many people must agree, and the one who did first.
alter table opsmedic.approvals add column link text not null default '';
alter table opsmedic.approvals add column diff text not null default '';
alter table opsmedic.approvals add column needs integer not null default 1 check (needs in (1, 2));
alter table opsmedic.approvals add column endorsed jsonb;

-- What would have been done, or was: each decision on a plan.

create table opsmedic.decisions (
  id text primary key,
  service text not null,
  playbook text not null,
  fix text not null,
  fix_class text not null,
  title text not null,
  cause text not null,
  score_bp integer not null,
  decision text not null check (decision in ('allow', 'ask', 'deny')),
  -- Rules of the gate that stood against it, and whether nothing did but the mode and missing autonomy.
  against text[] not null,
  would boolean not null,
  -- The same decision again joins this one while it is not scored.
  run_ids text[] not null,
  incident_ids text[] not null,
  plan_hashes text[] not null,
  signatures text[] not null,
  times integer not null default 1,
  at bigint not null,
  last_at bigint not null,
  -- By which it shows that somebody else did the same; null: nothing tells.
  baseline jsonb,
  same_done_at bigint,
  -- What a person said of the cause.
  said text check (said in ('right', 'wrong')),
  outcome text check (outcome in ('right', 'wrong', 'unclear')),
  ending text,
  told text,
  scored_at bigint
);
create unique index decisions_open on opsmedic.decisions (service, playbook, fix) where outcome is null;
create index decisions_of_pair on opsmedic.decisions (service, playbook, fix, at);
create index decisions_scored on opsmedic.decisions (service, scored_at) where outcome is not null;
create index decisions_newest on opsmedic.decisions (at desc, id desc);

create table opsmedic.autonomy_revocations (
  id text primary key,
  service text not null,
  playbook text not null,
  fix text not null,
  at bigint not null,
  by text not null,
  reason text not null
);
create index autonomy_revocations_of_pair on opsmedic.autonomy_revocations (service, playbook, fix, at);
