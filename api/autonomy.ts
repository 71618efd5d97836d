// What a person can ask about decisions that were scored, and the autonomy that fixes have earned by them.
import type { Earning, Standing } from "../domain/autonomy.ts";
import type { DecisionCounts, DecisionRecord } from "../knowledge/records.ts";
import type { Actor } from "./operations.ts";

export interface PairAnswer extends Standing {
  /** Names the pair of cause and fix at its service. */
  id: string;
  /** It may act alone where the rest of the gate allows it; true as well where nothing is to be earned. */
  alone: boolean;
  /** All of its decisions, also those that do not count any more. */
  decisions: DecisionCounts;
}

export type DecisionAnswer = Omit<DecisionRecord, "baseline" | "planHashes" | "service" | "playbook" | "fix">;

export interface PairStory extends PairAnswer {
  /** Latest first. */
  history: DecisionAnswer[];
  /** Latest first: who took it away, when, why. */
  revocations: { at: number; by: string; reason: string }[];
}

export interface AutonomyAnswer extends Earning {
  /** Decisions that nothing but the mode or missing autonomy stood against: it would have fixed so many, wrongly `wrong`. */
  would_have_fixed: DecisionCounts;
  /** The one with most decisions first. */
  pairs: PairAnswer[];
}

export interface Autonomy {
  autonomy(query: { service?: string }): Promise<AutonomyAnswer>;
  /** HealError "not-found". */
  autonomyOf(id: string): Promise<PairStory>;
  /** What was right before counts no more. HealError "not-found", "reason-missing". */
  revokeAutonomy(id: string, why: { reason: string }, actor: Actor): Promise<PairAnswer>;
}
