// What a rule of the gate is, what it sees, and the three answers that it can give.
import type { Diagnosis } from "../domain/diagnosis.ts";
import type { Decision, FixPlan } from "../domain/plan.ts";
import type { Policy } from "../domain/policy.ts";
import type { GateHistory } from "./gate-history.ts";

export interface GateInput {
  diagnosis: Diagnosis;
  plan: FixPlan;
  policy: Policy;
  history: GateHistory;
  now: number;
}

export interface RuleAnswer {
  outcome: "pass" | Exclude<Decision, "allow">;
  text: string;
}

/** Pure. What it throws counts as deny. */
export type Rule = (input: GateInput) => RuleAnswer;

export const pass = (text: string): RuleAnswer => ({ outcome: "pass", text });
export const ask = (text: string): RuleAnswer => ({ outcome: "ask", text });
export const deny = (text: string): RuleAnswer => ({ outcome: "deny", text });
