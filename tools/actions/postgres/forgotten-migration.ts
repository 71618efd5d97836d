// The migration of a service's own that would bring what its program misses, held against the database as it is now: what
// it makes is not there, what it needs is, and the role may do it. Looks only; nothing is tried out.
import type { MigrationFiles } from "../../../domain/service.ts";
import {
  type ChosenMigration,
  chooseMigration,
  type MissingObject,
} from "../../migrations/choose-migration.ts";
import { hashOf, readMigrations } from "../../migrations/migration-files.ts";
import type { WrittenName } from "../../migrations/effects.ts";
import { numberIn, type Row, textIn } from "../../row-values.ts";
import { type MadeObject, presentOf, spokenObject } from "./made-objects.ts";
import { type SearchPlace, searchPlace } from "./search-place.ts";
import type { Ask } from "./unused-sessions.ts";

export interface ForgottenMigration {
  /** Relative to the folder of migrations. */
  file: string;
  sha256: string;
  statements: string[];
  place: SearchPlace;
  /** In the order in which they are made. */
  objects: MadeObject[];
  /** The one that is missed. */
  main: MadeObject;
}

/** Making an index keeps writers waiting: so much is read in a second or two. */
const MOST_INDEXED_BYTES = 64 * 1024 ** 2;
/** Taking a column back reads all rows while nobody else may: so much is read in a second or two. */
const MOST_WIDENED_BYTES = 1024 ** 3;

/**
 * `why`: there is none that may be run without a person, in words. `made`: it was run by us, so what it makes is there.
 * HealError "migrations-unreadable".
 */
export async function forgottenMigration(
  ask: Ask,
  spec: MigrationFiles,
  object: MissingObject,
  { made = false }: { made?: boolean } = {},
): Promise<ForgottenMigration | { why: string }> {
  const place = await searchPlace(ask, spec.role);
  if ("why" in place) return place;
  const chosen = await chooseMigration(object, await readMigrations(spec), place.here);
  if ("why" in chosen) return chosen;
  const problem = await roleProblem(ask, place);
  if (problem !== undefined) return { why: `${chosen.file.path} would make it, but ${problem}` };
  const elsewhere = made ? undefined : await elsewhereOf(ask, chosen);
  if (elsewhere !== undefined)
    return {
      why: `${elsewhere} is there: its program looks in another schema or database, and nothing is forgotten`,
    };
  const known = await knownTables(ask, place, chosen);
  const objects = objectsOf(chosen, place, known);
  if ("lacking" in objects)
    return { why: `${chosen.file.path} needs ${objects.lacking}, which is not there` };
  const [there] = made ? [] : await presentOf(ask, objects);
  if (there !== undefined)
    return { why: `${chosen.file.path} makes ${spokenObject(there)} as well, which is there already` };
  const refused = (await schemaProblem(ask, place, objects)) ?? tableProblem(chosen, place, known);
  if (refused !== undefined) return { why: `${chosen.file.path} would make it, but ${refused}` };
  const main = objects.find((one) => isMain(one, chosen, place, known));
  if (main === undefined) return { why: `${chosen.file.path} does not say where it makes it` };
  const { file, statements } = chosen;
  return { file: file.path, sha256: hashOf(file), statements, place, objects, main };
}

const elsewhereSql = `
select n.nspname || '.' || c.relname as name from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relname = $1 and c.relkind in ('r', 'p', 'v', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
  and n.nspname not like 'pg\\_%' limit 1`;

/** A table of the missing one's name, in whatever schema. */
async function elsewhereOf(ask: Ask, { main }: ChosenMigration): Promise<string | undefined> {
  if (main.column !== null) return undefined;
  return textIn((await ask(elsewhereSql, [main.table.name]))[0], "name");
}

/** A table that the migration changes or points to, as the catalogue has it. */
interface KnownTable {
  schema: string;
  name: string;
  bytes: number;
  /** The role may change it, and point to it. */
  owns: boolean;
  mayReference: boolean;
}

const tablesSql = `
select n.nspname as schema, c.relname as name, pg_catalog.pg_table_size(c.oid) as bytes,
  pg_catalog.pg_has_role($2::name, c.relowner, 'usage') as owns, pg_catalog.has_table_privilege($2::name, c.oid, 'references') as refers
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relname = any($1) and c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')`;

