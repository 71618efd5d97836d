-- Runs of elsewhere, to be read and judged again. Apart from the runs that were lived through here: they are never taken up,
-- never counted and never learned from.
create table opsmedic.imported_runs (
  id text primary key,
  service text not null,
  imported_at bigint not null,
  imported_by text not null,
  sha256 text not null,
  document jsonb not null
);
create index imported_runs_newest on opsmedic.imported_runs (imported_at desc, id desc);
