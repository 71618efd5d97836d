// Columns that slow statements filter by and that no index begins with. The statement's words only say where to look:
// table and column must be ones that the catalogue knows.
import type { IndexCandidate, StatementUse } from "./database-inspector.ts";

export interface KnownColumn {
  table: string;
  /** Name of the table alone, as statements write it. */
  bare: string;
  column: string;
  /** As pg_stats counts: below zero it is a share of the rows; null where it was never looked at. */
  distinct: number | null;
  rows: number;
  /** An index begins with it. */
  indexed: boolean;
  partitioned?: boolean;
  /** Of 8 kB; null or absent: not known. */
  pages?: number | null;
  /** The share of rows without a value. */
  nulls?: number;
  /** How far the table is in the order of the column, -1 to 1. */
  correlation?: number;
}

/** Under these a look at every row is as quick as an index. */
const FEWEST_ROWS = 5_000;
/** A value that so many rows have is not worth an index. */
const MOST_SHARE = 0.2;
/** As the making of an index asks of the planner (actions/postgres/index-checks.ts). */
const LEAST_GAIN = 3;
/** What a page costs that is read out of turn, where it is mostly cached: the planner's own 4 is for disks that turn. */
const RANDOM_PAGE = 1;
const LONGEST_NAME = 63;

/** A name as SQL writes it: between marks it may hold anything, as in "Order Lines". */
const NAME = String.raw`(?:"(?:[^"]|""){1,126}"|\x60[^\x60]{1,64}\x60|[\w$\u0080-\uffff]{1,63})`;
/** The same with what it is in, if it says that. */
export const PLACED_NAME = String.raw`(?:(${NAME})\.)?(${NAME})`;

const FROM = new RegExp(String.raw`\b(?:from|join|update|into)\s{1,5}(?:only\s{1,5})?${PLACED_NAME}`, "gi");
/** A column compared with a placeholder or a value: only that a single-column index can serve, so not with <>. */
const FILTER = new RegExp(
  String.raw`(?:\bwhere\b|\band\b|\bon\b)\s{0,5}\(?\s{0,5}${PLACED_NAME}\s{0,5}(?:=|in\s{0,3}\(|>=?|<(?!>)=?|between\b)`,
  "gi",
);

/** Names of the tables that a statement reads. */
export function tablesIn(statement: string): string[] {
  return [...new Set(placesIn(statement).map((one) => one.table))].slice(0, 20);
}

/** The same with the schema or database that it names, in small letters; undefined: it leaves that to its session. */
export function placesIn(statement: string): { place: string | undefined; table: string }[] {
  return [...statement.matchAll(FROM)].map(([, place, table = ""]) => {
    return { place: place && bare(place), table: bare(table) };
  });
}

/** In small letters and without its marks, to be compared with a name of the catalogue in small letters. */
export function bare(name: string): string {
  const inner = /^["`]/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
  return inner.toLowerCase();
}

export function filtersIn(statement: string): string[] {
  const names = [...statement.matchAll(FILTER)].map(([, , name = ""]) => bare(name));
  return [...new Set(names)].filter((one) => one.length <= LONGEST_NAME).slice(0, 20);
}

/** The most costly statement's first. One whose every filter is served by some index has no candidate. */
export function candidatesIn(
  statements: readonly StatementUse[],
  columns: readonly KnownColumn[],
): IndexCandidate[] {
  const found = statements.flatMap(({ statement, meanMs, calls }) => {
    const [tables, filters] = [tablesIn(statement), filtersIn(statement)];
    return tables.flatMap((table) => {
      const own = columns.filter((one) => one.bare.toLowerCase() === table);
      const filtered = own.filter((one) => filters.includes(one.column.toLowerCase()));
      if (filtered.some((one) => one.indexed)) return [];
      return filtered
        .filter(isWorthIt)
        .map(({ table: name, column, rows, distinct, partitioned = false }) => {
          return { table: name, column, meanMs, calls, rows, distinct: countOf(distinct, rows), partitioned };
        });
    });
  });
  return found.toSorted((a, b) => b.meanMs * b.calls - a.meanMs * a.calls).slice(0, 10);
}

function isWorthIt(column: KnownColumn): boolean {
  const { rows, distinct, pages } = column;
  const different = countOf(distinct, rows);
  if (rows < FEWEST_ROWS) return false;
  if (different === null) return true;
  return different >= 1 / MOST_SHARE && (!pages || pagesRead(column, different, pages) * LEAST_GAIN <= pages);
}

/** In pages that are read one after the other: the rows of one value lie anywhere, as far as the table is not in its order. */
function pagesRead(
  { rows, nulls = 0, correlation = 0 }: KnownColumn,
  different: number,
  pages: number,
): number {
  const found = (rows * (1 - nulls)) / different;
  const ordered = correlation ** 2;
  return ordered * (found / rows) * pages + (1 - ordered) * Math.min(found, pages) * RANDOM_PAGE;
}

function countOf(distinct: number | null, rows: number): number | null {
  return distinct === null ? null : distinct < 0 ? Math.round(-distinct * rows) : distinct;
}
