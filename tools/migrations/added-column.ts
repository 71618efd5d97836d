// A column that a migration adds to a table that is there: only where no row is rewritten or looked at for it, and no
// program that writes to the table today is refused.
import { z } from "zod";
import { isConstant } from "./plain-expression.ts";

const textNode = z.strictObject({ String: z.strictObject({ sval: z.string() }) });

export const addedColumnSchema = z.strictObject({
  colname: z.string(),
  typeName: z.looseObject({ names: z.array(textNode).min(1) }),
  is_local: z.literal(true),
  collClause: z.unknown().optional(),
  constraints: z
    .array(
      z.strictObject({
        Constraint: z.looseObject({ contype: z.string(), raw_expr: z.unknown().optional() }),
      }),
    )
    .default([]),
  location: z.number().optional(),
});

const COUNTED = /^(?:small|big)?serial[248]?$/;

/** Why it is left to a person; undefined: nothing speaks against it. */
export function problemOfColumn({
  typeName,
  constraints,
}: z.infer<typeof addedColumnSchema>): string | undefined {
  const all = constraints.map((one) => one.Constraint);
  const type = typeName.names.at(-1)?.String.sval ?? "";
  if (COUNTED.test(type)) return "the numbers of a serial column rewrite the table";
  const other = all.find((one) => !["CONSTR_NULL", "CONSTR_NOTNULL", "CONSTR_DEFAULT"].includes(one.contype));
  if (other !== undefined) {
    const words = other.contype.replace("CONSTR_", "").toLowerCase();
    return `the column comes with a constraint (${words}) that every row is held against`;
  }
  const value = all.find((one) => one.contype === "CONSTR_DEFAULT");
  if (value === undefined && all.some((one) => one.contype === "CONSTR_NOTNULL"))
    return "the column may not be empty and has no default";
  if (value !== undefined && !isConstant(value.raw_expr)) return "its default is computed for each row";
  return undefined;
}
