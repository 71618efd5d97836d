// Which tables and columns of PostgreSQL come back without a human: those of which a kept shape tells everything, and whose
// making runs nothing that somebody else has written.
import { isConstant } from "../../migrations/plain-expression.ts";
import { type Node, statementsIn } from "../../migrations/sql-statements.ts";
import { numberIn } from "../../row-values.ts";
import type { ColumnShape, TableShape } from "../../schema-shapes.ts";
import { tableNamed } from "./tables.ts";
import type { Ask } from "./unused-sessions.ts";

/** To take a column back means to look through its table while nobody else may use it. */
export const MOST_WIDENED_BYTES = 1024 ** 3;

/** Why not, in words; undefined: nothing is in the way. `column` undefined: the whole table. */
export async function restoreProblem(
  ask: Ask,
  shape: TableShape,
  column: ColumnShape | undefined,
): Promise<string | undefined> {
  if (column === undefined)
    return shape.unkept.length === 0 ? undefined : `it had ${shape.unkept.join(" and ")}, which are not kept`;
  const problem = await columnProblem(ask, column);
  if (problem !== undefined) return problem;
  const { bytes = 0 } = (await tableNamed(ask, `${shape.schema}.${shape.name}`)) ?? {};
  return bytes > MOST_WIDENED_BYTES ? "its table is larger than 1 GB" : undefined;
}

/** Rows that are there get its value: with our rights, and each on its own where that is no constant. */
async function columnProblem(
  ask: Ask,
  { type, default: value, identity, generated }: ColumnShape,
): Promise<string | undefined> {
  if (identity !== "") return "it numbers its rows, which writes all of them anew";
  if (generated !== "") return "it is computed, which writes all rows anew";
  if (value !== null && !(await isConstantText(value))) return "what rows would hold in it is computed";
  return (await isPlainType(ask, type)) ? undefined : `its type ${type} checks what it holds`;
}

async function isConstantText(value: string): Promise<boolean> {
  const statements = await statementsIn(`select ${value}`);
  if ("unreadable" in statements || statements.length !== 1) return false;
  const [statement] = statements;
  const node: Node = statement?.node ?? {};
  const targets = node["targetList"];
  if (statement?.kind !== "SelectStmt" || !Array.isArray(targets) || targets.length !== 1) return false;
  if (Object.keys(node).some((key) => !["targetList", "limitOption", "op"].includes(key))) return false;
  const [{ ResTarget: target = {} } = {}] = targets as { ResTarget?: { val?: unknown } }[];
  return isConstant(target.val);
}

/** Base types, enumerations and lists of them; a domain's checks are functions of its owner's. */
async function isPlainType(ask: Ask, type: string): Promise<boolean> {
  const [row] = await ask(
    `select count(*) as plain from pg_catalog.pg_type t left join pg_catalog.pg_type e on e.oid = t.typelem and t.typcategory = 'A'
     where t.oid = pg_catalog.to_regtype(pg_catalog.regexp_replace($1, '\\(.*?\\)', '')) and coalesce(e.typtype, t.typtype) in ('b', 'e')`,
    [type],
  );
  return (numberIn(row, "plain") ?? 0) > 0;
}
