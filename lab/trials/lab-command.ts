// `opsmedic lab run`: tries the faults, prints the table, and where asked writes docs/lab.md and the recordings.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { dirname, resolve } from "node:path";
import type { Recording } from "../fault-calibration.ts";
import type { Fault } from "./fault.ts";
import { chosen } from "./faults.ts";
import { renderLabPage } from "./page.ts";
import { runLab } from "./run-lab.ts";
import type { Score } from "./score.ts";
import { type Summary, summaryOf } from "./summary.ts";
import { possible } from "./worlds.ts";

export interface LabRequest {
  /** Names, kinds, worlds, or "ci"; empty: all. */
  only: readonly string[];
  watch: string;
  atOnce: number;
  /** Where the page goes. */
  page?: string;
  /** Where the lines for lab/calibration.ts go. */
  recordings?: string;
}

export interface LabAnswer {
  summary: Summary;
  scores: Score[];
  skipped: { fault: string; missing: string }[];
  took_ms: number;
}

/** So many worlds of one server: few enough for two processors, and each wave costs its warm-up. */
const WAVE_SIZE = 24;

export interface ListedFault extends Pick<Fault, "name" | "title" | "kind" | "needs" | "right"> {
  ci: boolean;
}

/** Both: HealError "unknown-fault". */
export interface Lab {
  list: (only: readonly string[]) => Promise<ListedFault[]>;
  run: (
    request: LabRequest,
    options: { say: (text: string) => void; signal: AbortSignal },
  ) => Promise<LabAnswer>;
}

export const lab: Lab = { list, run: runAndWrite };

async function runAndWrite(
  { only, watch, atOnce, page, recordings }: LabRequest,
  { say, signal }: { say: (text: string) => void; signal: AbortSignal },
): Promise<LabAnswer> {
  const { here, skipped } = possible(chosen(only));
  const load = loadavg()[0] ?? 0;
  if (recordings !== undefined) write(recordings, "");
  const record = (lines: readonly Recording[]): void => {
    if (recordings === undefined) return;
    appendFileSync(resolve(recordings), lines.map((one) => `${JSON.stringify(one)}\n`).join(""));
  };
  const run = await runLab({ faults: here, watch, atOnce, waveSize: WAVE_SIZE, say, record, signal });
  const summary = summaryOf(run.scores);
  if (page !== undefined) write(page, renderLabPage({ ...run, summary, skipped, watch, load }));
  return { summary, scores: run.scores, skipped, took_ms: run.tookMs };
}

async function list(only: readonly string[]): Promise<ListedFault[]> {
  return chosen(only).map(({ name, title, kind, needs, right, ci }) => ({
    name,
    title,
    kind,
    needs,
    right,
    ci: ci ?? false,
  }));
}

function write(path: string, text: string): void {
  const file = resolve(path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
