// Who calls whom, how often, how well and how fast: counted by the minute for half an hour, in a table of so many rows.

export interface CountedCall {
  from: string;
  to: string;
  /** Unix milliseconds. */
  start: number;
  /** Milliseconds, as the caller waited. */
  duration: number;
  failed: boolean;
}

export interface CallEdge {
  from: string;
  to: string;
  /** In the last half hour. */
  calls: number;
  /** Of the last ten minutes; no share and no time where there was no call in them. */
  callsPerMinute: number;
  errorShare?: number;
  /** Milliseconds, to a tenth of itself. */
  p95?: number;
  /** Begin of the last call, Unix milliseconds. */
  lastAt: number;
}

export interface CallEdges {
  add(call: CountedCall): void;
  /** Most calls first. */
  read(now: number): CallEdge[];
  /** Who called whom so many times or more; cheap enough to be asked at every step. */
  often(least: number): Pick<CallEdge, "from" | "to">[];
  forgetBefore(at: number): void;
  /** Calls of edges for which there was no row. */
  leftOut(): number;
}

interface Minute {
  calls: number;
  errors: number;
  /** How many took how long, by steps of a fifth. */
  times: Uint32Array;
}

interface Row {
  from: string;
  to: string;
  minutes: Map<number, Minute>;
  lastAt: number;
}

const MINUTE = 60_000;
const RECENT = 10 * MINUTE;
const STEP = 1.2;
const STEPS = 80;
/** The first step ends here, the last at about a day. */
const LEAST_MS = 0.05;

/** `isFavoured`: edges for which half of the rows is kept free. */
export function makeCallEdges(
  isFavoured: (from: string, to: string) => boolean,
  { mostEdges = 1_000 } = {},
): CallEdges {
  const rows = new Map<string, Row>();
  let leftOut = 0;

  function rowOf({ from, to }: CountedCall): Row | undefined {
    const key = JSON.stringify([from, to]);
    const known = rows.get(key);
    if (known) return known;
    if (rows.size >= mostEdges || (rows.size >= mostEdges / 2 && !isFavoured(from, to))) return undefined;
    const made = { from, to, minutes: new Map<number, Minute>(), lastAt: 0 };
    rows.set(key, made);
    return made;
  }

  return {
    add(call) {
      const row = rowOf(call);
      if (row === undefined) {
        leftOut += 1;
        return;
      }
      const at = Math.floor(call.start / MINUTE) * MINUTE;
      const minute = row.minutes.get(at) ?? { calls: 0, errors: 0, times: new Uint32Array(STEPS) };
      row.minutes.set(at, minute);
      row.lastAt = Math.max(row.lastAt, call.start);
      minute.calls += 1;
      if (call.failed) minute.errors += 1;
      const step = stepOf(call.duration);
      minute.times[step] = (minute.times[step] ?? 0) + 1;
    },
    read: (now) =>
      [...rows.values()]
        .filter((one) => one.minutes.size > 0)
        .map((one) => edgeOf(one, now))
        .toSorted((a, b) => b.calls - a.calls || (a.from + a.to < b.from + b.to ? -1 : 1)),
    often: (least) =>
      [...rows.values()].filter((one) => callsOf(one) >= least).map(({ from, to }) => ({ from, to })),
    forgetBefore(at) {
      for (const [key, { minutes }] of rows) {
        for (const minute of minutes.keys()) if (minute < at) minutes.delete(minute);
        if (minutes.size === 0) rows.delete(key);
      }
    },
    leftOut: () => leftOut,
  };
}

function callsOf({ minutes }: Row): number {
  let calls = 0;
  for (const one of minutes.values()) calls += one.calls;
  return calls;
}

function edgeOf(row: Row, now: number): CallEdge {
  const { from, to, minutes, lastAt } = row;
  const recent = [...minutes].filter(([at]) => at > now - RECENT).map(([, one]) => one);
  const calls = recent.reduce((sum, one) => sum + one.calls, 0);
  const errors = recent.reduce((sum, one) => sum + one.errors, 0);
  return {
    from,
    to,
    calls: callsOf(row),
    callsPerMinute: calls / (RECENT / MINUTE),
    ...(calls > 0 && { errorShare: errors / calls, p95: timeAt(recent, 0.95 * calls) }),
    lastAt,
  };
}

function stepOf(duration: number): number {
  const step = Math.ceil(Math.log(Math.max(duration, LEAST_MS) / LEAST_MS) / Math.log(STEP));
  return Math.min(STEPS - 1, Math.max(0, step));
}

/** The time that so many of the calls did not exceed: the middle of the step in which it lies. */
function timeAt(minutes: readonly Minute[], rank: number): number {
  let passed = 0;
  for (let step = 0; step < STEPS; step += 1) {
    for (const { times } of minutes) passed += times[step] ?? 0;
    if (passed >= rank) return LEAST_MS * STEP ** (step - 0.5);
  }
  return LEAST_MS * STEP ** STEPS;
}
