// What a metric measures, read off the words of its name as monitoring systems write them (CamelCase, snake_case,
// units in brackets). Names of services or of data sets play no part.

export type MetricMeaning =
  | "latency"
  | "success"
  | "failures"
  | "requests"
  | "cpu"
  | "memory"
  | "disk"
  | "network";

// First match wins: "client latency" is a latency, "network bytes" is load and says nothing about a fault.
const meanings: readonly (readonly [MetricMeaning, RegExp])[] = [
  ["latency", /\b(?:latency|duration|response time|elapsed|rtt)\b/],
  ["success", /\b(?:availability|success|uptime)\b/],
  [
    "network",
    /\b(?:network|packets?|tcp|conn\w*)\b.*\b(?:errors?|drop\w*|loss|lost|retrans\w*)\b|\bretrans\w*\b/,
  ],
  ["failures", /\b(?:errors?|fail\w*|faults?|5xx|exceptions?)\b/],
  ["cpu", /\b(?:cpu|throttl\w*|load)\b/],
  ["memory", /\b(?:memory|heap|rss|mem|swap)\b/],
  ["disk", /\b(?:disk|filesystem|fs|inodes?|iops|volume)\b/],
  ["requests", /\b(?:requests?|workload|calls|throughput|qps|rps|hits|invocations)\b/],
];

/** undefined for a metric that tells nothing about faults by itself. */
export function meaningOf(name: string): MetricMeaning | undefined {
  const words = wordsOf(name);
  return meanings.find(([, pattern]) => pattern.test(words))?.[0];
}

/** How much a statistic is worth as "the typical value": sums of time need a mean; a percentile is the next best. */
export function typicality(name: string): number {
  const words = wordsOf(name);
  if (/\b(?:average|avg|mean)\b/.test(words)) return 3;
  if (/\b(?:p50|median)\b/.test(words)) return 2;
  return /\b(?:p\d\d|max|min)\b/.test(words) ? 0 : 1;
}

function wordsOf(name: string): string {
  return name
    .slice(0, 300)
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replace(/[^A-Za-z0-9]+/g, " ")
    .trim()
    .toLowerCase();
}
