// postgres-widen-sequence: lets a sequence count as far as the columns that it fills can hold. Nothing is rewritten, and
// a column that is too narrow itself is left to a person.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import { textIn } from "../../row-values.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import type { Ask } from "./unused-sessions.ts";

const paramsSchema = z.strictObject({
  /** "schema.name", quoted where SQL wants it. */
  sequence: z.string().min(3).max(140),
});
type Params = z.infer<typeof paramsSchema>;

const types = ["smallint", "integer", "bigint"] as const;
const stateSchema = z.object({ type: z.enum(types), most: z.string(), to: z.string() });
type State = z.infer<typeof stateSchema>;

const capacities: Readonly<Record<(typeof types)[number], bigint>> = {
  smallint: 32_767n,
  integer: 2_147_483_647n,
  bigint: 9_223_372_036_854_775_807n,
};

export interface CatalogueSequence {
  schema: string;
  name: string;
  type: (typeof types)[number];
  most: bigint;
  /** The last number that it gave; undefined: none yet, or the role may not see it. */
  last: bigint | undefined;
  /** What the narrowest column holds that takes its numbers; undefined: no such column is known. */
  capacity: bigint | undefined;
  owns: boolean;
}

/** Columns that own it, and columns whose default asks it. */
const sql = `
select s.schemaname as schema, s.sequencename as name, s.data_type::text as type, s.max_value::text as most, s.last_value::text as last,
  pg_has_role(c.relowner, 'usage') as owns,
  (select min(case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 when 'int8'::regtype then 9223372036854775807 else 0 end)::text
   from (select d.refobjid as rel, d.refobjsubid as num from pg_depend d
       where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0 and d.deptype in ('a', 'i')
     union select f.adrelid, f.adnum from pg_depend d join pg_attrdef f on f.oid = d.objid
       where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid) used
   join pg_attribute a on a.attrelid = used.rel and a.attnum = used.num) as capacity
from pg_sequences s join pg_namespace n on n.nspname = s.schemaname
join pg_class c on c.relname = s.sequencename and c.relkind = 'S' and c.relnamespace = n.oid
where quote_ident(s.schemaname) || '.' || quote_ident(s.sequencename) = $1`;

export async function sequenceNamed(ask: Ask, sequence: string): Promise<CatalogueSequence | undefined> {
  const [row] = await ask(sql, [sequence]);
  const type = types.find((one) => one === textIn(row, "type"));
  if (row === undefined || type === undefined) return undefined;
  const whole = (name: string): bigint | undefined => {
    const text = textIn(row, name);
    return text === undefined ? undefined : BigInt(text);
  };
  return {
    schema: textIn(row, "schema") ?? "",
    name: textIn(row, "name") ?? "",
    type,
    most: whole("most") ?? 0n,
    last: whole("last"),
    capacity: whole("capacity"),
    owns: row["owns"] === true,
  };
}

export function canBeWider({ capacity, most, owns }: CatalogueSequence): boolean {
  return owns && capacity !== undefined && capacity > most;
}

export const postgresWidenSequence: Action<Params> = {
  name: "postgres-widen-sequence",
  summary: "Lets a sequence of PostgreSQL count as far as the column that it fills can hold",
  undoes: "sets the end and the type that it had, unless it has counted beyond them",
  class: "data",
  effect: "reversible",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: ({ sequence }, context) =>
    withPostgres(context, async ({ query }) => {
      const found = await needSequence(query, sequence);
      const { type, most, capacity } = found;
      if (!canBeWider(found) || capacity === undefined) {
        const why = found.owns ? "no column that it fills holds more" : "the role does not own it";
        throw new HealError(`${sequence} cannot be made wider: ${why}`, {
          code: found.owns ? "no-gain" : "database-refused",
          hint: "make the column wider first (ALTER TABLE … TYPE bigint rewrites the table)",
        });
      }
      return { state: { type, most: `${most}`, to: `${capacity}` }, files: [] };
    }),
  async apply({ sequence }, captured, context) {
    const { to, most, type } = stateIn(captured);
    const text = await withPostgres(context, async (connection) => {
      const now = await needSequence(connection.query, sequence);
      if (`${now.most}` === to) return `${sequence} counts to ${to} already`;
      if (`${now.most}` !== most || now.type !== type)
        throw stale(`${sequence} was changed by someone else after the backup`, "diagnose again");
      await alter(connection, now, narrowest(BigInt(to)), BigInt(to));
      return `${sequence} counts to ${to} now, no longer to ${most}`;
    });
    await readAnew(context);
    return text;
  },
  verify: ({ sequence }, captured, context) => compare(sequence, context, stateIn(captured).to),
  async undo({ sequence }, captured, context) {
    const { most, type, to } = stateIn(captured);
    const text = await withPostgres(context, async (connection) => {
      const now = await needSequence(connection.query, sequence);
      if (`${now.most}` === most && now.type === type) return `${sequence} is as it was`;
      if (`${now.most}` !== to) {
        throw new HealError(`${sequence} was changed by someone else since`, { code: "undo-conflict" });
      }
      if (isBeyond(now, most)) return `${sequence} has given numbers beyond ${most}, so it stays as it is`;
      await alter(connection, now, type, BigInt(most));
      return `${sequence} counts to ${most} again`;
    });
    await readAnew(context);
    return text;
  },
  verifyUndo: ({ sequence }, captured, context) =>
    withPostgres(context, async ({ query }) => {
      const { most, type } = stateIn(captured);
      const now = await needSequence(query, sequence);
      const text = `${sequence} (${now.type}) counts to ${now.most}`;
      if (`${now.most}` === most && now.type === type) return { ok: true, text };
      return isBeyond(now, most) ? { ok: true, stays: true, text } : { ok: false, text };
    }),
};

/** A sequence is never set to end before the number that it has given. */
function isBeyond({ last }: CatalogueSequence, most: string): boolean {
  return last !== undefined && last > BigInt(most);
}

/** Type and end are of this file, the name is the catalogue's. */
async function alter(
  { query, identifier }: PostgresConnection,
  { schema, name }: CatalogueSequence,
  type: State["type"],
  most: bigint,
): Promise<void> {
  await query(`ALTER SEQUENCE ${identifier(schema)}.${identifier(name)} AS ${type} MAXVALUE ${most}`);
}

function narrowest(most: bigint): State["type"] {
  return types.find((one) => capacities[one] >= most) ?? "bigint";
}

async function compare(sequence: string, context: ActionContext, most: string) {
  return withPostgres(context, async ({ query }) => {
    const now = await needSequence(query, sequence);
    return { ok: `${now.most}` === most, text: `${sequence} counts to ${now.most}` };
  });
}

async function needSequence(ask: Ask, sequence: string): Promise<CatalogueSequence> {
  const found = await sequenceNamed(ask, sequence);
  if (found !== undefined) return found;
  throw stale(`there is no sequence ${sequence} any more`, "diagnose again");
}

function stateIn({ state }: Captured): State {
  return stateOf(stateSchema, "postgres-widen-sequence", state);
}
