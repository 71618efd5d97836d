// The settings of PostgreSQL that a repair may change: each takes effect on a reload, endangers nothing within its
// bounds, and is taken back by another reload. What is not in here is never changed.
import { largestStep } from "../small-step.ts";

/** Values as pg_settings shows them: "on" and "off", numbers in the setting's own unit. */
type Bounds = { values: readonly string[] } | { least: number; most: number };

const bounds: Readonly<Record<string, Bounds>> = {
  fsync: { values: ["on"] },
  full_page_writes: { values: ["on"] },
  autovacuum: { values: ["on"] },
  track_counts: { values: ["on"] },
  zero_damaged_pages: { values: ["off"] },
  enable_indexscan: { values: ["on"] },
  log_lock_waits: { values: ["on", "off"] },
  /** ms; 0: no limit, as it comes. */
  statement_timeout: { values: ["0"] },
  idle_in_transaction_session_timeout: { least: 10_000, most: 86_400_000 },
  autovacuum_vacuum_scale_factor: { least: 0.01, most: 0.5 },
  autovacuum_analyze_scale_factor: { least: 0.01, most: 0.5 },
  autovacuum_vacuum_cost_limit: { least: 200, most: 10_000 },
  /** kB; of each sort of each session, hence the narrow bounds. */
  work_mem: { least: 1_024, most: 65_536 },
  /** MB */
  max_wal_size: { least: 256, most: 16_384 },
  /** s */
  checkpoint_timeout: { least: 60, most: 3_600 },
  random_page_cost: { least: 1, most: 4 },
};

export const safeSettings = Object.keys(bounds);

/** Why this is no safe step; undefined when it is one. From "off" (0 or below) any value within the bounds is. */
export function unsafeStep(setting: string, from: string, to: string): string | undefined {
  const bound = Object.hasOwn(bounds, setting) ? bounds[setting] : undefined;
  if (bound === undefined) return `${setting} is none of the settings that a repair may change`;
  if ("values" in bound)
    return bound.values.includes(to)
      ? undefined
      : `${setting} may be set to ${bound.values.join(" or ")} only`;
  const [old, now] = [Number(from), Number(to)];
  if (to.trim() === "" || !(now >= bound.least && now <= bound.most))
    return `${setting} may be from ${bound.least} to ${bound.most}`;
  const small = !(old > 0) || (now <= old * largestStep && now >= old / largestStep);
  return small ? undefined : `from ${from} to ${to} is more than a factor of ${largestStep}`;
}
