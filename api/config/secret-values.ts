// Every secret that a configuration holds, by its value: so that it can be taken out of a text whatever stands around it.
import { SECRET_KEYS } from "./expand.ts";

/** Keys, passwords in addresses, values of processes' environments under names of secrets. Each once. */
export function secretValues(raw: unknown): string[] {
  return [...new Set(valuesIn(raw, ""))].filter((one) => one !== "");
}

/** In an environment most values are ordinary (a port, a path): only names tell. */
const SECRET_NAME = /pass|secret|token|key|credential|auth|dsn/i;

function valuesIn(value: unknown, key: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => valuesIn(one, key));
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, inner]) => valuesIn(inner, name));
  }
  if (typeof value !== "string") return [];
  const inside = passwordIn(value);
  if (inside.length > 0 || value.includes("://")) return inside;
  return SECRET_KEYS.has(key) || SECRET_NAME.test(key) ? [value] : [];
}

/** As it is written, and as it is meant: user:p%40ss@host holds the password p@ss. */
function passwordIn(text: string): string[] {
  const [, written] = /^[a-z0-9+.-]+:\/\/[^:@/\s]*:([^\s]*)@/i.exec(text) ?? [];
  if (written === undefined || written === "") return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}
