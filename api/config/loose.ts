// Reading what was written before it is known to be right: whatever is not there, or is something else, is nothing.
import type { Path } from "./yaml-source.ts";

export function at(value: unknown, path: Path): unknown {
  let here = value;
  for (const step of path)
    here = typeof here === "object" && here !== null ? Reflect.get(here, step) : undefined;
  return here;
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
