// Writes a string in the quotes of the one it replaces, for languages whose escapes are those of JSON.

/** `old`: the text being replaced; what is not in quotes is replaced by double ones. */
export function stringText(to: string, old: string): string {
  const quote = /^['`]/.exec(old)?.[0] ?? '"';
  const body = JSON.stringify(to).slice(1, -1);
  const escaped = body.replaceAll(/\\.|[^\\]/gsu, (one) => inQuotes(one, quote));
  // Only a template reads ${ as the start of an expression.
  return quote + (quote === "`" ? escaped.replaceAll("${", "\\${") : escaped) + quote;
}

function inQuotes(one: string, quote: string): string {
  if (quote === '"') return one;
  if (one === '\\"') return '"';
  return one === quote ? `\\${quote}` : one;
}
