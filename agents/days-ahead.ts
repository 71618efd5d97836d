// Days ahead: where disks and memory go in the next week, from their history in the store. Looked at now and then, and
// judged by the forecasts that would have been made in the series' own past; what was no good there is silenced.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../domain/clock.ts";
import type { MetricHistory, MetricSeries, SeriesName } from "../knowledge/observations.ts";
import { backtest, trackFrom } from "../signals/forecast/backtest.ts";
import type { ForecastRequest } from "../signals/forecast/forecast.ts";
import { type Metric, outlook, requestFor } from "../signals/forecast/outlook.ts";
import type { ForecastTrack, Judged } from "../signals/forecast/track.ts";
import { isOf, type Prediction } from "./prediction.ts";

export interface DaysAheadParts {
  clock: Pick<Clock, "now">;
  history: Pick<MetricHistory, "read">;
  /** Of which it looks at those that change slowly and have a limit. */
  series: () => readonly SeriesName[];
  limitOf: (series: SeriesName) => number | undefined;
}

export interface DaysAhead {
  /** Looks at all of them; rejects where the history cannot be read, and what was foretold before stays. */
  look(signal?: AbortSignal): Promise<void>;
  predictions(service?: string): Prediction[];
}

const HOUR_MS = 3_600_000;
const QUARTER_MS = HOUR_MS / 4;
const DAY_MS = 24 * HOUR_MS;
const FURTHEST_MS = 7 * DAY_MS;
/** Twice as long as one looks ahead, and as much again to judge it by. */
const HISTORY_MS = 28 * DAY_MS;
/** Younger series are looked at by the quarter of an hour. */
const YOUNG_MS = 2 * DAY_MS;
const FEWEST_VALUES = 12;
/** What sends nothing has no future to tell of. */
const SILENT_MS = 2 * HOUR_MS;
/** Forecasts of the past that judge, as many as a verdict needs and some more. */
const ORIGINS = 20;
const slow: ReadonlySet<string> = new Set(["disk", "memory", "connections"]);

export function makeDaysAhead({ clock, history, series, limitOf }: DaysAheadParts): DaysAhead {
  let known: Prediction[] = [];

  async function read(names: readonly SeriesName[], now: number, span: number, stepMs: number) {
    const service = names[0]?.service;
    const wanted = [...new Set(names.map((one) => one.name))];
    const found = await history.read({ from: now - span, to: now + 1, stepMs, service, names: wanted });
    return found.filter((one) =>
      names.some((name) => name.name === one.name && name.measuredOn === one.measuredOn),
    );
  }

  /** Of one service. */
  async function lookAt(names: readonly SeriesName[], now: number): Promise<Prediction[]> {
    const found: Prediction[] = [];
    const old = await read(names, now, HISTORY_MS, HOUR_MS);
    const young = old.filter((one) => spanOf(one) < YOUNG_MS);
    const fine = young.length === 0 ? [] : await read(young, now, YOUNG_MS, QUARTER_MS);
    for (const one of [...old.filter((each) => !young.includes(each)), ...fine]) {
      const prediction = await foretell(one, fine.includes(one) ? QUARTER_MS : HOUR_MS, now);
      if (prediction !== undefined) found.push(prediction);
    }
    return found;
  }

  async function foretell(one: MetricSeries, stepMs: number, now: number): Promise<Prediction | undefined> {
    const { points, ...name } = one;
    const limit = limitOf(name);
    const last = points.at(-1);
    const values = evenly(points, stepMs);
    if (limit === undefined || last === undefined) return undefined;
    if (now - last.at > SILENT_MS || values.length < FEWEST_VALUES) return undefined;
    const metric: Metric = { values, stepSeconds: stepMs / 1_000, limit };
    const aheadSeconds = Math.min(FURTHEST_MS, Math.floor(values.length / 2) * stepMs) / 1_000;
    const track = await pastOf(requestFor(metric, aheadSeconds));
    return {
      ...name,
      at: now,
      aheadSeconds,
      last: last.mean,
      limit,
      ...outlook(metric, aheadSeconds, track),
    };
  }

  return {
    async look(signal) {
      const now = clock.now();
      const found: Prediction[] = [];
      const wanted = series().filter((one) => slow.has(one.name) && limitOf(one) !== undefined);
      for (const [, names] of Map.groupBy(wanted, (one) => one.service)) {
        if (signal?.aborted) return;
        found.push(...(await lookAt(names, now)));
      }
      known = found;
    },
    predictions: (service) => known.filter(isOf(service)),
  };
}

function spanOf({ points }: MetricSeries): number {
  return (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
}

/** The back-test, one forecast at a time: probes and the API come in between. */
async function pastOf(request: ForecastRequest): Promise<ForecastTrack> {
  const judged: Judged[] = [];
  for (let back = ORIGINS - 1; back >= 0; back--) {
    const known = Array.from(request.values).slice(0, request.values.length - back);
    judged.push(...backtest({ ...request, values: known }, 1).judged);
    await nextTurn();
  }
  return trackFrom({ judged });
}

/** One value a step; NaN where none was measured. */
function evenly(points: MetricSeries["points"], stepMs: number): number[] {
  const first = points[0]?.at ?? 0;
  const known = new Map(points.map((one) => [one.at, one.mean]));
  const length = Math.round(((points.at(-1)?.at ?? first) - first) / stepMs) + 1;
  return Array.from({ length }, (_, index) => known.get(first + index * stepMs) ?? Number.NaN);
}
