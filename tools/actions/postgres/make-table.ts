// postgres-make-table: makes a table that never was, empty, with the columns that a user's own playbook gives it. No playbook
// that ships plans it: what a table should look like is not guessed. It carries a remark by which the undo knows it.
import { z } from "zod";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { textIn } from "../../row-values.ts";
import { stale, stateOf } from "../checked.ts";
import { type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import { dropUnused, firstUsed, inTransaction, type MadeObject, presentOf } from "./made-objects.ts";

const name = z.string().min(1).max(63);
const columnSchema = z.strictObject({
  name,
  /** A plain name of a type, with its length: "bigint", "varchar(12)", "timestamp with time zone", "text[]". */
  type: z.string().regex(/^[a-z][a-z0-9_ ]{0,40}(\(\d{1,5}(, ?\d{1,4})?\))?( with(out)? time zone)?(\[\])?$/),
  notNull: z.boolean().default(false),
  /** A plain value, or "now()"; never any other expression. */
  default: z
    .union([z.string().max(200), z.number(), z.boolean()])
    .nullable()
    .default(null),
  /** It counts up by itself. */
  identity: z.boolean().default(false),
});
const paramsSchema = z.strictObject({
  /** "schema.name" */
  table: z.string().regex(/^[^.]{1,63}\.[^.]{1,63}$/),
  /** Makes and owns it. */
  role: name,
  columns: z.array(columnSchema).min(1).max(50),
  primaryKey: z.array(name).max(8).default([]),
});
type Params = z.infer<typeof paramsSchema>;
type Column = z.infer<typeof columnSchema>;

const stateSchema = z.object({
  /** What is captured before a restore by hand: the repair has made it. */
  there: z.boolean(),
  /** Of this very making. */
  number: z.string(),
});

export const postgresMakeTable: Action<Params> = {
  name: "postgres-make-table",
  summary: "Makes a table, empty, with the columns that a playbook of your own gives it",
  undoes: "drops it again as long as nothing was written into it",
  class: "data",
  effect: "reversible",
  risk: "high",
  params: paramsSchema,
  downtimeMs: () => 0,

  preview: (params) => statementOf(plainly, params),
  capture: (params, context) =>
    withPostgres(context, async ({ query }) => {
      const sign = await signOf(query, params);
      if (sign === null) throw stale(`${params.table} is there already, and not of ours`, "diagnose again");
      for (const { type } of params.columns) {
        const [known] = await query("select pg_catalog.to_regtype($1) is not null as known", [type]);
        if (known?.["known"] !== true) throw stale(`there is no type ${type}`, "correct the playbook");
      }
      const [made] = await query("select gen_random_uuid()::text as number");
      const number = sign ?? textIn(made, "number") ?? "";
      return { state: { there: sign !== undefined, number }, files: [] };
    }),
  apply: (params, captured, context) => made(params, stateIn(captured).number, context),
  verify: (params, captured, context) =>
    withPostgres(context, async ({ query }) => {
      const ok = (await signOf(query, params)) === stateIn(captured).number;
      return { ok, text: `the table ${params.table} is ${ok ? "there" : "not there as it was made"}` };
    }),
  async undo(params, captured, context) {
    const { there, number } = stateIn(captured);
    if (there) return made(params, number, context);
    const text = await withPostgres(context, (connection) =>
      inTransaction(connection, async () => {
        if ((await signOf(connection.query, params)) !== number)
          return `${params.table} is not there, or not of ours`;
        const left = await dropUnused(connection, [objectOf(params)]);
        return left === undefined
          ? `dropped the table ${params.table} again`
          : `the table ${params.table} has been written into, and stays`;
      }),
    );
    await readAnew(context);
    return text;
  },
  verifyUndo: (params, captured, context) =>
    withPostgres(context, async (connection) => {
      const { there, number } = stateIn(captured);
      const ours = (await signOf(connection.query, params)) === number;
      if (there || !ours)
        return { ok: ours === there, text: `the table ${params.table} is ${ours ? "" : "not "}there` };
      const present = await presentOf(connection.query, [objectOf(params)]);
      const used = await inTransaction(connection, () => firstUsed(connection, present));
      return {
        ok: used !== undefined,
        text: `the table ${params.table} ${used ? "has been written into" : "is there"}`,
      };
    }),
};

async function made(params: Params, number: string, context: ActionContext): Promise<string> {
  const text = await withPostgres(context, (connection) =>
    inTransaction(
      connection,
      async () => {
        const { query, literal } = connection;
        const sign = await signOf(query, params);
        if (sign === number) return `the table ${params.table} is there already`;
        if (sign !== undefined)
          throw stale(`${params.table} was made by somebody else meanwhile`, "diagnose again");
        await query(statementOf(connection, params));
        await query(
          `COMMENT ON TABLE ${tableOf(connection, params)} IS ${literal(`made by opsmedic as a playbook of its user says (${number})`)}`,
        );
        return `made the table ${params.table}, empty, as the playbook says`;
      },
      { role: params.role },
    ),
  );
  await readAnew(context);
  return text;
}

type Quoting = Pick<PostgresConnection, "identifier" | "literal">;

/** For whoever approves: as it will be run, but for names that the driver would quote in another way. */
const plainly: Quoting = {
  identifier: (text) => (/^[a-z_][a-z0-9_]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`),
  literal: (text) => `'${text.replaceAll("'", "''")}'`,
};

function statementOf(quoting: Quoting, params: Params): string {
  const { identifier } = quoting;
  const columns = params.columns.map((one) => definitionOf(quoting, one));
  const key = params.primaryKey.map(identifier);
  const all = [...columns, ...(key.length > 0 ? [`PRIMARY KEY (${key.join(", ")})`] : [])];
  return `CREATE TABLE ${tableOf(quoting, params)} (${all.join(", ")})`;
}

function definitionOf({ identifier, literal }: Quoting, column: Column): string {
  const { default: value, identity, notNull } = column;
  const filled = identity
    ? " GENERATED BY DEFAULT AS IDENTITY"
    : value === null
      ? ""
      : ` DEFAULT ${value === "now()" ? value : literal(String(value))}`;
  return `${identifier(column.name)} ${column.type}${filled}${notNull ? " NOT NULL" : ""}`;
}

function tableOf({ identifier }: Pick<Quoting, "identifier">, { table }: Params): string {
  return table.split(".").map(identifier).join(".");
}

/** The number of its making; null: there is something else by its name; undefined: there is nothing. */
async function signOf(
  query: PostgresConnection["query"],
  { table }: Params,
): Promise<string | null | undefined> {
  const [row] = await query(
    `select pg_catalog.obj_description(c.oid, 'pg_class') as remark from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2`,
    table.split("."),
  );
  if (row === undefined) return undefined;
  const remark = textIn(row, "remark") ?? "";
  return /^made by opsmedic as a playbook of its user says \(([0-9a-f-]{36})\)$/.exec(remark)?.[1] ?? null;
}

function objectOf({ table }: Params): MadeObject {
  const [schema = "", own = ""] = table.split(".");
  return { kind: "table", schema, name: own, column: null };
}

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "postgres-make-table", state);
}
