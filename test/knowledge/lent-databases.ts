// Databases in memory that one test after another of a file is lent: to make one takes 0.3 s of a processor and leaves
// some 100 MB behind, to make it as it was takes 0.01 s. Where a test changed more than rows, it gets no successor.
import { PGlite } from "@electric-sql/pglite";
import type { Lent } from "../../knowledge/pglite-db.ts";

/** What LangGraph and BullMQ make at their start stays made; what they wrote goes. */
const THEIRS = "'graph', 'bullmq'";

/** What is there beside rows: tables, indexes, sequences, triggers and functions with their text. */
const SHAPE = `
  select md5(string_agg(line, ';' order by line)) as shape from (
    select format('%s %s %s %s %s %s', relnamespace, relname, relkind, relnatts, relpersistence, relacl) as line
    from pg_class where relnamespace::regnamespace::text not like all (array['pg\\_%', 'information\\_schema', ${THEIRS}])
    union all
    select format('%s %s %s', attrelid::regclass, attname, format_type(atttypid, atttypmod))
    from pg_attribute join pg_class on pg_class.oid = attrelid
    where relnamespace::regnamespace::text in ('opsmedic', 'public') and attnum > 0
    union all select format('%s %s %s', tgrelid::regclass, tgname, tgenabled) from pg_trigger
    union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
      where connamespace::regnamespace::text in ('opsmedic', 'public')
    union all select format('%s %s', oid, md5(prosrc)) from pg_proc where oid >= 16384
    union all select nspname from pg_namespace where nspname not in (${THEIRS}) and nspname not like 'pg\\_t%'
    union all select format('%s %s', rolname, rolsuper) from pg_roles
    union all select format('%s %s', setdatabase, setconfig) from pg_db_role_setting
    union all select extname || extversion from pg_extension
  ) as lines`;

interface Spare {
  pglite: PGlite;
  shape: string;
  /** Tables that are not empty in a fresh store, with their rows. */
  given: { name: string; rows: string }[];
}

const spares: Spare[] = [];

/** `make` where none is free. */
export async function borrowDatabase(make: () => Promise<PGlite>): Promise<Lent> {
  const one = spares.pop() ?? (await remembered(await make()));
  return { pglite: one.pglite, giveBack: () => giveBack(one) };
}

async function remembered(pglite: PGlite): Promise<Spare> {
  const given: Spare["given"] = [];
  for (const name of await tablesOf(pglite)) {
    const { rows } = await pglite.query<{ rows: string | null }>(
      `select json_agg(one)::text as rows from ${name} as one`,
    );
    if (rows[0]?.rows) given.push({ name, rows: rows[0].rows });
  }
  return { pglite, given, shape: await shapeOf(pglite) };
}

async function giveBack(one: Spare): Promise<void> {
  const { pglite } = one;
  const usable = await makeAsItWas(one).catch(() => false);
  if (usable) spares.push(one);
  else await pglite.close();
}

async function makeAsItWas({ pglite, shape, given }: Spare): Promise<boolean> {
  await pglite.exec("rollback");
  await pglite.exec("discard all");
  if ((await shapeOf(pglite)) !== shape) return false;
  const tables = await tablesOf(pglite);
  await pglite.transaction(async (tx) => {
    // The trace and the audit log refuse to be emptied, and references would set an order: triggers rest meanwhile.
    await tx.exec("set local session_replication_role = replica");
    await tx.exec(tables.map((name) => `delete from ${name}`).join("; "));
    for (const { name, rows } of given)
      await tx.query(`insert into ${name} select * from json_populate_recordset(null::${name}, $1)`, [rows]);
    await tx.exec(
      "select setval(format('%I.%I', schemaname, sequencename), start_value, false) from pg_sequences",
    );
  });
  return true;
}

/** Without those that say what was migrated. */
async function tablesOf(pglite: PGlite): Promise<string[]> {
  const { rows } = await pglite.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('opsmedic', 'public', ${THEIRS}) and tablename not like '%migration%'`,
  );
  return rows.map(({ name }) => name);
}

async function shapeOf(pglite: PGlite): Promise<string> {
  const { rows } = await pglite.query<{ shape: string }>(SHAPE);
  return rows[0]?.shape ?? "";
}
