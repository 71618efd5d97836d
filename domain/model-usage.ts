// What asking a language model costs: the four things that are counted, for a run and for a day.

export interface ModelUsage {
  calls: number;
  /** In and out together. */
  tokens: number;
  ms: number;
  /** Millionths of the currency in which the price is given: whole numbers add up without loss. */
  costMicros: number;
}

export const NO_USAGE: ModelUsage = { calls: 0, tokens: 0, ms: 0, costMicros: 0 };

/** Counts for everybody who shares the store. */
export interface DayUsage {
  /** Adds to the day that has begun at midnight UTC, and says what it stands at then. Negative: gives back. */
  add(usage: ModelUsage): Promise<ModelUsage>;
  today(): Promise<ModelUsage>;
}

export function sumOf(one: ModelUsage, other: ModelUsage): ModelUsage {
  return {
    calls: one.calls + other.calls,
    tokens: one.tokens + other.tokens,
    ms: one.ms + other.ms,
    costMicros: one.costMicros + other.costMicros,
  };
}

export function differenceOf(one: ModelUsage, other: ModelUsage): ModelUsage {
  return {
    calls: one.calls - other.calls,
    tokens: one.tokens - other.tokens,
    ms: one.ms - other.ms,
    costMicros: one.costMicros - other.costMicros,
  };
}
