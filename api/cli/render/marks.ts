// A state is a mark and a word, and only then a colour.
import type { RunRecord } from "../../../knowledge/records.ts";
import type { SeenLevel } from "../../operations.ts";
import type { Paint, Style } from "../terminal.ts";

const LEVELS: Record<SeenLevel, [string, Style]> = {
  healthy: ["● healthy", "green"],
  warning: ["▲ warning", "yellow"],
  critical: ["✕ critical", "red"],
  unknown: ["? unknown", "yellow"],
};

export function levelMark(level: SeenLevel, paint: Paint): string {
  const [text, style] = LEVELS[level];
  return paint(style, text);
}

/** What does not run and is not to run is neither well nor ill. */
export const stoppedMark = (paint: Paint): string => paint("dim", "○ stopped");

const GOOD = ["healthy", "healed", "no-longer-needed"];
const BAD = ["rolled-back", "escalated", "failed", "rejected"];

export function runMark({ status, outcome }: Pick<RunRecord, "status" | "outcome">, paint: Paint): string {
  if (status === "waiting") return paint("yellow", "‖ waits for approval");
  if (outcome === null) return paint("cyan", "↻ running");
  if (GOOD.includes(outcome)) return paint("green", `✓ ${outcome}`);
  return BAD.includes(outcome) ? paint("red", `✕ ${outcome}`) : paint("dim", `– ${outcome}`);
}

export function okMark(ok: boolean, paint: Paint): string {
  return ok ? paint("green", "✓") : paint("red", "✕");
}
