// What is foretold of one series: a quarter of an hour ahead by the metric watch, days ahead from its history.
import type { SeriesName } from "../knowledge/observations.ts";
import type { Outlook } from "../signals/forecast/outlook.ts";

/** `ahead` is left out while its forecasts are silenced, and `untilLimit` too unless a ramp has just begun. */
export interface Prediction extends SeriesName, Outlook {
  /** When it was made, Unix ms; its values are those of the next steps. */
  at: number;
  /** How far it looks: 900, or days. */
  aheadSeconds: number;
  last: number;
  /** Where the series has one. */
  limit?: number;
}

export function isOf(service: string | undefined): (one: Pick<Prediction, "service">) => boolean {
  return (one) => service === undefined || one.service === service;
}
