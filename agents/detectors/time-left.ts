// How long until something, in words: "about 8 min (9 times in 10 between 5 min and 14 min)".
import type { TimeLeft } from "../../signals/forecast/outlook.ts";

export type KnownTimeLeft = Exclude<TimeLeft, "never">;

export function timeLeftText({ seconds, lo, hi }: KnownTimeLeft): string {
  const end = hi === "never" ? "later than can be seen" : span(hi);
  return `about ${span(seconds)} (9 times in 10 between ${span(lo)} and ${end})`;
}

/** In the largest unit of which there are two or more, with one digit where there are few. */
export function span(seconds: number): string {
  const [unit, size] = units.find(([, one]) => seconds >= 2 * one) ?? ["s", 1];
  const count = seconds / size;
  return `${count < 10 ? Math.round(count * 10) / 10 : Math.round(count)} ${unit}`;
}

const units: readonly [string, number][] = [
  ["days", 86_400],
  ["h", 3_600],
  ["min", 60],
];

/** What findings say of a forecast in their facts. */
export function forecastFacts({ seconds, lo, hi }: KnownTimeLeft) {
  return { seconds, loSeconds: lo, hiSeconds: hi === "never" ? null : hi };
}
