-- The knowledge base: cases lived through here, general ones, those of others, and what a person added.
create table opsmedic.knowledge (
  id text primary key,
  -- Playbook, fix, kind of target and normalised symptom: the same case is one entry.
  same_as text not null unique,
  origin text not null check (origin in ('learned', 'starter', 'imported', 'added')),
  title text not null,
  symptoms jsonb not null,
  vocabulary jsonb not null,
  playbook text not null,
  cause text not null,
  fix text not null,
  outcome text not null check (outcome in ('healed', 'not-healed', 'worse', 'escalated', 'rejected', 'known')),
  target_kind text not null,
  service text,
  run_id text,
  score_bp int,
  errors_after int,
  disabled boolean not null default false,
  version int not null default 1,
  used int not null default 0,
  worked int not null default 0,
  first_at bigint not null,
  at bigint not null,
  changed_at bigint not null
);
create index knowledge_at on opsmedic.knowledge (at desc, id desc);

-- What the search reads first: narrow rows, found by any of their terms. `weights` has one digit a term.
create table opsmedic.knowledge_index (
  entry text primary key references opsmedic.knowledge (id) on delete cascade,
  version int not null,
  target_kind text not null,
  disabled boolean not null,
  terms text[] not null,
  weights text not null
);
create index knowledge_index_terms on opsmedic.knowledge_index using gin (terms) with (fastupdate = off);
create index knowledge_index_version on opsmedic.knowledge_index (version);

-- In how many entries each term stands; the empty term counts all entries.
create table opsmedic.knowledge_terms (
  term text primary key,
  entries int not null
);

-- The runs that met a case, and what persons changed in it.
create table opsmedic.knowledge_uses (
  entry text not null references opsmedic.knowledge (id) on delete cascade,
  use text not null,
  run_id text not null,
  incident_id text,
  service text not null,
  outcome text not null,
  at bigint not null,
  primary key (entry, use)
);
create table opsmedic.knowledge_versions (
  entry text not null references opsmedic.knowledge (id) on delete cascade,
  version int not null,
  at bigint not null,
  by text not null,
  change jsonb not null,
  primary key (entry, version)
);
