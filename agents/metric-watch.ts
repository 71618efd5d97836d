// Metric watch: each series' minutes, judged as they come: strange for this series or not, where it goes in the next
// quarter of an hour, whether it will reach its limit, and whether it still comes at all.
import type { MetricPoint, SeriesName } from "../knowledge/observations.ts";
import {
  type AnomalyDetectorState,
  type AnomalyScore,
  makeAnomalyDetector,
} from "../signals/anomaly/detector.ts";
import { backtest, trackFrom } from "../signals/forecast/backtest.ts";
import { type Metric, requestFor, trackedOutlook } from "../signals/forecast/outlook.ts";
import { type ForecastTrack, newTrack, standing, withValue } from "../signals/forecast/track.ts";
import { MINUTE_MS } from "../signals/minutes.ts";
import { isOf, type Prediction } from "./prediction.ts";
import { makeWatchPlaces } from "./watch-places.ts";

export interface SeenAnomaly extends SeriesName, AnomalyScore {
  /** Start of the minute, Unix ms. */
  at: number;
  value: number;
}

/** A series that came regularly and no longer comes, while other numbers do. */
export interface Absence extends SeriesName {
  /** Start of its last minute, Unix ms. */
  lastAt: number;
  silentMs: number;
  /** How many numbers of the same service are watched and still come, times of checks aside. */
  others: number;
}

export interface MetricWatch {
  /** One finished minute of a series, in the order of time. */
  minute(point: MetricPoint): void;
  /** Whether the service has symptoms now: its series are watched first. */
  noteSymptoms(service: string, has: boolean): void;
  /** Episodes that go on now, the strangest first. */
  anomalies(): SeenAnomaly[];
  predictions(service?: string): Prediction[];
  absences(service: string): Absence[];
  /** The series that have a place. */
  watched(): SeriesName[];
  /** All of a service that came lately, with a place or without. */
  seriesOf(service: string): SeriesName[];
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
  /** Of a service: it is not watched any more, and its series make room. */
  isGone?: (service: string) => boolean;
  /** Series watched at once; see series-choice.ts for which where there are more. */
  most?: number;
}

const AHEAD = 15;
/** Two hours: what a quarter of an hour ahead rests on. */
const KEPT_MINUTES = 120;
const ENOUGH_MINUTES = 30;
/** From then on its own past says whether its forecasts can be believed, before the first of them has come due. */
const PAST_MINUTES = 60;
/** Every so many minutes a series is forecast; they take turns by themselves, having begun at different times. */
const EVERY = 5;
/** The budget that bounds the series, and what one of them was measured to need (detector 60 kB, track, minutes). */
const MEMORY_BYTES = 32_000_000;
const SERIES_BYTES = 100_000;
/** Shorter silences happen: a look that took long, a restart. */
const SILENT_MS = 5 * MINUTE_MS;
const ALARM = 0.5;

interface Watched {
  name: SeriesName;
  detector: ReturnType<typeof makeAnomalyDetector>;
  track: ForecastTrack;
  minutes: [at: number, value: number][];
  anomaly?: SeenAnomaly;
  prediction?: Prediction;
  seen: number;
  /** By this process: what stopped while nobody watched may have been taken away. */
  heard: boolean;
}

