-- Conversations of the chat: whose they are, what they are about, and what was said. Times are Unix milliseconds.

create table opsmedic.conversations (
  id text primary key,
  -- The name of the token, or of the user of the command line.
  owner text not null,
  topic jsonb not null,
  turns jsonb not null,
  began_at bigint not null,
  updated_at bigint not null
);
create index conversations_by_owner on opsmedic.conversations (owner, updated_at);
create index conversations_by_age on opsmedic.conversations (updated_at);
