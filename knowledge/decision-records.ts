// What is remembered of the gate's decisions: what would have been done, what really happened, and what people took away.
import type { DecisionEnding, DecisionOutcome, Pair } from "../domain/autonomy.ts";
import type { Json } from "../domain/json.ts";
import type { Decision } from "../domain/plan.ts";

/** What an action saw when the decision was made, by which a later look tells whether somebody did it. */
export interface BaselineStep {
  action: string;
  service: string;
  params: Json;
  /** What it captured; null: what it captures later does as well. */
  state: Json;
}

export interface DecisionRecord extends Pair {
  id: string;
  fixClass: string;
  title: string;
  cause: string;
  scoreBp: number;
  decision: Decision;
  /** Rules of the gate that stood against it. */
  against: string[];
  /** Nothing stood against it but the mode and missing autonomy. */
  would: boolean;
  runIds: string[];
  incidentIds: string[];
  planHashes: string[];
  signatures: string[];
  /** How often the same was decided before it could be scored. */
  times: number;
  at: number;
  lastAt: number;
  /** null: nothing tells whether somebody else did the same. */
  baseline: BaselineStep[] | null;
  sameDoneAt: number | null;
  said: "right" | "wrong" | null;
  /** null: not scored yet, as the next ones. */
  outcome: DecisionOutcome | null;
  ending: DecisionEnding | null;
  told: string | null;
  scoredAt: number | null;
}

export interface NewDecision
  extends Pick<
    DecisionRecord,
    | "service"
    | "playbook"
    | "fix"
    | "fixClass"
    | "title"
    | "cause"
    | "scoreBp"
    | "decision"
    | "against"
    | "would"
    | "signatures"
    | "at"
  > {
  runId: string;
  incidentId: string | null;
  planHash: string;
}

export interface RevocationRecord extends Pair {
  id: string;
  at: number;
  by: string;
  reason: string;
}

/** How many decisions turned out how. */
export interface DecisionCounts {
  total: number;
  right: number;
  wrong: number;
  unclear: number;
  open: number;
}

export interface Decisions {
  /** Joins the open one of its pair, which then is `times` one more, or opens one (`times` 1). */
  note(decision: NewDecision): Promise<DecisionRecord>;
  baseline(id: string, steps: readonly BaselineStep[]): Promise<void>;
  /** Oldest first. */
  open(service: string): Promise<DecisionRecord[]>;
  /** Services that have open ones. */
  waiting(): Promise<string[]>;
  /** Scored since then, oldest first. */
  scored(service: string, since: number): Promise<DecisionRecord[]>;
  ofIncident(incidentId: string): Promise<DecisionRecord[]>;
  /** Latest first; without a pair of all. */
  list(query: { pair?: Pair; limit: number }): Promise<DecisionRecord[]>;
  sameDone(id: string, at: number): Promise<void>;
  say(id: string, said: "right" | "wrong"): Promise<void>;
  /** A later score takes the place of an earlier one: what was healed may come back. */
  score(
    id: string,
    score: { outcome: DecisionOutcome; ending: DecisionEnding; told: string; at: number },
  ): Promise<void>;
  revoke(revocation: Pair & { at: number; by: string; reason: string }): Promise<RevocationRecord>;
  revocations(pair?: Pair): Promise<RevocationRecord[]>;
  /** Of those that would have been carried out and were not; within the time where one is given. */
  wouldHave(query: { from?: number; to?: number }): Promise<DecisionCounts>;
}
