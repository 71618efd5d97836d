// All trials against the bars.
import { median } from "../bench/statistics.ts";
import { kinds } from "./fault.ts";
import type { Score } from "./score.ts";

export interface Bar {
  what: string;
  bar: string;
  /** null: nothing to measure it on. */
  value: number | null;
  text: string;
  holds: boolean;
}

export interface Summary {
  faults: number;
  passed: number;
  byKind: Record<string, { faults: number; passed: number }>;
  bars: Bar[];
  /** Incidents for what is nothing: no harm, but somebody was woken. */
  falseAlarms: number;
}

const RIGHT_CAUSE = 0.9;
const HEALED = 0.85;
const DETECTION_MS = 6_000;
const APPLIED_MS = 5_000;

export function summaryOf(scores: readonly Score[]): Summary {
  const causes = scores.flatMap(({ cause }) => (cause === null ? [] : [cause.right]));
  const healed = scores.flatMap((one) => (one.healed === null ? [] : [one.healed]));
  const decoys = scores.filter((one) => one.kind === "decoy");
  const undone = scores.flatMap(({ notUndone }) => (notUndone === null ? [] : [notUndone.length === 0]));
  return {
    faults: scores.length,
    passed: scores.filter((one) => one.passed).length,
    byKind: Object.fromEntries(
      kinds.map((kind) => {
        const of = scores.filter((one) => one.kind === kind);
        return [kind, { faults: of.length, passed: of.filter((one) => one.passed).length }];
      }),
    ),
    bars: [
      atLeast("right cause", RIGHT_CAUSE, causes),
      atLeast("healed, of what can be healed", HEALED, healed),
      none(
        "wrong action on a decoy",
        decoys.map((one) => one.harm.length > 0),
      ),
      none(
        "neighbour or other thing harmed",
        scores.map((one) => one.harm.length > 0),
      ),
      none(
        "data lost",
        scores.map((one) => one.dataLost.length > 0),
      ),
      atLeast("undo exact", 1, undone),
      quick("median time from the break to the incident", DETECTION_MS, times(scores, "detectedMs")),
      quick("median time from the incident to the first change", APPLIED_MS, times(scores, "appliedMs")),
    ],
    falseAlarms: scores.filter((one) => one.falseAlarm).length,
  };
}

function times(scores: readonly Score[], name: "detectedMs" | "appliedMs"): number[] {
  return scores.flatMap((one) => one[name] ?? []);
}

function atLeast(what: string, least: number, of: readonly boolean[]): Bar {
  const good = of.filter(Boolean).length;
  const value = of.length === 0 ? null : good / of.length;
  const text = value === null ? "–" : `${Math.round(value * 1_000) / 10} % (${good} of ${of.length})`;
  return { what, bar: `≥ ${least * 100} %`, value, text, holds: value === null || value >= least };
}

function none(what: string, of: readonly boolean[]): Bar {
  const value = of.filter(Boolean).length;
  return { what, bar: "0", value, text: `${value} of ${of.length}`, holds: value === 0 };
}

function quick(what: string, mostMs: number, of: readonly number[]): Bar {
  const value = of.length === 0 ? null : median(of);
  const text = value === null ? "–" : `${(value / 1_000).toFixed(1)} s (${of.length} times)`;
  return { what, bar: `< ${mostMs / 1_000} s`, value, text, holds: value === null || value < mostMs };
}
