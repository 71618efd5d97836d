// Standing watch: a symptom that comes again gets one, with the early sign that was found, or with the word that none was.
import { isSymptom } from "../domain/finding.ts";
import type { Incident } from "../domain/incident.ts";
import { messageOf } from "../domain/errors.ts";
import type { Incidents, Watches } from "../knowledge/records.ts";
import type { FindEarlySign, FoundSign } from "./early-signs.ts";

export interface StandingWatchParts {
  watches: Watches;
  incidents: Incidents;
  /** Absent: nobody looks for a sign; it is a closer look only. */
  earlySign?: FindEarlySign;
}

type Recurring = Pick<Incident, "service" | "incidentId" | "findings" | "dryRun">;

/** "" for what came the first time. Looking for a sign must not break the run that found the symptom. */
export function makeStandingWatch({ watches, incidents, earlySign }: StandingWatchParts) {
  return async function standingWatch(incident: Recurring): Promise<string> {
    const { service, incidentId, dryRun } = incident;
    const main = incident.findings.find(isSymptom);
    if (!main || incidentId === null || dryRun) return "";
    if ((await incidents.occurrencesBefore(main.signature, incidentId)) < 1) return "";
    const about = { service, signature: main.signature };
    const { sign, told } = (await earlySign?.(about).catch(unseen)) ?? NOBODY_LOOKS;
    const watch = await watches.add({ ...about, kind: main.kind, fromIncident: incidentId, sign, told });
    return `A standing watch on ${main.kind} of ${service} was set up: ${watch.told}`;
  };
}

const NOBODY_LOOKS: FoundSign = { sign: null, told: "It is looked at more often." };

function unseen(error: unknown): FoundSign {
  return {
    sign: null,
    told: `Its history could not be read (${messageOf(error)}); it is looked at more often.`,
  };
}
