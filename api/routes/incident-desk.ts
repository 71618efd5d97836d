// /api/incidents/…, /api/remediation/…: what is known of an incident, what people say of it, what was done.
import { z } from "zod";
import { findingKinds } from "../../domain/finding.ts";
import { endpoint, handle, id, limit, type Route } from "../http/endpoint.ts";
import {
  evidenceItem,
  incidentNote,
  incidentPage,
  incidentStats,
  incidentStory,
  postmortem,
  recalledCase,
  remediationHistory,
  remediationStats,
  timelineEntry,
} from "../http/schemas/incident-desk.ts";
import { incident } from "../http/schemas/records.ts";
import type { IncidentDesk } from "../incident-desk.ts";
import { given } from "./given.ts";

const tag = "Incidents";
const service = z.string().min(1).max(200).optional();
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const span = { from: moment.optional(), to: moment.optional(), service };
const page = {
  limit,
  cursor: z.string().max(700).optional().describe("next_cursor of the page before"),
  offset: z.coerce.number().int().min(0).max(100_000).optional(),
};
const one = z.strictObject({ id });
const explain = z
  .enum(["true", "false"])
  .optional()
  .transform((text) => text === "true")
  .describe("Whether a language model may word it, where one is configured");
const words = z.string().max(5_000);
const said = z.strictObject({ text: words.min(1).describe("Kept with the incident, and learned from") });

export const desk = {
  list: endpoint({
    method: "get",
    path: "/api/incidents",
    role: "viewer",
    tag,
    summary: "Incidents, newest first",
    query: z.strictObject({
      status: z.enum(["ACTIVE", "RESOLVED", "ESCALATED"]).optional(),
      severity: z.enum(["CRITICAL", "WARNING", "INFO"]).optional(),
      type: z.enum(findingKinds).optional().describe("Kind of the finding that it was opened for"),
      q: z.string().min(1).max(200).optional().describe("In title, service and id, in any case"),
      ...span,
      ...page,
    }),
    response: incidentPage,
  }),
  stats: endpoint({
    method: "get",
    path: "/api/incidents/stats",
    role: "viewer",
    tag,
    summary: "How many of which kind, times to detect and to resolve, the share that healed by itself",
    query: z.strictObject(span),
    response: incidentStats,
  }),
  show: endpoint({
    method: "get",
    path: "/api/incidents/{id}",
    role: "viewer",
    tag,
    summary: "One incident with runs, actions, diagnosis, recommendations and notes",
    params: one,
    query: z.strictObject({ explain }),
    response: incidentStory,
  }),
  timeline: endpoint({
    method: "get",
    path: "/api/incidents/{id}/timeline",
    role: "viewer",
    tag,
    summary: "What happened when, oldest first, each with its record",
    params: one,
    response: z.object({ timeline: z.array(timelineEntry) }),
  }),
  evidence: endpoint({
    method: "get",
    path: "/api/incidents/{id}/evidence",
    role: "viewer",
    tag,
    summary: "What speaks for and against the cause, the most telling first",
    params: one,
    response: z.object({ evidence: z.array(evidenceItem) }),
  }),
  similar: endpoint({
    method: "get",
    path: "/api/incidents/{id}/similar",
    role: "viewer",
    tag,
    summary: "Incidents of the same signature, and remembered cases like it",
    params: one,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(10) }),
    response: z.object({ incidents: z.array(incident), cases: z.array(recalledCase) }),
  }),
  postmortem: endpoint({
    method: "get",
    path: "/api/incidents/{id}/postmortem",
    role: "viewer",
    tag,
    summary: "Timeline, impact, root cause with its arithmetic, what was done, lessons; as JSON and Markdown",
    params: one,
    query: z.strictObject({ explain }),
    response: z.object({ postmortem, markdown: z.string() }),
  }),
  acknowledge: endpoint({
    method: "post",
    path: "/api/incidents/{id}/acknowledge",
    role: "operator",
    tag,
    summary: "Says that a person has it in hand",
    params: one,
    body: z.strictObject({ text: words.default("") }),
    response: incidentNote,
  }),
  resolve: endpoint({
    method: "post",
    path: "/api/incidents/{id}/resolve",
    role: "operator",
    tag,
    summary: "Closes it with what a person did; the words become part of its case",
    params: one,
    body: said.extend({
      cause: z.enum(["right", "wrong"]).optional().describe("Whether the stated cause was the true one"),
    }),
    response: incident,
  }),
  note: endpoint({
    method: "post",
    path: "/api/incidents/{id}/notes",
    role: "operator",
    tag,
    summary: "Adds a note",
    params: one,
    body: said,
    response: incidentNote,
  }),
  remediationHistory: endpoint({
    method: "get",
    path: "/api/remediation/history",
    role: "viewer",
    tag,
    summary: "Every action with outcome and duration, latest first",
    query: z.strictObject({ action: z.string().min(1).max(100).optional(), ...span, ...page }),
    response: remediationHistory,
  }),
  remediationStats: endpoint({
    method: "get",
    path: "/api/remediation/stats",
    role: "viewer",
    tag,
    summary: "By action: how often, how it ended, how long it took",
    query: z.strictObject(span),
    response: remediationStats,
  }),
};

export function incidentDeskRoutes(operations: IncidentDesk): Route[] {
  return [
    handle(desk.list, ({ query }) => operations.searchIncidents(query)),
    // Before the one with an id, which it looks like.
    handle(desk.stats, ({ query }) => operations.incidentStats(given(query))),
    handle(desk.show, ({ params, query }) => operations.incident(params.id, query)),
    handle(desk.timeline, async ({ params }) => ({
      timeline: await operations.incidentTimeline(params.id),
    })),
    handle(desk.evidence, async ({ params }) => ({ evidence: await operations.incidentEvidence(params.id) })),
    handle(desk.similar, ({ params, query }) => operations.similarIncidents(params.id, query)),
    handle(desk.postmortem, ({ params, query }) => operations.postmortem(params.id, query)),
    handle(desk.acknowledge, ({ params, body, actor }) =>
      operations.acknowledgeIncident(params.id, body, actor),
    ),
    handle(desk.resolve, ({ params, body, actor }) =>
      operations.resolveIncident(params.id, given(body), actor),
    ),
    handle(desk.note, ({ params, body, actor }) => operations.noteIncident(params.id, body, actor)),
    handle(desk.remediationHistory, ({ query }) => operations.remediationHistory(given(query))),
    handle(desk.remediationStats, ({ query }) => operations.remediationStats(given(query))),
  ];
}
