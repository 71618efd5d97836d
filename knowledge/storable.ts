// Text and JSON as PostgreSQL can hold them. Log lines may carry null bytes and halves of surrogate pairs, which
// it refuses; a trace must not fail because of a log line, so both become U+FFFD (replacement character).
import type { Json } from "../domain/json.ts";

export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** Deep copy with every key and string storable. Only what JSON can carry: undefined members vanish. */
export function storableJson(value: unknown): Json {
  return storable(JSON.parse(JSON.stringify(value) ?? "null") as Json);
}

function storable(value: Json): Json {
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [storableText(key), storable(one)]));
}

/** A parameter for `$n::jsonb`: always text, since the driver would turn an array into a PostgreSQL array. */
export function jsonParam(value: unknown): string {
  return JSON.stringify(storableJson(value));
}
