// What speaks for a service being the cause of an outage. Each extractor (metrics, calls, spans, patterns) hands out
// pieces of evidence in one currency, so that they can be added and compared.

export const causeKinds = [
  "cpu",
  "network",
  "memory",
  "disk",
  "code",
  "configuration",
  "dependency",
] as const;
export type CauseKind = (typeof causeKinds)[number];

export interface Evidence {
  service: string;
  /** What is wrong there, as far as this piece tells; absent: only that something is. */
  kind?: CauseKind;
  /** Log-odds (natural) for "the cause is here" against "elsewhere"; 0 says nothing, above 5 is beyond doubt. */
  strength: number;
  /**
   * own: happens in the service itself, its dependencies' share is taken out already (a pegged CPU, exclusive time).
   * effect: may as well come from a dependency (slow, failing, a probe that is not answered).
   */
  reach: "own" | "effect";
  /** When it began, Unix milliseconds, if known. */
  since?: number;
  /** One sentence for a person, with the numbers. */
  because: string;
}

/** A calls B, or needs it. */
export interface Dependency {
  from: string;
  to: string;
}

/** The complaint that opened the incident. */
export interface Symptom {
  service: string;
  /** Unix milliseconds. */
  at: number;
  /** Name of the metric that complained, as the source calls it. */
  metric?: string;
  statistic?: string;
}
