// Expressions of a migration that the server may reckon for rows that are there: constants, columns and comparisons. A
// function could do anything at all, so none is among them but the clock of the transaction.
import type { Node } from "./sql-statements.ts";

const CLOCK = new Set(["now", "transaction_timestamp"]);

/** undefined: there is none, which is plain. */
export function isPlain(expression: unknown): boolean {
  return everyNode(expression, (kind) => PLAIN.has(kind));
}

const PLAIN = new Set([
  "A_Const",
  "ColumnRef",
  "A_Expr",
  "BoolExpr",
  "NullTest",
  "BooleanTest",
  "TypeCast",
  "TypeName",
  "List",
  "String",
  "Integer",
]);

/** The same for every row, so that no row is rewritten for it. */
export function isConstant(expression: unknown): boolean {
  return everyNode(
    expression,
    (kind, node) => CONSTANT.has(kind) || isClock(kind, node) || isSigned(kind, node),
  );
}

const CONSTANT = new Set([
  "A_Const",
  "TypeCast",
  "TypeName",
  "A_ArrayExpr",
  "SQLValueFunction",
  "String",
  "Integer",
]);

function isClock(kind: string, node: Node): boolean {
  if (kind !== "FuncCall" || node["args"] !== undefined) return false;
  const names = JSON.stringify(node["funcname"]);
  return [...CLOCK].some((name) => names === JSON.stringify([{ String: { sval: name } }]));
}

/** -1 is a minus before a constant. */
function isSigned(kind: string, node: Node): boolean {
  const isMinus = JSON.stringify(node["name"]) === JSON.stringify([{ String: { sval: "-" } }]);
  return kind === "A_Expr" && isMinus && node["lexpr"] === undefined;
}

/** Nodes are objects of one key that begins with a capital letter; what lies in them are attributes and further nodes. */
function everyNode(value: unknown, is: (kind: string, node: Node) => boolean): boolean {
  if (Array.isArray(value)) return value.every((one) => everyNode(one, is));
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inner]) => {
    const isNode = /^[A-Z]/.test(key);
    return (!isNode || is(key, (inner ?? {}) as Node)) && everyNode(inner, is);
  });
}
