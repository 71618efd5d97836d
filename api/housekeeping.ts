// Housekeeping: what is old and finished goes. Ended runs (with trace, journal and approvals) and closed incidents
// after retention.incidents, backups after healing.backups.keep. What is open stays, and so do cases and audit log.
import type { Clock } from "../domain/clock.ts";
import type { Retention } from "../knowledge/retention.ts";
import type { Backups } from "../tools/backup.ts";
import type { Config } from "./config.ts";
import type { PolicyHolder } from "./policy-holder.ts";

export interface HousekeepingParts {
  config: Pick<Config, "retention">;
  policy: Pick<PolicyHolder, "get">;
  backups: Pick<Backups, "prune">;
  opened: { retention: Retention };
  clock: Pick<Clock, "now">;
}

/** One round. A part that fails does not hold up the other; it is told when both are done. */
export function makeHousekeeping({ config, policy, backups, opened, clock }: HousekeepingParts) {
  return async function housekeeping(): Promise<void> {
    const now = clock.now();
    const done = await Promise.allSettled([
      backups.prune(now - policy.get().backupsKeepMs),
      opened.retention.pruneRuns(now - config.retention.incidentsMs),
    ]);
    for (const one of done) if (one.status === "rejected") throw one.reason;
  };
}
