// Reads from a log line which table or column a database says it does not have.
import type { NamedObject } from "../tools/database-inspector.ts";

const NAME = String.raw`["'\x60]?([A-Za-z_][\w$]{0,62}(?:\.[A-Za-z_][\w$]{0,62}){0,2})["'\x60]?`;
const LONGEST = 4_000;

/** Most particular first. */
const expressions: readonly {
  kind: NamedObject["kind"];
  expression: RegExp;
  table?: number;
  name: number;
}[] = [
  // PostgreSQL
  {
    kind: "column",
    expression: new RegExp(`\\bcolumn ${NAME} of relation ${NAME} does not exist`, "i"),
    name: 1,
    table: 2,
  },
  { kind: "column", expression: new RegExp(`\\bcolumn ${NAME} does not exist`, "i"), name: 1 },
  { kind: "table", expression: new RegExp(`\\brelation ${NAME} does not exist`, "i"), name: 1 },
  // MySQL and MariaDB
  { kind: "table", expression: new RegExp(`\\bTable ${NAME} doesn't exist`, "i"), name: 1 },
  { kind: "column", expression: new RegExp(`\\bUnknown column ${NAME} in\\b`, "i"), name: 1 },
];

/** undefined: the line says no such thing. Names are words from outside, of a bounded length. */
export function missingObjectIn(text: string): NamedObject | undefined {
  const line = text.slice(0, LONGEST);
  for (const { kind, expression, name, table } of expressions) {
    const match = expression.exec(line);
    const found = match?.[name];
    if (found === undefined) continue;
    const of = table === undefined ? undefined : match?.[table];
    return { kind, name: found, ...(of !== undefined && { table: of }) };
  }
  return undefined;
}
