// /api/calibration, /api/watches, /api/reports/weekly: what was learned.
import { z } from "zod";
import { endpoint, handle, id, type Route } from "../http/endpoint.ts";
import { calibration, insights, watch } from "../http/schemas/learned.ts";
import type { Learned } from "../learned.ts";
import { given } from "./given.ts";

const tag = "Learned";
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const service = z.string().min(1).max(200).optional();
const one = z.strictObject({ id });

export const learned = {
  calibration: endpoint({
    method: "get",
    path: "/api/calibration",
    role: "viewer",
    tag,
    summary: "Stated confidence against what came true: reliability curve and Brier score with its parts",
    query: z.strictObject({
      since: moment.optional(),
      service,
      playbook: z.string().min(1).max(200).optional(),
    }),
    response: calibration,
  }),
  watches: endpoint({
    method: "get",
    path: "/api/watches",
    role: "viewer",
    tag,
    summary: "Standing watches on symptoms that came twice, with the early sign of each",
    query: z.strictObject({ service }),
    response: z.object({ watches: z.array(watch) }),
  }),
  watch: endpoint({
    method: "get",
    path: "/api/watches/{id}",
    role: "viewer",
    tag,
    summary: "One standing watch",
    params: one,
    response: watch,
  }),
  removeWatch: endpoint({
    method: "delete",
    path: "/api/watches/{id}",
    role: "operator",
    tag,
    summary: "Removes a standing watch; it comes back when the symptom does",
    params: one,
    response: watch,
  }),
  weekly: endpoint({
    method: "get",
    path: "/api/reports/weekly",
    role: "viewer",
    tag,
    summary: "What was learned, in the last seven days or the span asked for",
    query: z.strictObject({ from: moment.optional(), to: moment.optional() }),
    response: insights,
  }),
};

export function learnedRoutes(operations: Learned): Route[] {
  return [
    handle(learned.calibration, ({ query }) => operations.calibration(given(query))),
    handle(learned.watches, async ({ query }) => ({ watches: await operations.watches(given(query)) })),
    handle(learned.watch, ({ params }) => operations.watch(params.id)),
    handle(learned.removeWatch, ({ params, actor }) => operations.removeWatch(params.id, actor)),
    handle(learned.weekly, ({ query }) => operations.weeklyReport(given(query))),
  ];
}
