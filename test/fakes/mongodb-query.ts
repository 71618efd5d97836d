// As much of MongoDB's queries as a scan asks: $gt, $gte, equality, $or, and a sort by some fields.
import type { Document } from "mongodb";

/** Comparisons are within one type, as in MongoDB. */
export function matches(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([key, wanted]) => {
    if (key === "$or") return (wanted as Document[]).some((one) => matches(document, one));
    const value: unknown = document[key];
    const { $gt, $gte } = wanted as { $gt?: unknown; $gte?: unknown };
    const than = $gt ?? $gte ?? wanted;
    if (typeof value !== typeof than || value?.constructor !== than?.constructor) return false;
    const order = orderOf(value, than);
    return $gt === undefined ? ($gte === undefined ? order === 0 : order >= 0) : order > 0;
  });
}

export function compareBy(keys: readonly string[], a: Document, b: Document): number {
  return keys.map((key) => orderOf(a[key], b[key])).find((order) => order !== 0) ?? 0;
}

function orderOf(a: unknown, b: unknown): number {
  const [x, y] = [a, b].map((one) => (one instanceof Date ? one.toISOString() : String(one)));
  return x === y ? 0 : (x ?? "") < (y ?? "") ? -1 : 1;
}