export function makeMetricWatch(
  { limitOf, isGone, most = Math.floor(MEMORY_BYTES / SERIES_BYTES) }: MetricWatchParts = {},
  saved?: SavedMetricWatch,
): MetricWatch {
  const all = new Map<string, Watched>();
  const places = makeWatchPlaces({
    most,
    isGone: isGone ?? (() => false),
    onLost: (key) => all.delete(key),
  });
  let newest = 0;
  const claim = (key: string, name: SeriesName) => {
    return { key, service: name.service, limited: limitOf?.(name) !== undefined };
  };
  for (const [key, { detector, ...rest }] of saved?.series ?? []) {
    const name = nameIn(key);
    all.set(key, { name, ...rest, detector: makeAnomalyDetector({}, detector), heard: false });
    places.hold(claim(key, name), lastAt(rest));
  }

  function watchedOf(name: SeriesName, at: number): Watched | undefined {
    const key = JSON.stringify([name.service, name.name, name.measuredOn]);
    if (!places.note(claim(key, name), at)) return undefined;
    const known = all.get(key);
    if (known !== undefined) return known;
    const detector = makeAnomalyDetector({ stepSeconds: MINUTE_MS / 1_000 });
    const made: Watched = { name, detector, track: newTrack, minutes: [], seen: 0, heard: true };
    all.set(key, made);
    return made;
  }

  return {
    minute({ service, name, measuredOn, at, samples, total }) {
      newest = Math.max(newest, at);
      const watched = watchedOf({ service, name, measuredOn }, at);
      if (watched === undefined) return;
      const value = total / samples;
      watched.heard = true;
      watched.anomaly = { ...watched.name, at, value, ...watched.detector.push(at / 1_000, value) };
      watched.track = withValue(watched.track, at, value, MINUTE_MS);
      watched.minutes = [...watched.minutes, [at, value] as [number, number]].slice(-KEPT_MINUTES);
      watched.seen += 1;
      if (watched.seen % EVERY === 0) predict(watched, at, limitOf?.(watched.name));
    },
    noteSymptoms: places.noteSymptoms,
    anomalies: () =>
      [...all.values()]
        .flatMap(({ anomaly }) => (anomaly?.ongoing === true ? [anomaly] : []))
        .sort((a, b) => b.score - a.score),
    predictions: (service) =>
      [...all.values()].flatMap(({ prediction }) => prediction ?? []).filter(isOf(service)),
    absences(service) {
      const own = [...all.values()].filter((one) => one.name.service === service);
      const silent = own.filter((one) => isAbsent(one, newest));
      const numbers = own.filter((one) => one.name.name !== "latency");
      const others = numbers.filter((one) => newest - lastAt(one) < SILENT_MS).length;
      return silent.map((one) => {
        return { ...one.name, lastAt: lastAt(one), silentMs: newest - lastAt(one), others };
      });
    },
    watched: () => [...all.values()].map((one) => one.name),
    seriesOf: (service) => places.keysOf(service).map(nameIn),
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

function lastAt({ minutes }: Pick<Watched, "minutes">): number {
  return minutes.at(-1)?.[0] ?? 0;
}

/** By the clock of the others' minutes: where nothing at all comes, it is not the series that stopped. */
function isAbsent(one: Watched, newest: number): boolean {
  if (!one.heard || newest - lastAt(one) < SILENT_MS) return false;
  return one.detector.absentAt(newest / 1_000).score >= ALARM;
}

function predict(watched: Watched, at: number, limit: number | undefined): void {
  const values = evenly(watched.minutes, at);
  const last = watched.minutes.at(-1)?.[1];
  if (values.length < ENOUGH_MINUTES || last === undefined) return;
  const metric: Metric = { values, stepSeconds: 60, ...(limit !== undefined && { limit }) };
  const aheadSeconds = AHEAD * 60;
  if (values.length >= PAST_MINUTES && standing(watched.track).status === "learning") {
    const { judged } = trackFrom(backtest(requestFor(metric, aheadSeconds)));
    watched.track = { ...watched.track, judged };
  }
  const { outlook, track } = trackedOutlook(metric, aheadSeconds, watched.track, at);
  watched.track = track;
  watched.prediction = {
    ...watched.name,
    at,
    aheadSeconds,
    last,
    ...(limit !== undefined && { limit }),
    ...outlook,
  };
}

/** One value a minute; NaN where none was measured. */
function evenly(minutes: readonly (readonly [at: number, value: number])[], now: number): number[] {
  const first = Math.max(minutes[0]?.[0] ?? now, now - (KEPT_MINUTES - 1) * MINUTE_MS);
  const known = new Map(minutes);
  const length = Math.round((now - first) / MINUTE_MS) + 1;
  return Array.from({ length }, (_, index) => known.get(first + index * MINUTE_MS) ?? Number.NaN);
}
