// postgres-run-migration: runs one of the service's own migrations that was forgotten, in one transaction, where all that
// it does is to add. What it makes carries a remark of ours, by which the undo knows it from what somebody else made.
import { z } from "zod";
import type { MigrationFiles } from "../../../domain/service.ts";
import { type MigrationFile, hashOf, readMigration } from "../../migrations/migration-files.ts";
import { statementsIn } from "../../migrations/sql-statements.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { beyondLimit, stale, stateOf } from "../checked.ts";
import { needPostgres, type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import { forgottenMigration } from "./forgotten-migration.ts";
import {
  dropUnused,
  firstUsed,
  inTransaction,
  type MadeObject,
  madeObjectSchema,
  presentOf,
  spokenObject,
} from "./made-objects.ts";
import { isMarked, mark, ownerOf, remarkOfMigration, signOfMigration } from "./own-remark.ts";

const paramsSchema = z.strictObject({
  /** Below the folder of the configuration. */
  file: z.string().min(5).max(1_024),
  /** Of its text as it was judged. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** "schema.name": what is missing, or where the column is missing. */
  table: z.string().min(3).max(130),
  column: z.string().min(1).max(63).nullable(),
});
type Params = z.infer<typeof paramsSchema>;

const stateSchema = z.object({
  /** What is captured before a restore by hand: what the repair has made. */
  there: z.boolean(),
  role: z.string(),
  path: z.array(z.string()),
  objects: z.array(madeObjectSchema).min(1),
  main: madeObjectSchema,
  statements: z.array(z.string()),
});
type State = z.infer<typeof stateSchema>;

export const postgresRunMigration: Action<Params> = {
  name: "postgres-run-migration",
  summary: "Runs a migration of the service's own that was forgotten and that only adds, in one transaction",
  undoes: "drops what it made as long as nothing was written into it",
  class: "data",
  effect: "reversible",
  risk: "high",
  params: paramsSchema,
  downtimeMs: () => 0,

  preview: (_params, captured) =>
    stateIn(captured)
      .statements.map((one) => `${one};`)
      .join("\n"),
  capture: (params, context) =>
    withPostgres(context, async ({ query }) => {
      const spec = needMigrations(context);
      const there = await isMarked(query, mainOf(params), signOfMigration(params.sha256));
      const found = await forgottenMigration(query, spec, missingOf(params), { made: there });
      if ("why" in found) throw stale(found.why, "diagnose again");
      if (found.file !== params.file || found.sha256 !== params.sha256)
        throw stale(`${params.file} is not the migration any more that was judged`, "diagnose again");
      const { place, objects, main, statements } = found;
      const state: State = { there, role: place.role, path: place.path, objects, main, statements };
      return { state, files: [] };
    }),
  apply: (params, captured, context) => applied(params, stateIn(captured), context),
  verify: (_params, captured, context) =>
    withPostgres(context, async (connection) => {
      const { main, objects, role } = stateIn(captured);
      const missing = await missingIn(connection, objects);
      if (missing !== undefined) return { ok: false, text: `${missing} is not there` };
      const owner = await ownerOf(connection.query, main);
      // A new column belongs to whoever has the table.
      const ok = main.column !== null || owner === role;
      return { ok, text: `${spokenObject(main)} is there, and belongs to ${owner ?? "nobody"}` };
    }),
  async undo(params, captured, context) {
    const state = stateIn(captured);
    if (state.there) return applied(params, state, context);
    const { main, objects, role, path } = state;
    const text = await withPostgres(context, async (connection) => {
      const what = spokenObject(main);
      if ((await presentOf(connection.query, [main])).length === 0) return `${what} is not there`;
      if (!(await isMarked(connection.query, main, signOfMigration(params.sha256))))
        return `${what} was made by somebody else, and stays`;
      const within = { role, path: quotedPath(connection, path) };
      const left = await inTransaction(connection, () => dropUnused(connection, objects), within);
      if (left !== undefined)
        return `${spokenObject(left.used)} has been written into: what ${params.file} made stays`;
      return `dropped what ${params.file} had made`;
    });
    await readAnew(context);
    return text;
  },
  verifyUndo: (params, captured, context) =>
    withPostgres(context, async (connection) => {
      const { there, main, objects, role, path } = stateIn(captured);
      const what = spokenObject(main);
      const present = await presentOf(connection.query, objects);
      if (there) return { ok: present.length === objects.length, text: `${what} is as it was` };
      if (present.length === 0) return { ok: true, text: `${what} is not there` };
      if (!(await isMarked(connection.query, main, signOfMigration(params.sha256))))
        return { ok: true, stays: true, text: `${what} was made by somebody else` };
      const within = { role, path: quotedPath(connection, path) };
      const used = await inTransaction(connection, () => firstUsed(connection, present), within);
      return used === undefined
        ? { ok: false, text: `${what} is there` }
        : { ok: true, stays: true, text: `${spokenObject(used)} has been written into` };
    }),
};

async function applied(params: Params, state: State, context: ActionContext): Promise<string> {
  const file = await readMigration(needMigrations(context), params.file);
  const text = await withPostgres(context, (connection) => run(connection, params, state, file));
  await readAnew(context);
  return text;
}

async function run(
  connection: PostgresConnection,
  params: Params,
  { objects, main, role, path }: State,
  file: MigrationFile,
): Promise<string> {
  const present = await presentOf(connection.query, objects);
  // Ours, or by the same migration from another hand: the world is as it is to be.
  if (present.length === objects.length) return `${spokenObject(main)} is there already`;
  const [one] = present;
  if (one !== undefined)
    throw stale(`somebody else has made ${spokenObject(one)} meanwhile`, "diagnose again");
  if (hashOf(file) !== params.sha256)
    throw stale(`${params.file} was changed after the backup`, "diagnose again");
  const statements = await statementsIn(file.sql);
  if ("unreadable" in statements) throw stale(`${params.file} cannot be read any more`, "diagnose again");
  const within = { role, path: quotedPath(connection, path) };
  await inTransaction(
    connection,
    async () => {
      // As the parser reads strings that has judged it.
      await connection.query("set local standard_conforming_strings = on");
      for (const { text } of statements) await connection.single(text);
      const missing = await missingIn(connection, objects);
      if (missing !== undefined)
        throw beyondLimit(`${params.file} did not make ${missing}`, "run it by hand");
      await mark(connection, main, remarkOfMigration(params));
    },
    within,
  );
  const others = objects.length === 1 ? "" : `, and ${objects.length - 1} more`;
  return `ran ${params.file}, which made ${spokenObject(main)}${others}; the service's own record of its migrations does not know of it`;
}

/** In words; undefined: all are there. */
async function missingIn(
  { query }: PostgresConnection,
  objects: State["objects"],
): Promise<string | undefined> {
  const present = new Set(await presentOf(query, objects));
  const missing = objects.find((one) => !present.has(one));
  return missing && spokenObject(missing);
}

function quotedPath({ identifier }: PostgresConnection, path: readonly string[]): string {
  return path.map(identifier).join(", ");
}

/** HealError "limit-exceeded". */
function needMigrations(context: ActionContext): MigrationFiles {
  const { migrations } = needPostgres(context);
  if (migrations !== undefined) return migrations;
  throw beyondLimit(
    `the configuration names no migrations of ${context.service.name}`,
    "name them in postgres.migrations.files of the service",
  );
}

function missingOf({ table, column }: Params) {
  const dot = table.indexOf(".");
  return { schema: table.slice(0, dot), table: table.slice(dot + 1), column };
}

function mainOf(params: Params): MadeObject {
  const { schema, table: name, column } = missingOf(params);
  return { kind: column === null ? "table" : "column", schema, name, column };
}

function stateIn({ state }: Captured): State {
  return stateOf(stateSchema, "postgres-run-migration", state);
}
