// The statements that make an empty table of a kept shape. Names are quoted here; types, defaults, constraints and
// indexes are as the server's own catalogue wrote them.
import type { ColumnShape, TableShape } from "../../schema-shapes.ts";
import type { PostgresConnection } from "./connection.ts";

type Quoting = Pick<PostgresConnection, "identifier">;

/** In the order in which each finds what it needs. */
export function statementsFor(quoting: Quoting, shape: TableShape): string[] {
  const { identifier } = quoting;
  const table = `${identifier(shape.schema)}.${identifier(shape.name)}`;
  const columns = shape.columns.map((one) => columnDefinition(quoting, one));
  const sequences = shape.sequences.map((one) => ({
    ...one,
    full: `${identifier(one.schema)}.${identifier(one.name)}`,
  }));
  return [
    ...sequences.map(({ full, type, next }) => `CREATE SEQUENCE ${full} AS ${type} START ${BigInt(next)}`),
    `CREATE TABLE ${table} (${columns.join(", ")})`,
    ...sequences.map(({ full, column }) => `ALTER SEQUENCE ${full} OWNED BY ${table}.${identifier(column)}`),
    ...shape.constraints.map(
      ({ name, definition }) => `ALTER TABLE ${table} ADD CONSTRAINT ${identifier(name)} ${definition}`,
    ),
    ...shape.indexes,
    ...shape.grants.map(
      ({ to, privilege }) =>
        `GRANT ${words(privilege)} ON ${table} TO ${to === "PUBLIC" ? to : identifier(to)}`,
    ),
    `ALTER TABLE ${table} OWNER TO ${identifier(shape.owner)}`,
  ];
}

export function columnDefinition(
  { identifier }: Quoting,
  { name, type, notNull, default: value, identity, generated }: ColumnShape,
): string {
  const filled =
    generated === "s" && value !== null
      ? ` GENERATED ALWAYS AS (${value}) STORED`
      : identity !== ""
        ? ` GENERATED ${identity === "a" ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY`
        : value !== null
          ? ` DEFAULT ${value}`
          : "";
  return `${identifier(name)} ${type}${filled}${notNull ? " NOT NULL" : ""}`;
}

/** A privilege is a word or two: SELECT, INSERT, … */
function words(privilege: string): string {
  return privilege.replaceAll(/[^A-Z ]/g, "");
}
