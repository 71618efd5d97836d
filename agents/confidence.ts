// Confidence: how sure we are of a cause, computed by code in integer basis points (8,500 = 85 %). Every step is
// an addend, so that anyone can add up the record by hand. Every step is also monotone: less support never scores more.
import type { Addend, CheckResult } from "../domain/diagnosis.ts";
import type { Trust } from "../domain/trust.ts";
import { learningPoints, trustWords } from "./trust.ts";

/** Without a discriminating check a cause stays one point below what the gate allows. */
export const CAP_BP = 8_499;
/** What a model's agreement is worth at most. */
export const MODEL_BP = 500;
/** Learning alone never pushes a cause below this. */
export const LEARNING_FLOOR_BP = 5_000;
export const FULL_BP = 10_000;

/**
 * Observations made of words that the service (or whoever can make it log) wrote. They may support a cause, but
 * never be the one that tells it from its rivals: text from outside alone must not open the gate.
 */
export const TEXT_OBSERVATIONS: ReadonlySet<string> = new Set([
  "config-error-in-log",
  "deadlock-statements",
  "error-began",
  "log-pattern",
  "log-share",
  "missing-variable",
  "suspected-cause",
  "upstream-of-log",
]);

export interface ScoreInput {
  prior: number;
  checks: readonly CheckResult[];
  /** How this pair of cause and fix fared before; see trust.ts. */
  learning?: Trust | undefined;
  model?: { agrees: boolean } | undefined;
  /** Basis points that a sceptical second look takes away; a positive number counts as none. */
  sceptic?: number | undefined;
  /** The most that a cause may score which only a language model brought up. */
  named?: number | undefined;
  /** What it came to in a run whose record does not hold its checks. */
  recorded?: number | undefined;
}

export interface Score {
  /** Sums to scoreBp exactly. */
  addends: Addend[];
  scoreBp: number;
  discriminated: boolean;
}

/** The confidence in one hypothesis. The cap comes last, so nothing lifts a score over it. */
export function score({ prior, checks, learning, model, sceptic = 0, named, recorded }: ScoreInput): Score {
  const discriminated = isDiscriminated(checks);
  const sum = runningSum();
  sum.add("prior", "how often this is the cause of such a symptom", whole(prior));
  for (const one of checks) sum.add("check", one.check, checkPoints(one));
  sum.keepWithin(0, FULL_BP);
  if (learning) learn(sum, learning);
  if (model?.agrees && discriminated && named === undefined) {
    sum.add("model", "the model agrees", Math.min(MODEL_BP, FULL_BP - sum.total()));
  }
  const doubt = Math.max(Math.min(0, whole(sceptic)), -sum.total());
  if (doubt < 0) sum.add("sceptic", "a sceptical second look", doubt);
  const most = Math.min(discriminated ? FULL_BP : CAP_BP, named ?? FULL_BP, recorded ?? FULL_BP);
  const reasons = new Map([
    [named, "only a model brought it up"],
    [recorded, "it came to no more then, by checks that the record does not hold"],
  ]);
  const why = reasons.get(most) ?? "no check tells it from its likeliest rival";
  if (sum.total() > most) sum.add("cap", why, most - sum.total());
  return { addends: sum.addends, scoreBp: sum.total(), discriminated };
}

/**
 * Whether a check that the best rival would fail supports the cause, by something that was measured rather than read
 * from a log.
 */
export function isDiscriminated(checks: readonly CheckResult[]): boolean {
  return checks.some(
    (one) => one.discriminating && checkPoints(one) > 0 && !TEXT_OBSERVATIONS.has(one.observation.name),
  );
}

/** What a check adds: support never takes, contradiction never gives, the unknown does neither. */
export function checkPoints(check: CheckResult): number {
  if (check.observation.status === "unknown") return 0;
  if (check.verdict === "supports") return Math.max(0, whole(check.points));
  return check.verdict === "contradicts" ? Math.min(0, whole(check.points)) : 0;
}

// adjusted = clamp(base + (rate - 0.5) x 2,000, 5,000, 10,000). The lower bound only stops the record from burying a
// cause; it must not lift one that was weaker than 5,000 before, or a cause with a record would beat better evidence.
function learn(sum: RunningSum, trust: Trust): void {
  const base = sum.total();
  sum.add("learning", trustWords(trust), learningPoints(trust));
  sum.keepWithin(Math.min(base, LEARNING_FLOOR_BP), FULL_BP);
}

type RunningSum = ReturnType<typeof runningSum>;

function runningSum() {
  const addends: Addend[] = [];
  const total = () => addends.reduce((sum, one) => sum + one.points, 0);
  const add = (kind: Addend["kind"], label: string, points: number) => {
    addends.push({ kind, label, points });
  };
  const keepWithin = (low: number, high: number) => {
    const missing = Math.min(Math.max(total(), low), high) - total();
    if (missing !== 0) add("clamp", `kept within ${low} and ${high}`, missing);
  };
  return { addends, total, add, keepWithin };
}

/** An integer of at most 10,000 either way; what is not a number counts nothing. `+ 0` keeps -0 out of the record. */
function whole(points: number): number {
  if (!Number.isFinite(points)) return 0;
  return Math.max(-FULL_BP, Math.min(FULL_BP, Math.trunc(points))) + 0;
}
