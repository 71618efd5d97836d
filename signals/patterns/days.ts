// How a pattern goes from day to day, from its stored counts: on which days it came, whether it grows over days, whether
// it is gone, and whether this hour has more of it than the same hour of earlier days.
import { clumping, mean } from "./trend.ts";

/** "learning": known for less than three days. */
export type Course = "learning" | "rising" | "steady" | "falling" | "gone";

export interface DayCount {
  /** Start of the day, UTC; Unix ms. */
  at: number;
  lines: number;
}

export interface PatternDays {
  /** Every day from the first one known on, those without lines too, oldest first. */
  days: DayCount[];
  /** Days that had lines. */
  seenOn: number;
  course: Course;
  /** The last hour, and what the same hour of earlier days had; absent before the third day. */
  sameHour?: { lines: number; usual: number; days: number; unusual: "more" | "less" | undefined };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MOST_DAYS = 30;
/** Whole days (of 24 hours) before anything is said about days. */
const ENOUGH_DAYS = 3;
/** Standard errors. */
const SURE = 4;
const COMMON_SCATTER = 4;
const FACTOR = 1.5;
const DOUBLE = 2;

/** `counts`: of any buckets of at most an hour that had lines. `knownSince`: since when they are complete, Unix ms. */
export function patternDays(
  counts: readonly { at: number; lines: number }[],
  knownSince: number,
  now: number,
): PatternDays {
  const from = Math.max(knownSince, now - MOST_DAYS * DAY_MS);
  const days = byDay(counts, from, now);
  const whole = Math.floor((now - from) / DAY_MS);
  const spans = lastSpans(counts, now, DAY_MS, DAY_MS, whole);
  const hours = lastSpans(counts, now, HOUR_MS, DAY_MS, whole);
  return {
    days,
    seenOn: days.filter(({ lines }) => lines > 0).length,
    course: courseOf(spans),
    ...(whole >= ENOUGH_DAYS && { sameHour: compared(hours) }),
  };
}

function byDay(counts: readonly DayCount[], from: number, now: number): DayCount[] {
  const first = Math.floor(from / DAY_MS);
  const last = Math.floor(now / DAY_MS);
  const lines = Array.from({ length: last - first + 1 }, () => 0);
  for (const one of counts) {
    const day = Math.floor(one.at / DAY_MS) - first;
    if (day >= 0 && day < lines.length) lines[day] = (lines[day] ?? 0) + one.lines;
  }
  return lines.map((count, day) => ({ at: (first + day) * DAY_MS, lines: count }));
}

/** Lines in spans of one width that end now and at the same time of earlier days, the latest first. */
function lastSpans(
  counts: readonly DayCount[],
  now: number,
  width: number,
  every: number,
  wanted: number,
): number[] {
  const spans = Array.from({ length: wanted }, () => 0);
  for (const { at, lines } of counts) {
    const ago = now - at;
    const span = Math.floor(ago / every);
    if (ago >= 0 && ago - span * every < width && span < wanted) spans[span] = (spans[span] ?? 0) + lines;
  }
  return spans;
}

/** `spans` of 24 hours, the latest first. */
function courseOf(spans: readonly number[]): Course {
  const [last = 0, before = 0, third = 0, ...rest] = spans;
  if (spans.length < ENOUGH_DAYS) return "learning";
  // What came on each of the three days before and not in the last one is gone; what comes now and then is not.
  if (last === 0 && [before, third, rest[0] ?? 1].every((one) => one > 0)) return "gone";
  if (last === 0 && isGone(spans)) return "gone";
  const error = Math.sqrt(scatter(rest) * Math.max(last + third, 1));
  const step = (last - third) / error;
  if (step > SURE && last > before && before > third && last >= FACTOR * third) return "rising";
  if (-step > SURE && last < before && before < third && third >= FACTOR * last) return "falling";
  return "steady";
}

/** Of the days before those that are compared, in units of Poisson's; where they are too few, what is common. */
function scatter(earlier: readonly number[]): number {
  return Math.max(COMMON_SCATTER, earlier.length >= ENOUGH_DAYS ? clumping(earlier) : 0);
}

/** Silent for longer than ever between two days that had lines, of which there were some. */
function isGone(spans: readonly number[]): boolean {
  const silent = spans.findIndex((one) => one > 0);
  const came = spans.slice(silent);
  const longest = Math.max(0, ...gaps(came));
  return silent > 0 && came.filter((one) => one > 0).length >= ENOUGH_DAYS && silent > longest + 1;
}

/** How many spans without lines lie between those with. */
function gaps(spans: readonly number[]): number[] {
  const at = spans.flatMap((one, index) => (one > 0 ? [index] : []));
  return at.slice(1).map((index, before) => index - (at[before] ?? 0) - 1);
}

/** `hours`: the last one, then the same of earlier days. */
function compared([lines = 0, ...earlier]: readonly number[]): NonNullable<PatternDays["sameHour"]> {
  const usual = mean(earlier);
  const error = Math.sqrt(clumping(earlier) * Math.max(usual, 1) * (1 + 1 / earlier.length));
  const step = (lines - usual) / error;
  const more = step > SURE && lines >= DOUBLE * usual;
  const less = -step > SURE && usual >= DOUBLE * lines;
  return { lines, usual, days: earlier.length, unusual: more ? "more" : less ? "less" : undefined };
}
