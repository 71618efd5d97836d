// Every verdict of a run must follow from its record alone: the same rules over the recorded input, the same answer.
import { expect } from "vitest";
import { replayRun } from "../../api/replay.ts";
import { type ReplayParts, replayWith } from "../../graph/replay/replay-run.ts";
import type { Runs } from "../../knowledge/records.ts";

/** How many verdicts were judged again. Fails when one differs, or has no recorded input. */
export async function replayVerdicts(runs: Runs, runId: string): Promise<number> {
  const steps = await runs.steps(runId);
  const verdicts = steps.filter((one) => one.node === "gate" && one.phase === "end");
  const replays = replayRun(steps);
  expect(replays, "every verdict has its recorded input").toHaveLength(verdicts.length);
  for (const { recorded, replayed, same } of replays) {
    expect(replayed, `a verdict of ${runId}, judged again`).toEqual(recorded);
    expect(same).toBe(true);
  }
  return replays.length;
}

/** And each diagnosis with its plan: the same analyst over what was observed then comes to the same. */
export async function replayWhole(
  runs: Runs,
  runId: string,
  { actions, playbooks }: ReplayParts,
): Promise<void> {
  const run = await runs.get(runId);
  if (!run) return;
  const record = { run, steps: await runs.steps(runId), incident: (await runs.incident(runId)) ?? null };
  const rounds = await replayWith(record, { playbooks, actions });
  for (const { differences } of rounds)
    expect(differences, `what ${runId} came to, judged again`).toEqual([]);
}
