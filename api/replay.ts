// Judges a recorded run again, from its trace alone: the gate's whole input was written beside each verdict.
import { z } from "zod";
import { type Verdict, verdictSchema } from "../domain/plan.ts";
import { GATE_VERSION, gate } from "../graph/gate.ts";
import { gateInputSchema } from "../graph/replay/rounds.ts";
import type { StepRecord } from "../knowledge/records.ts";

const noteSchema = z.object({ gateInput: gateInputSchema });
const endSchema = z.object({ verdict: verdictSchema });

export interface Replay {
  recorded: Verdict;
  replayed: Verdict;
  same: boolean;
}

/** One for each time the gate was asked, in order. */
export function replayRun(steps: readonly StepRecord[]): Replay[] {
  const atGate = steps.filter((one) => one.node === "gate");
  return atGate.flatMap((step, index) => {
    const note = step.phase === "note" ? noteSchema.safeParse(step.data) : undefined;
    const end = atGate.slice(index + 1).find((one) => one.phase === "end");
    const recorded = endSchema.safeParse(end?.data);
    if (!note?.success || !recorded.success) return [];
    // By the rules of its time; of a newer opsmedic's only those are known that this one has.
    const version = Math.min(recorded.data.verdict.version, GATE_VERSION);
    const replayed = gate(note.data.gateInput, version);
    return [
      { recorded: recorded.data.verdict, replayed, same: sameVerdict(recorded.data.verdict, replayed) },
    ];
  });
}

function sameVerdict(one: Verdict, other: Verdict): boolean {
  return JSON.stringify(verdictSchema.parse(one)) === JSON.stringify(verdictSchema.parse(other));
}
