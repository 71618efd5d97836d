// Recorded runs of faults whose cause is known, as outcomes by stated confidence: was the cause right, did the fix heal?
import { z } from "zod";
import { causeIn } from "../domain/diagnosis.ts";
import { incidentSchema } from "../domain/incident.ts";
import { HealError } from "../domain/errors.ts";
import { calibration, type Calibration, type ScoredOutcomes } from "../signals/calibration.ts";
import { faultCauses } from "./fault-causes.ts";

/**
 * One line of a file of recordings: which fault was set off, and what `opsmedic runs export` wrote of a run. `right`
 * names the causes that are; absent: those of the demo's faults.
 */
const recordingSchema = z.object({
  fault: z.string(),
  right: z.array(z.object({ playbook: z.string(), service: z.string() })).exactOptional(),
  run: z.object({ incident: incidentSchema.nullable() }),
});
export type Recording = z.infer<typeof recordingSchema>;

export interface FaultCalibration {
  /** Runs that came to a diagnosis. */
  diagnosed: number;
  /** Runs without one, such as a look that found nothing. */
  passedOver: number;
  cause: Calibration;
  /** Of fixes that were carried out. */
  healing: Calibration;
  wrong: { fault: string; run: string; named: string; scoreBp: number }[];
}

/** HealError "bad-recording" with the line. */
export function readRecordings(text: string): Recording[] {
  return text
    .split("\n")
    .map((line, index) => ({ line: line.trim(), index }))
    .filter(({ line }) => line !== "")
    .map(({ line, index }) => {
      const read = recordingSchema.safeParse(parsed(line));
      if (read.success && (read.data.right ?? read.data.fault in faultCauses)) return read.data;
      throw new HealError(`Line ${index + 1} is no recording of a fault whose cause is known`, {
        code: "bad-recording",
        hint: 'Each line is {"fault": "crash", "run": …} with what opsmedic runs export writes.',
      });
    });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

export function faultCalibration(recordings: readonly Recording[]): FaultCalibration {
  const causes: ScoredOutcomes[] = [];
  const fixes: ScoredOutcomes[] = [];
  const wrong: FaultCalibration["wrong"] = [];
  for (const recording of recordings) {
    const { fault, run } = recording;
    const top = causeIn(run.incident?.diagnosis);
    if (top === undefined || run.incident === null) continue;
    const right = causesOf(recording).some(
      (one) => one.playbook === top.playbook && one.service === top.service,
    );
    causes.push({ scoreBp: top.scoreBp, total: 1, successes: right ? 1 : 0 });
    if (!right) {
      const named = `${top.playbook} at ${top.service}`;
      wrong.push({ fault, run: run.incident.runId, named, scoreBp: top.scoreBp });
    }
    const { validation } = run.incident;
    if (validation === null) continue;
    fixes.push({ scoreBp: top.scoreBp, total: 1, successes: validation.outcome === "healed" ? 1 : 0 });
  }
  return {
    diagnosed: causes.length,
    passedOver: recordings.length - causes.length,
    cause: calibration(causes),
    healing: calibration(fixes),
    wrong,
  };
}

function causesOf({ fault, right }: Recording): NonNullable<Recording["right"]> {
  if (right !== undefined) return right;
  const expected = faultCauses[fault as keyof typeof faultCauses];
  return expected.services.map((service) => ({ playbook: expected.playbook, service }));
}
