// The units people write (5s, 1g, 90%) and the numbers the program counts in (milliseconds, bytes, ratios).

const MILLISECONDS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const BYTES: Record<string, number> = { "": 1, k: 1_024, m: 1_024 ** 2, g: 1_024 ** 3, t: 1_024 ** 4 };

/** One or more numbers with a unit: 500ms, 5s, 1h30m, 30d. */
export const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/;
/** As Docker writes them, in powers of 1,024: 256m, 1g, 1.5GiB. */
export const SIZE = /^(\d+(?:\.\d+)?)([kmgt]?)(?:i?b)?$/i;
export const PERCENT = /^(\d+(?:\.\d+)?)\s*%$/;

/** Milliseconds of "1h30m"; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g);
  return Math.round(
    [...parts].reduce((sum, [, n, unit]) => sum + Number(n) * (MILLISECONDS[unit ?? ""] ?? 0), 0),
  );
}

/** "5m" of 300,000: in the largest unit that fits without a rest. */
export function durationText(duration: number): string {
  const units = Object.entries(MILLISECONDS).toReversed();
  const [unit, size] = units.find(([, size]) => duration > 0 && duration % size === 0) ?? ["ms", 1];
  return `${Math.round(duration / size)}${unit}`;
}

/** Bytes of "256m"; undefined when it is not a size. */
export function parseSize(text: string): number | undefined {
  const [, n, unit] = SIZE.exec(text) ?? [];
  if (n === undefined || unit === undefined) return undefined;
  return Math.round(Number(n) * (BYTES[unit.toLowerCase()] ?? 1));
}

/** The ratio 0.9 of "90%"; undefined when it is not a percentage. */
export function parsePercent(text: string): number | undefined {
  const [, n] = PERCENT.exec(text) ?? [];
  return n === undefined ? undefined : Number(n) / 100;
}

/** For values that the schema has already checked. */
export function ms(text: string): number {
  return orThrow(parseDuration(text), text, "duration");
}

/** For values that the schema has already checked. */
export function bytes(text: string): number {
  return orThrow(parseSize(text), text, "size");
}

/** For values that the schema has already checked. */
export function ratio(text: string): number {
  return orThrow(parsePercent(text), text, "percentage");
}

function orThrow(value: number | undefined, text: string, what: string): number {
  if (value === undefined) throw new TypeError(`${JSON.stringify(text)} is not a ${what}`);
  return value;
}
