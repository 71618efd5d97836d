// Who needs whom: what the configuration declares and what traces show.

/** Numbers are of the last ten minutes, null where no call was seen in them. */
export interface DependencyAnswer {
  from: string;
  to: string;
  /** Under dependsOn in the configuration. */
  declared: boolean;
  /** Calls were seen so often that it counts like a declared one. */
  learned: boolean;
  calls_per_minute: number | null;
  /** 0 to 1. */
  error_share: number | null;
  p95_ms: number | null;
  /** Unix milliseconds. */
  last_call_at: number | null;
}

export interface Dependencies {
  /** Those with a service at one end; absent: all. The busiest first, then declared ones that no trace shows. */
  dependencies(query: { service?: string }): Promise<DependencyAnswer[]>;
}
