// /api/runs: the trace of every pass through the spine.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { runOutcomes } from "../../domain/incident.ts";
import { ALLOW_FLOOR_BP } from "../../domain/policy.ts";
import { policyModes } from "../../domain/service.ts";
import { endpoint, handle, id, limit, type Route } from "../http/endpoint.ts";
import { runExport, runStory } from "../http/schemas/answers.ts";
import { backupDiff, jsonObject, run, step, verdict } from "../http/schemas/records.ts";
import { importedRun, replayedRound } from "../http/schemas/replays.ts";
import type { Operations } from "../operations.ts";
import { readRunDocument } from "../run-document.ts";
import { given } from "./given.ts";

const tag = "Runs";
const byId = z.strictObject({ id });

export const runs = {
  list: endpoint({
    method: "get",
    path: "/api/runs",
    role: "viewer",
    tag,
    summary: "Runs, newest first",
    query: z.strictObject({
      limit,
      cursor: z.string().max(1_000).optional(),
      service: z.string().min(1).max(200).optional(),
      outcome: z.enum(runOutcomes).optional(),
    }),
    response: z.object({ runs: z.array(run), next_cursor: z.string().nullable() }),
  }),
  show: endpoint({
    method: "get",
    path: "/api/runs/{id}",
    role: "viewer",
    tag,
    summary: "A run with its steps, journal, diagnosis, verdict, backup and approval",
    params: byId,
    response: runStory,
  }),
  step: endpoint({
    method: "get",
    path: "/api/runs/{id}/steps/{step}",
    role: "viewer",
    tag,
    summary: "One step of a run",
    params: z.strictObject({ id, step: z.coerce.number().int().min(1) }),
    response: step,
  }),
  diff: endpoint({
    method: "get",
    path: "/api/runs/{id}/diff",
    role: "viewer",
    tag,
    summary: "The files that the run's backup holds, against how they are now",
    params: byId,
    response: z.object({ backup_id: z.string().nullable(), files: backupDiff }),
  }),
  export: endpoint({
    method: "get",
    path: "/api/runs/{id}/export",
    role: "viewer",
    tag,
    summary: "Everything that is recorded about a run, in one document",
    params: byId,
    response: runExport,
  }),
  replay: endpoint({
    method: "get",
    path: "/api/runs/{id}/gate-replay",
    role: "viewer",
    tag,
    summary: "Recomputes the run's verdicts from its record",
    params: byId,
    response: z.object({
      replays: z.array(z.object({ recorded: verdict, replayed: verdict, same: z.boolean() })),
    }),
  }),
  judgeAgain: endpoint({
    method: "post",
    path: "/api/runs/{id}/replay",
    role: "viewer",
    tag,
    summary:
      "Judges the run again from its record, with the playbooks of now and other thresholds; changes nothing",
    params: byId,
    body: z.strictObject({
      allow_bp: z.int().min(ALLOW_FLOOR_BP).max(10_000).optional(),
      ask_bp: z.int().min(0).max(10_000).optional(),
      mode: z.enum(policyModes).optional(),
    }),
    response: z.object({ rounds: z.array(replayedRound) }),
  }),
  import: endpoint({
    method: "post",
    path: "/api/runs/import",
    role: "operator",
    tag,
    summary: "Brings in the record of a run of elsewhere, to be read and judged again here",
    body: z.strictObject({ document: jsonObject }),
    response: importedRun,
  }),
  imported: endpoint({
    method: "get",
    path: "/api/runs/imported",
    role: "viewer",
    tag,
    summary: "Runs of elsewhere that were brought in, newest first",
    query: z.strictObject({ limit }),
    response: z.object({ runs: z.array(importedRun) }),
  }),
  cancel: endpoint({
    method: "post",
    path: "/api/runs/{id}/cancel",
    role: "operator",
    tag,
    summary: "Stops a run; what it did is taken back",
    params: byId,
    response: run,
  }),
};

export function runRoutes(operations: Operations): Route[] {
  return [
    // Before {id}, which would take these names for ids.
    handle(runs.imported, async ({ query }) => ({ runs: await operations.importedRuns(query) })),
    handle(runs.import, ({ body, actor }) => operations.importRun(readRunDocument(body.document), actor)),
    handle(runs.judgeAgain, async ({ params, body }) => ({
      rounds: await operations.replayRun(params.id, given(body)),
    })),
    handle(runs.list, ({ query }) => operations.runs(given(query))),
    handle(runs.show, ({ params }) => operations.run(params.id)),
    handle(runs.step, async ({ params }) => {
      const { steps } = await operations.run(params.id);
      const found = steps.find((one) => one.seq === params.step);
      if (found) return found;
      throw new HealError(`Run ${params.id} has no step ${params.step}.`, { code: "not-found" });
    }),
    handle(runs.diff, async ({ params }) => {
      const { backup } = await operations.run(params.id);
      return { backup_id: backup?.meta.id ?? null, files: backup?.diff ?? [] };
    }),
    handle(runs.export, ({ params }) => operations.exportRun(params.id)),
    handle(runs.replay, async ({ params }) => ({ replays: await operations.replayGate(params.id) })),
    handle(runs.cancel, ({ params, actor }) => operations.cancelRun(params.id, actor)),
  ];
}