async function knownTables(
  ask: Ask,
  { role }: SearchPlace,
  { effects }: ChosenMigration,
): Promise<KnownTable[]> {
  const names = effects.flatMap((one) => ("table" in one ? [one.table.name] : []));
  if (names.length === 0) return [];
  return (await ask(tablesSql, [names, role])).map((row: Row) => ({
    schema: textIn(row, "schema") ?? "",
    name: textIn(row, "name") ?? "",
    bytes: numberIn(row, "bytes") ?? 0,
    owns: row["owns"] === true,
    mayReference: row["refers"] === true,
  }));
}

/** As the server would find it: in its schema, or the first one on the path that has it. */
function tableAt({ path }: SearchPlace, known: readonly KnownTable[], { schema, name }: WrittenName) {
  const schemas = schema === null ? path : [schema];
  const [found] = schemas.flatMap((one) =>
    known.filter((table) => table.schema === one && table.name === name),
  );
  return found;
}

function objectsOf(
  { effects }: ChosenMigration,
  place: SearchPlace,
  known: readonly KnownTable[],
): MadeObject[] | { lacking: string } {
  const objects: MadeObject[] = [];
  for (const one of effects) {
    if (one.does === "makes") {
      objects.push({ kind: one.kind, schema: one.schema, name: one.name, column: null });
      continue;
    }
    const table = tableAt(place, known, one.table);
    if (table === undefined) return { lacking: `the table ${one.table.name}` };
    const { schema, name } = table;
    if (one.does === "adds-column") objects.push({ kind: "column", schema, name, column: one.column });
    if (one.does === "adds-index") objects.push({ kind: "index", schema, name: one.name, column: null });
  }
  return objects;
}

const roleSql = `
select r.oid is not null as there,
  pg_catalog.pg_has_role(r.oid, case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end) as may
from (select (select oid from pg_catalog.pg_roles where rolname = $1) as oid) r`;

async function roleProblem(ask: Ask, { role }: SearchPlace): Promise<string | undefined> {
  const [row] = await ask(roleSql, [role]);
  if (row?.["there"] !== true) return `there is no role ${role}`;
  return row["may"] === true
    ? undefined
    : `opsmedic may not act as ${role}, who owns the tables (GRANT ${role} TO …)`;
}

const schemaSql = `
select n.nspname as schema from pg_catalog.pg_namespace n
where n.nspname = any($1) and pg_catalog.has_schema_privilege($2::name, n.oid, 'create')`;

/** Schemas in which something new is made. */
async function schemaProblem(
  ask: Ask,
  { role }: SearchPlace,
  objects: readonly MadeObject[],
): Promise<string | undefined> {
  const needed = [...new Set(objects.filter((one) => one.kind !== "column").map((one) => one.schema))];
  const given = new Set((await ask(schemaSql, [needed, role])).map((row) => textIn(row, "schema")));
  const refused = needed.find((one) => !given.has(one));
  return refused === undefined
    ? undefined
    : `${role} may make nothing in the schema ${refused}, if there is one`;
}

function tableProblem(
  { effects }: ChosenMigration,
  place: SearchPlace,
  known: readonly KnownTable[],
): string | undefined {
  for (const one of effects) {
    if (!("table" in one)) continue;
    const table = tableAt(place, known, one.table);
    if (table === undefined) continue;
    const spoken = `${table.schema}.${table.name}`;
    if (one.does === "needs" && !table.mayReference)
      return `${place.role} may not point to ${spoken} (REFERENCES)`;
    if (one.does !== "needs" && !table.owns) return `${spoken} does not belong to ${place.role}`;
    const size = `${spoken} has ${Math.round(table.bytes / 1024 ** 2)} MB`;
    if (one.does === "adds-index" && table.bytes > MOST_INDEXED_BYTES)
      return `${size}, and who writes to it would wait for the index: make it CONCURRENTLY`;
    if (one.does === "adds-column" && table.bytes > MOST_WIDENED_BYTES)
      return `${size}, too many to look through if the column were to be taken back`;
  }
  return undefined;
}

function isMain(
  object: MadeObject,
  { main }: ChosenMigration,
  place: SearchPlace,
  known: readonly KnownTable[],
): boolean {
  const { schema, name } = main.table;
  if (main.column === null)
    return object.kind === "table" && object.name === name && object.schema === (schema ?? place.here);
  const table = tableAt(place, known, main.table);
  return object.column === main.column && object.name === name && object.schema === table?.schema;
}
