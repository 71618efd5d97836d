// Text from outside (log lines, names of containers, answers of databases) may hold escape sequences that make a
// terminal lie. Nothing is shown before it went through here.

/** C0 and C1 control characters but newline and tab, and the marks that turn the direction of writing. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function harmlessText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(CONTROL, "�");
}

/** A copy in which every text is harmless, keys too. */
export function harmless<T>(value: T): T {
  return copy(value) as T;
}

function copy(value: unknown): unknown {
  if (typeof value === "string") return harmlessText(value);
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [harmlessText(key), copy(inner)]));
}
