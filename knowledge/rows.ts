// Rows as they come back from the database, checked before anyone trusts them.
import { z } from "zod";
import { HealError } from "../domain/errors.ts";

/** bigint: the driver gives text, since it may exceed a JavaScript number; ours (times, counts) never do. */
export const int8 = z.union([
  z.int(),
  z
    .string()
    .regex(/^-?\d{1,16}$/)
    .transform(Number),
]);

/** Every row through the schema; HealError "store-corrupt" when one does not fit. */
export function rowsAs<T>(schema: z.ZodType<T>, rows: readonly unknown[], what: string): T[] {
  const parsed = z.array(schema).safeParse(rows);
  if (parsed.success) return parsed.data;
  throw new HealError(
    `The store holds ${what} that this opsmedic cannot read: ${z.prettifyError(parsed.error)}`,
    {
      code: "store-corrupt",
      hint: "It was written by another version or changed by hand. Nothing was changed.",
      cause: parsed.error,
    },
  );
}

/** A time or duration for a bigint column. */
export function whole(ms: number): number {
  return Math.round(ms);
}

/** Of a filter that may be left away. */
export function timeOrNull(ms: number | undefined): number | null {
  return ms === undefined ? null : whole(ms);
}

/** Lists are bounded whatever the caller asks for. */
export function atMost(limit: number, most = 1_000): number {
  return Math.min(Math.max(1, Math.trunc(limit) || 1), most);
}

export function notFound(what: string, id: string): HealError {
  return new HealError(`There is no ${what} ${JSON.stringify(id.slice(0, 200))}.`, {
    code: "not-found",
    hint: "Check the id; old records are removed after the retention time.",
  });
}
