// Metric watch: each series' minutes, judged as they come: strange for this series or not, where it goes in the next
// quarter of an hour, and whether it will reach its limit. A forecast that is worse than the plainest one is silenced.
import type { MetricPoint, SeriesName } from "../knowledge/observations.ts";
import {
  type AnomalyDetectorState,
  type AnomalyScore,
  makeAnomalyDetector,
} from "../signals/anomaly/detector.ts";
import { type Forecast, forecast } from "../signals/forecast/forecast.ts";
import { type TimeToLimit, timeToLimit } from "../signals/forecast/time-to-limit.ts";
import {
  type ForecastTrack,
  type Foretold,
  newTrack,
  type Standing,
  standing,
  withForecast,
  withValue,
} from "../signals/forecast/track.ts";
import { MINUTE_MS } from "../signals/minutes.ts";

export interface SeenAnomaly extends SeriesName, AnomalyScore {
  /** Start of the minute, Unix ms. */
  at: number;
  value: number;
}

export interface Prediction extends SeriesName {
  /** The minute it was made in, Unix ms; its values are those of the next minutes. */
  at: number;
  last: number;
  /** 15 minutes. */
  ahead: Forecast;
  standing: Standing;
  /** Where the series has a limit. */
  limit?: number;
  reaches?: TimeToLimit;
}

export interface MetricWatch {
  /** One finished minute of a series, in the order of time. */
  minute(point: MetricPoint): void;
  /** Episodes that go on now, the strangest first. */
  anomalies(): SeenAnomaly[];
  predictions(service?: string): Prediction[];
  /** Some 60 kB a series, so in parts where there are many: `count` of them from the `from`th on. */
  save(from?: number, count?: number): SavedMetricWatch;
}

export interface SavedMetricWatch {
  series: [
    string,
    {
      detector: AnomalyDetectorState;
      track: ForecastTrack;
      minutes: [at: number, value: number][];
      seen: number;
    },
  ][];
}

export interface MetricWatchParts {
  /** What the values of a series may not exceed; undefined where nothing limits it. */
  limitOf?: (series: SeriesName) => number | undefined;
  /** Series watched at once, some ten kB each; further ones are not, until one has been silent for a day. */
  most?: number;
}

const AHEAD = 15;
/** Two hours: what a quarter of an hour ahead rests on. */
const KEPT_MINUTES = 120;
const ENOUGH_MINUTES = 30;
const SILENT_MS = 24 * 3_600_000;
/** Every so many minutes a series is forecast; they take turns by themselves, having begun at different times. */
const EVERY = 5;

interface Watched {
  name: SeriesName;
  detector: ReturnType<typeof makeAnomalyDetector>;
  track: ForecastTrack;
  minutes: [at: number, value: number][];
  anomaly?: SeenAnomaly;
  prediction?: Prediction;
  seen: number;
}

export function makeMetricWatch(
  { limitOf, most = 200 }: MetricWatchParts = {},
  saved?: SavedMetricWatch,
): MetricWatch {
  const all = new Map<string, Watched>();
  for (const [key, { detector, ...rest }] of saved?.series ?? []) {
    all.set(key, { name: nameIn(key), ...rest, detector: makeAnomalyDetector({}, detector) });
  }

  /** undefined where enough are watched already: to forget one for the other would leave all of them half learned. */
  function watchedOf(name: SeriesName, at: number): Watched | undefined {
    const key = JSON.stringify([name.service, name.name, name.measuredOn]);
    const known = all.get(key);
    if (known !== undefined) return known;
    if (all.size >= most) forgetSilent(at);
    if (all.size >= most) return undefined;
    const detector = makeAnomalyDetector({ stepSeconds: MINUTE_MS / 1_000 });
    const made: Watched = { name, detector, track: newTrack, minutes: [], seen: 0 };
    all.set(key, made);
    return made;
  }

  function forgetSilent(now: number): void {
    for (const [key, { minutes }] of all) {
      if (now - (minutes.at(-1)?.[0] ?? 0) > SILENT_MS) all.delete(key);
    }
  }

  return {
    minute({ service, name, measuredOn, at, samples, total }) {
      const watched = watchedOf({ service, name, measuredOn }, at);
      if (watched === undefined) return;
      const value = total / samples;
      watched.anomaly = { ...watched.name, at, value, ...watched.detector.push(at / 1_000, value) };
      watched.track = withValue(watched.track, at, value, MINUTE_MS);
      watched.minutes = [...watched.minutes, [at, value] as [number, number]].slice(-KEPT_MINUTES);
      watched.seen += 1;
      if (watched.seen % EVERY === 0) predict(watched, at, limitOf?.(watched.name));
    },
    anomalies: () =>
      [...all.values()]
        .flatMap(({ anomaly }) => (anomaly?.ongoing === true ? [anomaly] : []))
        .sort((a, b) => b.score - a.score),
    predictions: (service) =>
      [...all.values()].flatMap(({ name, prediction }) =>
        prediction !== undefined && (service === undefined || name.service === service) ? [prediction] : [],
      ),
    save: (from = 0, count = all.size) => ({
      series: [...all]
        .slice(from, from + count)
        .map(([key, { detector, track, minutes, seen }]) => [
          key,
          { detector: detector.save(), track, minutes, seen },
        ]),
    }),
  };
}

function nameIn(key: string): SeriesName {
  const [service = "", name = "", measuredOn = ""] = JSON.parse(key) as string[];
  return { service, name, measuredOn };
}

function predict(watched: Watched, at: number, limit: number | undefined): void {
  const values = evenly(watched.minutes, at);
  const ahead =
    values.length < ENOUGH_MINUTES ? undefined : forecast({ values, horizon: AHEAD, stepSeconds: 60 });
  const last = watched.minutes.at(-1)?.[1];
  if (ahead === undefined || last === undefined) return;
  const end = AHEAD - 1;
  const foretold: Foretold = {
    due: at + AHEAD * MINUTE_MS,
    mean: ahead.mean[end] ?? last,
    lo: ahead.lo[end] ?? last,
    hi: ahead.hi[end] ?? last,
    naive: [last],
  };
  watched.track = withForecast(watched.track, foretold);
  watched.prediction = {
    ...watched.name,
    at,
    last,
    ahead,
    standing: standing(watched.track),
    ...(limit !== undefined && { limit, reaches: timeToLimit(values, limit) }),
  };
}

/** One value a minute; NaN where none was measured. */
function evenly(minutes: readonly (readonly [at: number, value: number])[], now: number): number[] {
  const first = Math.max(minutes[0]?.[0] ?? now, now - (KEPT_MINUTES - 1) * MINUTE_MS);
  const known = new Map(minutes);
  const length = Math.round((now - first) / MINUTE_MS) + 1;
  return Array.from({ length }, (_, index) => known.get(first + index * MINUTE_MS) ?? Number.NaN);
}
