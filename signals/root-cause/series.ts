// Metric series as the extractors take them.

export interface Point {
  /** Unix milliseconds, the begin of the interval. */
  at: number;
  value: number;
}

export interface Series {
  service: string;
  /** Metric and statistic as the source calls them: "latency|Average", "CpuUsage(m)". */
  name: string;
  /** Oldest first; gaps are left out. */
  points: readonly Point[];
}

export function valuesOf(series: Series | undefined): number[] {
  return series === undefined ? [] : series.points.map((one) => one.value).filter(Number.isFinite);
}

export function keyOf({ service, name }: Pick<Series, "service" | "name">): string {
  return `${service}\u0000${name}`;
}

export function byKey(all: readonly Series[]): Map<string, Series> {
  return new Map(all.map((one) => [keyOf(one), one]));
}
