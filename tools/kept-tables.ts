// Tables of a database as they are kept while it is well: each as it was seen last, with what has gone from it since.
// What a shape is made of, each engine says for itself.
import { z } from "zod";

export interface NamedShape {
  /** MySQL: the database. */
  schema: string;
  name: string;
  columns: { name: string }[];
}

/** Times are Unix ms; null: it is there. */
export interface Kept<Shape extends NamedShape> {
  shape: Shape;
  goneSince: number | null;
  goneColumns: { column: Shape["columns"][number]; goneSince: number }[];
}

const KEEP_GONE_MS = 7 * 24 * 60 * 60_000;

export function keptSchema<Shape extends z.ZodType, Column extends z.ZodType>(shape: Shape, column: Column) {
  return z.object({
    shape,
    goneSince: z.number().nullable(),
    goneColumns: z.array(z.object({ column, goneSince: z.number() })),
  });
}

/** The name under which the history of files keeps them: no service is called so. */
export function schemaHistoryOf(service: string): string {
  return `${service}@schema`;
}

/** Files of the history whose text is none of ours are left out. */
export function keptIn<T>(schema: z.ZodType<T>, files: readonly { content: string }[]): T[] {
  return files.flatMap(({ content }) => {
    try {
      return [schema.parse(JSON.parse(content))];
    } catch {
      return [];
    }
  });
}

/** What is there as it is, and what was there and is gone, as it was. */
export function merged<Shape extends NamedShape>(
  kept: readonly Kept<Shape>[],
  present: readonly Shape[],
  now: number,
): Kept<Shape>[] {
  const isOld = (since: number): boolean => now - since > KEEP_GONE_MS;
  const there = present.map((shape) => {
    const before = kept.find((one) => isSame(one.shape, shape));
    const lost = (before?.shape.columns ?? []).map((column) => ({ column, goneSince: now }));
    const goneColumns = [...(before?.goneColumns ?? []), ...lost].filter(
      ({ column, goneSince }) => !isOld(goneSince) && !shape.columns.some((one) => one.name === column.name),
    );
    return { shape, goneSince: null, goneColumns };
  });
  const gone = kept
    .filter((one) => !present.some((shape) => isSame(one.shape, shape)))
    .map((one) => ({ ...one, goneSince: one.goneSince ?? now }))
    .filter((one) => !isOld(one.goneSince));
  return [...there, ...gone];
}

function isSame(a: NamedShape, b: NamedShape): boolean {
  return a.schema === b.schema && a.name === b.name;
}
