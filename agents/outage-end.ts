// The end of an outage: with the incident of the service at fault close those of its dependants that are well again.
// A dependant that stays ill keeps its incident, and its next run says whose fault that is.
import pLimit from "p-limit";
import type { Clock } from "../domain/clock.ts";
import type { Incidents } from "../knowledge/records.ts";

export interface OutageEndParts {
  incidents: Pick<Incidents, "close" | "list">;
  /** By a look of its own; never rejects. Where it is well, what was seen of it before is over. */
  wellNow: (service: string) => Promise<boolean>;
  clock: Pick<Clock, "now">;
}

const MOST_PARTS = 500;
const LOOKS_AT_ONCE = 16;
/** Whoever was not looked at by then closes at its own next look. */
const BEGIN_LOOKS_WITHIN_MS = 10_000;

/** Closes an incident as resolved, with its parts. HealError "not-found". */
export type ResolveIncident = (id: string) => Promise<void>;

export function makeResolveIncident({ incidents, wellNow, clock }: OutageEndParts): ResolveIncident {
  return async function resolveIncident(id) {
    await incidents.close(id, "RESOLVED", clock.now());
    const parts = await incidents.list({ partOf: id, limit: MOST_PARTS });
    // One that was handed to a person is over, too, when its service is well.
    const open = parts.filter((one) => one.status !== "RESOLVED");
    const until = clock.now() + BEGIN_LOOKS_WITHIN_MS;
    await pLimit(LOOKS_AT_ONCE).map(open, async (one) => {
      if (clock.now() < until && (await wellNow(one.service)))
        await incidents.close(one.id, "RESOLVED", clock.now());
    });
  };
}
