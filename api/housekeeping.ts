// Housekeeping: what is old and finished goes. Ended runs (with trace, journal, approvals, checkpoints), closed incidents
// and conversations after retention.incidents, backups after healing.backups.keep, numbers after retention.metrics (by the minute for a
// day, by the quarter of an hour after that), copies of clean-ups once these have proved themselves, log lines and patterns after retention.logs or by their number. What is
// open stays, and so do cases and audit log.
import type { Clock } from "../domain/clock.ts";
import { pruneCheckpoints } from "../graph/prune-checkpoints.ts";
import type { Db } from "../knowledge/db.ts";
import type { Observations } from "../knowledge/observations.ts";
import type { Store } from "../knowledge/records.ts";
import type { Retention } from "../knowledge/retention.ts";
import type { Backups } from "../tools/backup.ts";
import type { Config } from "./config.ts";
import { type ProvedCopiesParts, removeProvedCopies } from "./proved-copies.ts";
import type { PolicyHolder } from "./policy-holder.ts";

export interface HousekeepingParts {
  config: Pick<Config, "retention">;
  policy: Pick<PolicyHolder, "get">;
  backups: Pick<Backups, "prune" | "list" | "read">;
  setAside: ProvedCopiesParts["setAside"];
  /** Containers that a repair has replaced before a time. */
  removeReplaced?: (olderThan: number) => Promise<unknown>;
  opened: {
    retention: Retention;
    observations: Observations;
    db: Db;
    store: { conversations: Pick<Store["conversations"], "prune">; runs: Pick<Store["runs"], "get"> };
  };
  clock: Pick<Clock, "now">;
}

/** One round. A part that fails does not hold up the other; it is told when both are done. */
export function makeHousekeeping(parts: HousekeepingParts) {
  const { config, policy, backups, setAside, removeReplaced, opened, clock } = parts;
  return async function housekeeping(): Promise<void> {
    const now = clock.now();
    const { breaker, backupsKeepMs: keepMs } = policy.get();
    const done = await Promise.allSettled([
      backups.prune(now - keepMs),
      pruneRuns(opened, now - config.retention.incidentsMs),
      opened.store.conversations.prune(now - config.retention.incidentsMs),
      removeProvedCopies({ setAside, backups, runs: opened.store.runs }, now, {
        provedAfterMs: breaker.symptomReturnsMs,
        keepMs,
      }),
      removeReplaced?.(now - keepMs),
      tidyObservations(opened.observations, config.retention, now),
    ]);
    for (const one of done) if (one.status === "rejected") throw one.reason;
  };
}

async function pruneRuns({ retention, db }: HousekeepingParts["opened"], olderThan: number): Promise<void> {
  await retention.pruneRuns(olderThan);
  await pruneCheckpoints(db);
}

const MINUTES_KEPT_MS = 24 * 3_600_000;
/** Of one service: enough to read what led to an incident. */
const LINES_KEPT = 50_000;

async function tidyObservations(
  { metrics, lines, prune }: Observations,
  { metricsMs, logsMs }: Config["retention"],
  now: number,
): Promise<void> {
  await prune({ metrics: now - metricsMs, logs: now - logsMs });
  await metrics.rollUp(now - MINUTES_KEPT_MS);
  await lines.keepNewest(LINES_KEPT);
}
