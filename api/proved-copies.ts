// Copies of what a clean-up took away go when the repair has proved itself: its run healed, and the symptom had its time
// to return. Of every other run they stay as long as its backup does.
import type { Runs } from "../knowledge/records.ts";
import type { Backups } from "../tools/backup.ts";
import type { SetAside } from "../tools/set-aside.ts";

export interface ProvedCopiesParts {
  setAside: Pick<SetAside, "list" | "remove">;
  backups: Pick<Backups, "list" | "read">;
  runs: Pick<Runs, "get">;
}

/** Longer than the longest repair: a backup is older than its copies by no more. */
const LONGEST_REPAIR_MS = 3_600_000;

/** Returns the archives that went. Times in ms; `now` Unix ms. */
export async function removeProvedCopies(
  { setAside, backups, runs }: ProvedCopiesParts,
  now: number,
  { provedAfterMs, keepMs }: { provedAfterMs: number; keepMs: number },
): Promise<string[]> {
  const due = (await setAside.list()).filter(({ at }) => now - at >= provedAfterMs);
  if (due.length === 0) return [];
  const oldest = Math.min(...due.map(({ at }) => at)) - LONGEST_REPAIR_MS;
  const runOf = await runsByArchive(backups, oldest);
  const removed: string[] = [];
  for (const { id, at } of due) {
    const runId = runOf.get(id);
    const run = runId === undefined ? undefined : await runs.get(runId);
    if (run?.outcome !== "healed" && now - at < keepMs) continue;
    await setAside.remove(id);
    removed.push(id);
  }
  return removed;
}

async function runsByArchive(
  backups: ProvedCopiesParts["backups"],
  since: number,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { id, at, runId } of await backups.list()) {
    if (at < since) continue;
    const { steps } = await backups.read(id).catch(() => ({ steps: [] }));
    for (const { captured } of steps) {
      const state = captured.state;
      if (state === null || typeof state !== "object" || Array.isArray(state)) continue;
      const archive = state["archive"];
      if (typeof archive === "string") found.set(archive, runId);
    }
  }
  return found;
}
