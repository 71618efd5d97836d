// An index that opsmedic makes, whatever the engine: on one column, under a name that tells whose it is.
import { createHash } from "node:crypto";
import { z } from "zod";

/** As the journal keeps them, of every engine. */
export const ownIndexSchema = z.strictObject({
  /** "schema.name", or "database.name" */
  table: z.string().min(3).max(130),
  column: z.string().min(1).max(64),
});
export type OwnIndex = z.infer<typeof ownIndexSchema>;

/**
 * Under 63 bytes, the same for the same table and column, recognisable as ours, and without a sign that LIKE reads
 * otherwise but "_".
 */
export function indexName({ table, column }: OwnIndex): string {
  const hash = createHash("sha256").update(`${table} ${column}`).digest("hex").slice(0, 8);
  const plain = `${table.split(".").slice(1).join("_")}_${column}`.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return `opsmedic_${plain.slice(0, 40)}_${hash}`;
}
