// What statements on a table cost before an index is made there: kept in its backup, so that it can be judged for days
// whether the index helps, and what it costs those who write.
import { z } from "zod";
import type { ActionContext } from "../action.ts";
import { bare, filtersIn, PLACED_NAME, placesIn } from "../index-candidates.ts";
import type { CountedStatement } from "../statement-counts.ts";
import type { OwnIndex } from "./own-index.ts";

const countedSchema = z.object({
  /** The server's own id of the statement. */
  id: z.string(),
  calls: z.number(),
  totalMs: z.number(),
  rows: z.number(),
});

/** Of the last minutes before the index: what was long ago may have been another load. */
export const indexBaselineSchema = z.object({
  /** Statements that look for rows by the column. */
  reads: z.array(countedSchema),
  /** Statements that change rows of the table. */
  writes: z.array(countedSchema),
});
export type IndexBaseline = z.infer<typeof indexBaselineSchema>;

const MOST_STATEMENTS = 20;
const WRITES = /^\s{0,20}(?:with\b|insert\b|replace\b|update\b|delete\b|merge\b)/i;
const READS = /^\s{0,20}(?:with\b|select\b|\/\*|--)/i;

/** null: nobody looks into the database, or it does not count its statements. */
export async function baselineOf(context: ActionContext, own: OwnIndex): Promise<IndexBaseline | null> {
  const { database } = context.service;
  const inspector = database && (await context.databases?.of(database));
  if (inspector === undefined || inspector.engine === "redis") return null;
  const lately = await inspector.lately(context.signal).catch(() => undefined);
  if (lately === undefined) return null;
  return indexBaselineOf(lately, own);
}

export function indexBaselineOf(statements: readonly CountedStatement[], own: OwnIndex): IndexBaseline {
  const [place = "", table = ""] = own.table.toLowerCase().split(".");
  const about = statements.filter((one) => isAbout(one, place, table));
  const writes = about.filter(({ statement }) => WRITES.test(statement) && changes(statement, table));
  const reads = about.filter(
    (one) =>
      !writes.includes(one) &&
      READS.test(one.statement) &&
      filtersIn(one.statement).includes(own.column.toLowerCase()),
  );
  return { reads: kept(reads), writes: kept(writes) };
}

/** A table of the same name elsewhere is another one, as far as the statement or the server tells where it is. */
function isAbout({ statement, database }: CountedStatement, place: string, table: string): boolean {
  return placesIn(statement).some((one) => {
    const where = one.place ?? database?.toLowerCase();
    return one.table === table && (where === undefined || where === place);
  });
}

function kept(some: CountedStatement[]): IndexBaseline["reads"] {
  return some.slice(0, MOST_STATEMENTS).map(({ id, calls, totalMs, rows }) => ({ id, calls, totalMs, rows }));
}

const CHANGED = new RegExp(
  String.raw`\b(?:(?:insert|replace)(?:\s{1,5}ignore)?\s{1,5}into|update(?:\s{1,5}only)?|delete\s{1,5}from(?:\s{1,5}only)?|merge\s{1,5}into)\s{1,5}${PLACED_NAME}`,
  "gi",
);

function changes(statement: string, table: string): boolean {
  return [...statement.matchAll(CHANGED)].some(([, , name = ""]) => bare(name) === table);
}
