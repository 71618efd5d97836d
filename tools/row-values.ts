// Values of a row as the drivers give them: numbers may come as text, and what is null was not known.
export type Row = Readonly<Record<string, unknown>>;

export function numberIn(row: Row | undefined, name: string): number | undefined {
  const value = row?.[name];
  if (value === null || value === undefined) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

export function textIn(row: Row | undefined, name: string): string | undefined {
  const value = row?.[name];
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "bigint" ? String(value) : undefined;
}

/** Only what is known. */
export function known<K extends string, V>(
  entries: Readonly<Record<K, V | undefined>>,
): Partial<Record<K, V>> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined)) as Partial<
    Record<K, V>
  >;
}
