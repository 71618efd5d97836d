// Was a decision right? Pure: what happened after it in, an outcome out. Where nothing tells, it counts for nothing; a
// needless repair is a wrong one.
import type { DecisionEnding, DecisionOutcome } from "../domain/autonomy.ts";

export interface Aftermath {
  /** The plan was carried out (approved, or alone), and ended so; null: it was not. */
  applied: "healed" | "not-healed" | "worse" | null;
  /** The symptom came back soon after it had healed. */
  cameBack: boolean;
  /** What a person who resolved the incident said of the stated cause. */
  said: "right" | "wrong" | null;
  /** A person refused the plan. */
  refused: boolean;
  /** Whether it can be told that somebody else did what the plan would have done … */
  canTell: boolean;
  /** … and since when the world is as the plan would have made it. */
  sameDoneAt: number | null;
  /** Another fix of ours healed, or a person closed the incident by hand. */
  otherMeans: boolean;
  /** When the service was well again; null: it is not. */
  endedAt: number | null;
}

export interface DecisionSpan {
  at: number;
  /** When the same was decided last. */
  lastAt: number;
}

export interface ScoreTiming {
  /** How long a fix must have been in place before "it did not help" is said. */
  provenMs: number;
  now: number;
}

/** What ends by itself within this needed no repair: nobody would have got to it sooner. */
export const NEEDLESS_WITHIN_MS = 5 * 60_000;
/** What went on for so long without anybody doing anything tells nothing any more. */
export const SCORED_WITHIN_MS = 24 * 3_600_000;

export interface DecisionScore {
  outcome: DecisionOutcome;
  ending: DecisionEnding;
  text: string;
}

/** undefined: it cannot be said yet. */
export function scoreDecision(
  { at, lastAt }: DecisionSpan,
  after: Aftermath,
  { provenMs, now }: ScoreTiming,
): DecisionScore | undefined {
  const { applied, said, sameDoneAt, endedAt } = after;
  if (applied === "not-healed" || applied === "worse")
    return wrong(
      "did-not-help",
      applied === "worse" ? "it made it worse" : "it was carried out and did not help",
    );
  if (said === "wrong") return wrong("cause-refuted", "a person said that the cause was another");
  if (applied === "healed")
    return after.cameBack
      ? wrong("came-back", "it healed, and the symptom came back")
      : right("healed", "it was carried out and healed");
  if (sameDoneAt !== null && (endedAt !== null || after.otherMeans))
    return right("same-done", "somebody else did the same, and the symptom was gone");
  if (sameDoneAt !== null && now - sameDoneAt >= provenMs)
    return wrong("same-did-not-help", "somebody else did the same, and it did not help");
  if (said === "right") return right("cause-confirmed", "a person said that the cause was right");
  if (after.refused) return wrong("refused", "a person refused it");
  if (after.otherMeans) return unclear("by-other-means", "it was ended by other means");
  if (endedAt !== null) return ended(at, endedAt, after.canTell);
  return now - lastAt >= SCORED_WITHIN_MS
    ? unclear("went-on", "it went on, and nobody did anything that tells")
    : undefined;
}

function ended(at: number, endedAt: number, canTell: boolean): DecisionScore {
  if (canTell && endedAt - at <= NEEDLESS_WITHIN_MS)
    return wrong("by-itself", "the symptom ended by itself soon after: nothing was needed");
  return unclear("unexplained", "the symptom ended, and nothing tells why");
}

const right = (ending: DecisionEnding, text: string): DecisionScore => ({ outcome: "right", ending, text });
const wrong = (ending: DecisionEnding, text: string): DecisionScore => ({ outcome: "wrong", ending, text });
const unclear = (ending: DecisionEnding, text: string): DecisionScore => ({
  outcome: "unclear",
  ending,
  text,
});
