// The configuration as it may be shown: secrets replaced, so that neither a terminal nor an API answer holds them.
import type { Json } from "../../domain/json.ts";
import { SECRET_KEYS } from "./expand.ts";
import { MONGO_URL } from "./fields.ts";

export const MASK = "«secret»";

/** Masks values of secret keys; of an address only the password and the query, since host and name help. */
export function maskSecrets(value: unknown, key = ""): Json {
  if (Array.isArray(value)) return value.map((one) => maskSecrets(one, key));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, maskSecrets(inner, inside(key, name))]),
    );
  }
  if (typeof value === "string" && value !== "")
    return SECRET_KEYS.has(key) ? maskText(value) : maskAddress(value);
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** Values of a process's environment, and of headers, are secrets whatever their names are. */
function inside(key: string, name: string): string {
  return key === "env" || key === "headers" ? "secret" : name;
}

function maskText(text: string): string {
  if (MONGO_URL.test(text)) return maskAddress(text);
  return isAddress(text) ? maskWebhook(maskAddress(text)) : MASK;
}

/** Paths of chat webhooks are the secret itself. */
function maskWebhook(address: string): string {
  const { protocol, host, pathname } = new URL(address);
  return /^https?:$/.test(protocol) && pathname !== "/" ? `${protocol}//${host}/${MASK}` : address;
}

const isAddress = (text: string): boolean => text.includes("://") && URL.canParse(text);

function maskAddress(text: string): string {
  if (!isAddress(text) && !MONGO_URL.test(text)) return text;
  return text
    .replace(/^([a-z0-9+.-]+:\/\/[^:@/\s]*):[^/\s]*@/i, `$1:${MASK}@`)
    .replace(/\?.*$/, (query) => (query ? `?${MASK}` : ""));
}
