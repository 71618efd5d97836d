// A statement without its values: they are somebody's data, and differ each time.

export function shapeOf(statement: string): string {
  return statement
    .replaceAll(/'(?:[^'\\]|''|\\.)*'?/gs, "?")
    .replaceAll(/\b\d+(?:\.\d+)?\b/g, "?")
    .replaceAll(/\s+/g, " ")
    .trim();
}
