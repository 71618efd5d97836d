// /api/runs: the trace of every pass through the spine.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { runOutcomes } from "../../domain/incident.ts";
import { endpoint, handle, id, limit, type Route } from "../http/endpoint.ts";
import { runExport, runStory } from "../http/schemas/answers.ts";
import { backupDiff, run, step, verdict } from "../http/schemas/records.ts";
import type { Operations } from "../operations.ts";
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
