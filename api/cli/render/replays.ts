// Replays for people: what the record says, what it comes to now, and what differs.
import type { Judgement, ReplayedRound } from "../../../graph/replay/replay-run.ts";
import type { Paint } from "../terminal.ts";
import { many, percentOfBp } from "./words.ts";

export function renderReplay(run: string, rounds: readonly ReplayedRound[], paint: Paint): string {
  if (rounds.length === 0) return `Run ${run} never came to a diagnosis.`;
  return rounds.map((one, index) => [heading(one, index + 1, paint), ...lines(one)].join("\n")).join("\n\n");
}

function heading({ same }: ReplayedRound, round: number, paint: Paint): string {
  const mark = same ? paint("green", "✓ the same again") : paint("yellow", "≠ it would come out differently");
  return `Diagnosis ${round}: ${mark}`;
}

function lines({ same, recorded, replayed, differences }: ReplayedRound): string[] {
  if (same) return [`  ${judged(recorded)}`];
  return [
    `  recorded  ${judged(recorded)}`,
    `  replayed  ${judged(replayed)}`,
    ...differences.map((one) => `    ${one}`),
  ];
}

function judged({ cause, plan, verdict }: Judgement): string {
  const why = cause ? `${cause.playbook} at ${cause.service}, ${percentOfBp(cause.scoreBp)}` : "no cause";
  const what = plan ? `"${plan.title}"` : "no plan";
  return `${why} · ${what} · gate: ${verdict?.decision ?? "not asked"}`;
}

export function renderFailures(
  results: readonly { file: string; failures: readonly string[] }[],
  paint: Paint,
): string {
  const failed = results.filter(({ failures }) => failures.length > 0).length;
  const rows = results.flatMap(({ file, failures }) =>
    failures.length === 0
      ? [`${paint("green", "✓")} ${file}`]
      : [`${paint("red", "✕")} ${file}`, ...failures.map((one) => `    ${one}`)],
  );
  const sum = failed === 0 ? "all as recorded" : `${failed} not as recorded`;
  return [...rows, `${many(results.length, "run")}, ${sum}.`].join("\n");
}
