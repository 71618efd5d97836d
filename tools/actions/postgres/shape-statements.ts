// The statements that make an empty table of a kept shape. Names and values are quoted here; types, defaults, constraints
// and indexes are as the server's own catalogue wrote them, with every name that is not the server's in full.
import type { ColumnShape, TableShape } from "../../schema-shapes.ts";
import type { PostgresConnection } from "./connection.ts";
import { withoutRemarks } from "./own-remark.ts";

type Quoting = Pick<PostgresConnection, "identifier" | "literal">;

/** In the order in which each finds what it needs. */
export function statementsFor(quoting: Quoting, shape: TableShape): string[] {
  const { identifier, literal } = quoting;
  const table = `${identifier(shape.schema)}.${identifier(shape.name)}`;
  const columns = shape.columns.map((one) => columnDefinition(quoting, one));
  const sequences = shape.sequences.map((one) => ({
    ...one,
    full: `${identifier(one.schema)}.${identifier(one.name)}`,
  }));
  return [
    ...sequences.map(({ full, type, next }) => `CREATE SEQUENCE ${full} AS ${type} START ${BigInt(next)}`),
    `CREATE TABLE ${table} (${columns.join(", ")})`,
    ...shape.options.map((one) => `ALTER TABLE ${table} SET (${option(one, quoting)})`),
    ...sequences.map(({ full, column }) => `ALTER SEQUENCE ${full} OWNED BY ${table}.${identifier(column)}`),
    ...shape.constraints.map(
      ({ name, definition }) => `ALTER TABLE ${table} ADD CONSTRAINT ${identifier(name)} ${definition}`,
    ),
    ...shape.indexes,
    ...shape.statistics,
    ...shape.comments.map(({ column, text }) => {
      const what = column === null ? `TABLE ${table}` : `COLUMN ${table}.${identifier(column)}`;
      return `COMMENT ON ${what} IS ${literal(withoutRemarks(text))}`;
    }),
    ...shape.counters.map(({ column, given }) => {
      const serial = sequences.find((one) => one.column === column);
      const restart = `RESTART WITH ${BigInt(given) + 1n}`;
      return serial === undefined
        ? `ALTER TABLE ${table} ALTER COLUMN ${identifier(column)} ${restart}`
        : `ALTER SEQUENCE ${serial.full} ${restart}`;
    }),
    ...shape.grants.map((one) => grant(one, table, quoting)),
    ...sequences.flatMap(({ full, grants }) => grants.map((one) => grant(one, `SEQUENCE ${full}`, quoting))),
    `ALTER TABLE ${table} OWNER TO ${identifier(shape.owner)}`,
  ];
}

export function columnDefinition(
  { identifier }: Quoting,
  { name, type, notNull, default: value, identity, generated, collation }: ColumnShape,
): string {
  const filled =
    generated === "s" && value !== null
      ? ` GENERATED ALWAYS AS (${value}) STORED`
      : identity !== ""
        ? ` GENERATED ${identity === "a" ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY`
        : value !== null
          ? ` DEFAULT ${value}`
          : "";
  const compared = collation === null ? "" : ` COLLATE ${collation}`;
  return `${identifier(name)} ${type}${compared}${filled}${notNull ? " NOT NULL" : ""}`;
}

function grant(
  { to, privilege }: TableShape["grants"][number],
  what: string,
  { identifier }: Quoting,
): string {
  return `GRANT ${words(privilege)} ON ${what} TO ${to === "PUBLIC" ? to : identifier(to)}`;
}

/** "name=value" */
function option(text: string, { identifier, literal }: Quoting): string {
  const cut = text.indexOf("=");
  return `${identifier(text.slice(0, cut))} = ${literal(text.slice(cut + 1))}`;
}

/** A privilege is a word or two: SELECT, INSERT, … */
function words(privilege: string): string {
  return privilege.replaceAll(/[^A-Z ]/g, "");
}
