// What a person can ask about what was learned: how far a stated confidence can be believed, what standing watches look
// for, and what a week taught.
import type { Insights } from "../agents/desk/insights.ts";
import type { WatchRecord } from "../knowledge/records.ts";
import type { Calibration } from "../signals/calibration.ts";
import type { Actor } from "./operations.ts";

export interface CalibrationAnswer extends Calibration {
  /** Unix ms; outcomes from before do not count. */
  since: number;
  /** Of each cause, the one with most outcomes first. */
  by_playbook: {
    playbook: string;
    count: number;
    successes: number;
    meanConfidence: number;
    successShare: number;
  }[];
}

export interface WatchAnswer extends WatchRecord {
  /** Its sign shows now; null where this process does not look. */
  showing: boolean | null;
  /** Warnings of the last 30 days. */
  warnings: number;
  lastWarningAt: number | null;
}

export interface Learned {
  calibration(query: { since?: number; service?: string; playbook?: string }): Promise<CalibrationAnswer>;
  watches(query: { service?: string }): Promise<WatchAnswer[]>;
  /** HealError "not-found". */
  watch(id: string): Promise<WatchAnswer>;
  removeWatch(id: string, actor: Actor): Promise<WatchAnswer>;
  /** Without times: the last seven days. */
  weeklyReport(query: { from?: number; to?: number }): Promise<Insights>;
}
