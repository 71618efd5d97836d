// Every verdict of a run must follow from its record alone: the same rules over the recorded input, the same answer.
import { expect } from "vitest";
import type { Verdict } from "../../domain/plan.ts";
import { gate, type GateInput } from "../../graph/gate.ts";
import type { Runs } from "../../knowledge/records.ts";

/** How many verdicts were judged again. Fails when one differs, or has no recorded input. */
export async function replayVerdicts(runs: Runs, runId: string): Promise<number> {
  const steps = (await runs.steps(runId)).filter((one) => one.node === "gate");
  const inputs = steps.flatMap(({ phase, data }) =>
    phase === "note" ? [(data as unknown as { gateInput: GateInput }).gateInput] : [],
  );
  const verdicts = steps.flatMap(({ phase, data }) =>
    phase === "end" ? [(data as unknown as { verdict: Verdict }).verdict] : [],
  );
  expect(inputs, "every verdict has its recorded input").toHaveLength(verdicts.length);
  expect(
    inputs.map((one) => gate(one)),
    `the verdicts of ${runId}, judged again`,
  ).toEqual(verdicts);
  return verdicts.length;
}
