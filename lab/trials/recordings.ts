// What lab/calibration.ts reads: each run of a fault whose cause is known, with the causes that are right for it.
import type { RunExport } from "../../knowledge/records.ts";
import type { Recording } from "../fault-calibration.ts";
import type { Fault } from "./fault.ts";
import { rightCauses } from "./score.ts";

/**
 * Runs at the services at fault; a neighbour's run has another question. Of a fault without a cause to name, whatever is
 * named is wrong.
 */
export function recordingsOf(
  { name: fault, causes = [] }: Pick<Fault, "name" | "causes">,
  names: Readonly<Record<string, string>>,
  runs: readonly RunExport[],
): Recording[] {
  return runs.flatMap((run) => {
    const causesHere = causes.filter(({ role }) => names[role] === run.run.service);
    if (causes.length > 0 && causesHere.length === 0) return [];
    const right = rightCauses(causes, names);
    return [{ fault, right, run: { incident: run.incident } }];
  });
}
