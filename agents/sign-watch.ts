// Sign watch: follows the early signs of the standing watches, as minutes and lines come.
import type { Clock } from "../domain/clock.ts";
import { LONGEST_SIGN_MS } from "../domain/early-sign.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { MetricPoint } from "../knowledge/observations.ts";
import type { Watches, WatchRecord } from "../knowledge/records.ts";
import { MINUTE_MS } from "../signals/minutes.ts";
import { type Buckets, makeBuckets } from "../signals/patterns/buckets.ts";

/** A sign that shows now. */
export interface SignMatch {
  watch: WatchRecord;
  since: number;
  /** What was measured, or how many lines. */
  value: number;
}

export interface SignWatch {
  /** One finished minute of a series. */
  minute(point: MetricPoint): void;
  line(line: LogSignal, pattern: string): void;
  /** Signs of symptoms of this service; what came before `since` led to something that is over. */
  matches(service: string, since?: number): SignMatch[];
  /** Takes over the watches that stand now. */
  reload(): Promise<void>;
  /** Writes down which signs show. */
  flush(): Promise<void>;
}

interface Followed {
  watch: WatchRecord;
  /** Minutes beyond the value, without a break. */
  run: number;
  since: number;
  lastAt: number;
  value: number;
  lines: Buckets;
}

const FINE_MS = 10_000;
/** A number that no longer comes says nothing. */
const SILENT_MS = 3 * MINUTE_MS;

export function makeSignWatch(parts: {
  clock: Pick<Clock, "now">;
  store: Pick<Watches, "list" | "warned">;
}): SignWatch {
  const { clock, store } = parts;
  let followed: Followed[] = [];

  function showing(one: Followed, since: number): SignMatch[] {
    const { watch, run, lastAt, value, lines } = one;
    const now = clock.now();
    if (watch.sign?.kind === "metric") {
      const shows = run >= watch.sign.forMinutes && now - lastAt <= SILENT_MS && one.since >= since;
      return shows ? [{ watch, since: one.since, value }] : [];
    }
    if (watch.sign?.kind !== "log-pattern") return [];
    const from = Math.max(since, now - watch.sign.withinMs);
    const counts = lines.last(Math.floor(now / FINE_MS) - Math.floor(from / FINE_MS) + 1, now);
    const count = counts.reduce((sum, each) => sum + each, 0);
    if (count < watch.sign.lines) return [];
    const first = counts.findIndex((each) => each > 0);
    const begin = (Math.floor(now / FINE_MS) - counts.length + 1 + first) * FINE_MS;
    return [{ watch, since: Math.max(from, begin), value: count }];
  }

  return {
    minute({ service, name, measuredOn, at, samples, total }) {
      for (const one of followed) {
        const { sign } = one.watch;
        if (sign?.kind !== "metric" || sign.service !== service) continue;
        if (sign.name !== name || sign.measuredOn !== measuredOn) continue;
        one.value = total / samples;
        const beyond = sign.direction === "above" ? one.value > sign.threshold : one.value < sign.threshold;
        if (one.run === 0 || at - one.lastAt > SILENT_MS) Object.assign(one, { run: 0, since: at });
        one.run = beyond ? one.run + 1 : 0;
        one.lastAt = at + MINUTE_MS;
      }
    },
    line({ service, at }, pattern) {
      for (const { watch, lines } of followed) {
        const { sign } = watch;
        if (sign?.kind !== "log-pattern" || sign.service !== service || sign.pattern !== pattern) continue;
        // A line from the future would hide all that come before then.
        lines.add(Math.min(at, clock.now()));
      }
    },
    matches: (service, since = 0) =>
      followed.flatMap((one) => (one.watch.service === service ? showing(one, since) : [])),
    async reload() {
      const known = new Map(followed.map((one) => [JSON.stringify(one.watch), one]));
      const watches = (await store.list()).filter((one) => one.sign !== null);
      // A watch that stays as it is keeps what it has counted.
      followed = watches.map((watch) => known.get(JSON.stringify(watch)) ?? begun(watch));
    },
    async flush() {
      const at = clock.now();
      for (const { watch, since, value } of followed.flatMap((one) => showing(one, 0))) {
        await store.warned(watch.id, {
          since,
          at,
          summary: `${watch.told} Now: ${Math.round(value * 1_000) / 1_000}.`,
        });
      }
    },
  };
}

function begun(watch: WatchRecord): Followed {
  const lines = makeBuckets(FINE_MS, LONGEST_SIGN_MS / FINE_MS + 1);
  return { watch, run: 0, since: 0, lastAt: 0, value: 0, lines };
}
