// Forecasts for the chat: those of whoever watches; and of what nobody foretold, made now from the kept numbers.
import type { Clock } from "../../domain/clock.ts";
import type { MetricHistory } from "../../knowledge/observations.ts";
import { makeDaysAhead } from "../days-ahead.ts";
import type { Prediction } from "../prediction.ts";

const HOUR_MS = 3_600_000;

export interface SeriesAheadParts {
  clock: Pick<Clock, "now">;
  history: Pick<MetricHistory, "read">;
  limitOf: Parameters<typeof makeDaysAhead>[0]["limitOf"];
  /** What is foretold anyway; empty where nobody watches. */
  known: (service?: string) => readonly Prediction[];
}

export function makeSeriesAhead({ clock, history, limitOf, known }: SeriesAheadParts) {
  return async function predictions(service?: string): Promise<readonly Prediction[]> {
    const foretold = known(service);
    if (foretold.some((one) => one.untilLimit !== undefined)) return foretold;
    const now = clock.now();
    const series = await history.read({ from: now - 2 * HOUR_MS, to: now + 1, stepMs: HOUR_MS, service });
    const ahead = makeDaysAhead({ clock, history, limitOf, series: () => series });
    await ahead.look();
    return [...foretold, ...ahead.predictions(service)];
  };
}
