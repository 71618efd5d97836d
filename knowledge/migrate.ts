// Brings the database to the schema of this version: numbered SQL files, each applied once, in order, in one
// transaction, with its checksum recorded. An applied file never changes; a change is a new file.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { HealError, messageOf } from "../domain/errors.ts";
import type { Db, Queryable } from "./db.ts";
import { sqlStateOf } from "./store-errors.ts";

export interface Migration {
  version: number;
  name: string;
  sql: string;
  checksum: string;
}

/** Any number will do, as long as it stays the same: two servers that start at once take turns. */
const MIGRATION_LOCK = 7_203_114_512;
const folder = new URL("./migrations/", import.meta.url);

/** The files of this version, in order: "0001-first.sql" is version 1. */
export function shippedMigrations(): Migration[] {
  const names = readdirSync(folder).filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name));
  return names.sort().map((name) => makeMigration(name, readFileSync(new URL(name, folder), "utf8")));
}

/** The checksum ignores how lines end, which git may change. */
export function makeMigration(name: string, sql: string): Migration {
  const checksum = createHash("sha256").update(sql.replaceAll("\r\n", "\n")).digest("hex");
  return { version: Number(name.slice(0, 4)), name, sql, checksum };
}

/**
 * Applies what is missing and returns the names of it.
 * HealError "store-too-new" when a newer opsmedic wrote here, "migration-changed" when an applied file differs,
 * "migration-failed" when one cannot be applied.
 */
export async function migrate(
  db: Db,
  migrations: readonly Migration[] = shippedMigrations(),
): Promise<string[]> {
  const applied = await db.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1::bigint)", [MIGRATION_LOCK]);
    await makeLedger(tx);
    const recorded = await readLedger(tx);
    refuseNewer(recorded, migrations);
    refuseChanged(recorded, migrations);
    const missing = migrations.filter(({ version }) => !recorded.has(version));
    for (const one of missing) await apply(tx, one);
    return missing.map(({ name }) => name);
  });
  await addVectors(db);
  return applied;
}

async function makeLedger(tx: Queryable): Promise<void> {
  await tx.query("create schema if not exists opsmedic");
  await tx.query(
    `create table if not exists opsmedic.migrations (
      version int primary key, name text not null, checksum text not null,
      applied_at timestamptz not null default now())`,
  );
}

type Ledger = Map<number, { name: string; checksum: string }>;

async function readLedger(tx: Queryable): Promise<Ledger> {
  const rows = await tx.query<{ version: number; name: string; checksum: string }>(
    "select version, name, checksum from opsmedic.migrations order by version",
  );
  return new Map(rows.map(({ version, name, checksum }) => [version, { name, checksum }]));
}

function refuseNewer(recorded: Ledger, migrations: readonly Migration[]): void {
  const newest = Math.max(0, ...migrations.map(({ version }) => version));
  const newer = [...recorded.keys()].filter((version) => version > newest);
  if (newer.length === 0) return;
  throw new HealError(
    `The store has schema version ${Math.max(...newer)}; this opsmedic knows up to ${newest}.`,
    {
      code: "store-too-new",
      hint: "A newer opsmedic has used this store. Run that version or a later one; nothing was changed.",
    },
  );
}

function refuseChanged(recorded: Ledger, migrations: readonly Migration[]): void {
  const changed = migrations.find(({ version, checksum }) => {
    const before = recorded.get(version);
    return before !== undefined && before.checksum !== checksum;
  });
  if (changed === undefined) return;
  throw new HealError(`Migration ${changed.name} differs from the one that was applied to this store.`, {
    code: "migration-changed",
    hint: "Put the file back as it was released, and make the change in a new numbered file.",
  });
}

async function apply(tx: Queryable, { version, name, sql, checksum }: Migration): Promise<void> {
  await tx.query(sql).catch((error: unknown) => {
    throw notApplied(name, error);
  });
  await tx.query("insert into opsmedic.migrations (version, name, checksum) values ($1, $2, $3)", [
    version,
    name,
    checksum,
  ]);
}

function notApplied(name: string, error: unknown): unknown {
  if (error instanceof HealError) return error;
  return new HealError(`Migration ${name} could not be applied: ${messageOf(error)}.`, {
    code: "migration-failed",
    hint: "Nothing of it was kept. Check that the database is opsmedic's own and that its user may create schemas and tables.",
    cause: error,
  });
}

/**
 * Vectors help the search of what is known and are not needed for it: a server without pgvector works without them,
 * and gets their table at the first start after the extension was installed.
 */
async function addVectors(db: Db): Promise<void> {
  if (await hasVectors(db)) return;
  const [possible] = await db.query(
    `select 1 from pg_available_extensions where name = 'vector' and to_regclass('opsmedic.knowledge') is not null`,
  );
  if (possible === undefined) return;
  try {
    await db.transaction(async (tx) => {
      await tx.query("select pg_advisory_xact_lock($1::bigint)", [MIGRATION_LOCK]);
      await tx.query("create extension if not exists vector with schema public");
      await tx.query(`create table if not exists opsmedic.knowledge_vectors (
        entry text primary key references opsmedic.knowledge (id) on delete cascade,
        model text not null,
        version int not null,
        dimensions int not null,
        vector public.vector not null)`);
    });
  } catch (error) {
    // 42501: only a superuser may create the extension here; 42704: it lives in another schema.
    if (!["42501", "42704"].includes(sqlStateOf(error) ?? "")) throw error;
  }
}

/** Whether vectors can be stored here. */
export async function hasVectors(db: Queryable): Promise<boolean> {
  const [table] = await db.query<{ name: string | null }>(
    "select to_regclass('opsmedic.knowledge_vectors')::text as name",
  );
  return table?.name !== null && table !== undefined;
}
