// The migration of the crates, for tests: one with something of everything that a migration may do, and what is there
// before it and after it.
import { hashOf } from "../../tools/migrations/migration-files.ts";
import { shapesIn, shapesSql } from "../../tools/schema-shapes.ts";
import type { PostgresWorld } from "./postgres-world.ts";

/** The mark of é is two bytes long. */
export const CRATES = `-- Crates, as the café wants them; /* not a remark
/* nested /* remark */ */
CREATE TYPE crate_state AS ENUM ('new', 'sent');
CREATE TABLE crates (id serial PRIMARY KEY, state crate_state NOT NULL DEFAULT 'new', sender int REFERENCES senders);
CREATE INDEX crates_by_state ON crates (state);
ALTER TABLE crates ADD COLUMN code text UNIQUE CHECK (code <> 'é; DROP TABLE senders');
CREATE SEQUENCE crate_numbers;
ALTER TABLE senders ADD COLUMN crates int NOT NULL DEFAULT 0, ADD COLUMN seen timestamptz DEFAULT now();
CREATE INDEX senders_by_crates ON senders (crates) WHERE crates > 0;
COMMENT ON TABLE crates IS 'What a sender sends'`;

/** A table of the shop's, before the migration of the crates. */
export async function senders(world: PostgresWorld): Promise<void> {
  await world.admin.query(`drop table if exists parcels, crates, senders; drop type if exists crate_state; drop sequence if exists crate_numbers;
    create table senders (id int primary key); alter table senders owner to shop; insert into senders values (1), (2)`);
}

export const cratesParams = {
  file: "0042_crates.sql",
  sha256: hashOf({ sql: CRATES }),
  table: "public.crates",
  column: null,
};

/** All that the migration of the crates makes and touches. */
export async function cratesNow(world: PostgresWorld): Promise<string> {
  const shapes = shapesIn(await world.rows(shapesSql)).filter((one) =>
    ["crates", "senders"].includes(one.name),
  );
  const others = await world.rows(
    "select relname as name, obj_description(oid, 'pg_class') as remark from pg_class where relname ~ '^crate' union all select typname, typowner::regrole::text from pg_type where typname ~ '^_?crate' order by 1, 2",
  );
  return JSON.stringify([shapes, others, await world.rows("select * from senders order by id")]).replaceAll(
    /"seen":"[^"]*"/g,
    '"seen"',
  );
}
