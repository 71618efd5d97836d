// The steps of a run that came to the gate, as the graph writes them, for tests of what reads them.
import type { GateInput } from "../../graph/gate.ts";
import { gate } from "../../graph/gate.ts";
import type { StepRecord } from "../../knowledge/records.ts";
import type { Json } from "../../domain/json.ts";
import { finding } from "../knowledge/sample-findings.ts";

export function judgedSteps(input: GateInput): Omit<StepRecord, "seq">[] {
  const at = input.now;
  const step = (node: string, agent: string, phase: "note" | "end", data: unknown) => ({
    node,
    agent,
    phase,
    at,
    ms: phase === "end" ? 1 : null,
    data: JSON.parse(JSON.stringify(data)) as Json,
  });
  return [
    step("detect", "error-detector", "end", { findings: [finding("sig-a")] }),
    step("diagnose", "root-cause-analyst", "end", { diagnosis: input.diagnosis }),
    step("decide", "fix-engineer", "end", { plan: input.plan, noPlan: null }),
    step("gate", "gate", "note", { gateInput: input }),
    step("gate", "gate", "end", { verdict: gate(input) }),
  ];
}
