// Runs and their traces, over the store of this process.
import { clearsOf } from "../agents/plan-clears.ts";
import { HealError } from "../domain/errors.ts";
import type { ApprovalRecord, RunExport, RunRecord } from "../knowledge/records.ts";
import { audited } from "./audited.ts";
import type { LocalParts } from "./local-operations.ts";
import type { Operations, RunStory } from "./operations.ts";
import { replayRun } from "./replay.ts";

export function localRuns(
  parts: LocalParts,
): Pick<Operations, "runs" | "run" | "exportRun" | "cancelRun" | "replayGate"> {
  const { store, healer } = parts;

  async function known(id: string): Promise<RunRecord> {
    const run = await store.runs.get(id);
    if (run) return run;
    throw noSuchRun(id);
  }

  async function imported(id: string): Promise<RunExport> {
    const document = await store.importedRuns.get(id);
    if (document) return document;
    throw noSuchRun(id);
  }

  async function exported(id: string): Promise<RunExport> {
    const run = await store.runs.get(id);
    if (!run) return imported(id);
    const [steps, journal, incident] = await Promise.all([
      store.runs.steps(id),
      store.journal.ofRun(id),
      store.runs.incident(id),
    ]);
    return { version: 1, run, steps, journal, incident: incident ?? null };
  }

  return {
    async runs(options) {
      const { runs, nextCursor } = await store.runs.list(options);
      return { runs, next_cursor: nextCursor };
    },
    async run(id) {
      const { version: _version, ...recorded } = await exported(id);
      const story = { ...recorded, clears: clearsOf(recorded.incident?.plan) };
      const head = await store.importedRuns.headOf(id);
      // Its backup, approval and incident are elsewhere, too.
      if (head) return { ...story, backup: null, approval: null, partOf: null, imported: head };
      const backupId =
        story.incident?.backupId ?? story.journal.findLast((one) => one.backupId !== null)?.backupId ?? null;
      return {
        ...story,
        backup: backupId === null ? null : await backupOf(parts, backupId),
        approval: await approvalOf(parts, id),
        partOf: await partOf(parts, story.run.incidentId),
      };
    },
    exportRun: exported,
    async cancelRun(id, actor) {
      const run = await known(id);
      if (run.status === "ended") {
        throw new HealError(`Run ${id} has ended already (${run.outcome ?? "no outcome"}).`, {
          code: "run-ended",
          hint: "What it did is taken back by restoring its backup.",
        });
      }
      const after = await audited(store.audit, actor, "run.cancel", id, { service: run.service }, () =>
        healer.cancel(id),
      );
      return after ?? run;
    },
    replayGate: async (runId) => replayRun((await exported(runId)).steps),
  };
}

function noSuchRun(id: string): HealError {
  return new HealError(`There is no run ${JSON.stringify(id.slice(0, 200))}.`, {
    code: "not-found",
    hint: "opsmedic runs ls, or GET /api/runs, lists them.",
  });
}

/** null where the backup was removed after its time; a run's record outlives it. */
async function backupOf({ backups, healer }: LocalParts, id: string): Promise<RunStory["backup"]> {
  try {
    const { meta } = await backups.read(id);
    return { meta, diff: await healer.diff(id) };
  } catch (error) {
    if (error instanceof HealError && error.code === "backup-not-found") return null;
    throw error;
  }
}

async function partOf({ store }: LocalParts, incidentId: string | null): Promise<RunStory["partOf"]> {
  return incidentId === null ? null : ((await store.incidents.get(incidentId))?.partOf ?? null);
}

async function approvalOf({ store }: LocalParts, runId: string): Promise<ApprovalRecord | null> {
  const latest = await store.approvals.list({ limit: 1_000 });
  return latest.find((one) => one.runId === runId) ?? null;
}
