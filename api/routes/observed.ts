// /api/logs, /api/patterns, /api/metrics: what was observed.
import { z } from "zod";
import { logLevels } from "../../domain/signal.ts";
import { RULE_NAME } from "../../domain/log-rule.ts";
import { logRuleInput } from "../config/log-rule-schema.ts";
import { parseDuration } from "../config/units.ts";
import { endpoint, handle, id, limit, type Route } from "../http/endpoint.ts";
import {
  anomaly,
  logCluster,
  logLine,
  logPattern,
  logPatternStory,
  logRule,
  logSource,
  metricSeries,
  outage,
  prediction,
} from "../http/schemas/observed.ts";
import type { Observed } from "../observed.ts";
import { given } from "./given.ts";

const tag = "Observed";
const cursor = z.string().max(300).optional().describe("next_cursor of the page before");
const service = z.string().min(1).max(200).optional();
const words = z.string().min(1).max(200).optional().describe("Looked for as it stands, in any case");
const moment = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const step = z
  .string()
  .transform((text) => parseDuration(text))
  .refine(
    (ms): ms is number => ms !== undefined && ms >= 60_000,
    "Write a duration of 1m or more, such as 5m",
  );
const names = z
  .string()
  .max(500)
  .transform((text) => text.split(","));

export const observed = {
  logs: endpoint({
    method: "get",
    path: "/api/logs",
    role: "viewer",
    tag,
    summary: "Log lines that were kept, the latest first",
    query: z.strictObject({
      limit,
      cursor,
      service,
      level: z.enum(logLevels).optional().describe("This level and graver ones"),
      q: words,
      from: moment.optional(),
      to: moment.optional(),
    }),
    response: z.object({ logs: z.array(logLine), next_cursor: z.string().nullable() }),
  }),
  logSources: endpoint({
    method: "get",
    path: "/api/logs/sources",
    role: "viewer",
    tag,
    summary: "Where log lines come from, and whether they do",
    response: z.object({ sources: z.array(logSource) }),
  }),
  patterns: endpoint({
    method: "get",
    path: "/api/patterns",
    role: "viewer",
    tag,
    summary: "Patterns of log lines with their trend, the latest first",
    query: z.strictObject({ limit, cursor, service, q: words }),
    response: z.object({ patterns: z.array(logPattern), next_cursor: z.string().nullable() }),
  }),
  pattern: endpoint({
    method: "get",
    path: "/api/patterns/{id}",
    role: "viewer",
    tag,
    summary:
      "One pattern: examples, its lines in the last day and from day to day, what is new or drifts in it",
    params: z.strictObject({ id }),
    response: logPatternStory,
  }),
  rules: endpoint({
    method: "get",
    path: "/api/patterns/rules",
    role: "viewer",
    tag,
    summary: "Users' rules about log lines, and whose lines fitted them in the last day",
    response: z.object({
      rules: z.array(logRule),
      passed_over: z.int().describe("Lines not looked at, because the rules were too costly for as many"),
    }),
  }),
  addRule: endpoint({
    method: "post",
    path: "/api/patterns/rules",
    role: "operator",
    tag,
    summary: "Makes a rule, or takes the place of the one with its name",
    body: logRuleInput,
    response: logRule,
  }),
  removeRule: endpoint({
    method: "delete",
    path: "/api/patterns/rules/{name}",
    role: "operator",
    tag,
    summary: "Removes a rule that was made while running",
    params: z.strictObject({ name: z.string().regex(RULE_NAME) }),
    response: logRule,
  }),
  clusters: endpoint({
    method: "get",
    path: "/api/patterns/clusters",
    role: "viewer",
    tag,
    summary: "Errors and warnings that belong together, the one with most lines first",
    response: z.object({ clusters: z.array(logCluster) }),
  }),
  anomalies: endpoint({
    method: "get",
    path: "/api/anomalies",
    role: "viewer",
    tag,
    summary: "Series that are strange just now, the strangest first",
    response: z.object({ anomalies: z.array(anomaly) }),
  }),
  predictions: endpoint({
    method: "get",
    path: "/api/predictions",
    role: "viewer",
    tag,
    summary:
      "Where each series goes in the next quarter of an hour, disks and memory in the next days, and when the limit is reached; outages of now, and who is hit next",
    query: z.strictObject({ service }),
    response: z.object({
      predictions: z.array(prediction),
      outages: z.array(outage).describe("Their suspects, likeliest first, and who is hit next"),
    }),
  }),
  metricsHistory: endpoint({
    method: "get",
    path: "/api/metrics/history",
    role: "viewer",
    tag,
    summary: "Numbers over time; without a time the last day, by five minutes",
    query: z.strictObject({
      names: names.optional().describe("cpu,memory,latency,…; absent: all"),
      service,
      from: moment.optional(),
      to: moment.optional(),
      step: step.optional(),
    }),
    response: z.object({ series: z.array(metricSeries) }),
  }),
};

export function observedRoutes(operations: Observed): Route[] {
  return [
    handle(observed.logs, ({ query }) => operations.logs(given(query))),
    handle(observed.logSources, async () => ({ sources: await operations.logSources() })),
    handle(observed.patterns, ({ query }) => operations.patterns(given(query))),
    handle(observed.rules, () => operations.rules()),
    handle(observed.addRule, ({ body, actor }) => operations.addRule(body, actor)),
    handle(observed.removeRule, ({ params, actor }) => operations.removeRule(params.name, actor)),
    handle(observed.clusters, async () => ({ clusters: await operations.clusters() })),
    handle(observed.anomalies, async () => ({ anomalies: await operations.anomalies() })),
    handle(observed.predictions, async ({ query }) => ({
      predictions: await operations.predictions(given(query)),
      outages: await operations.outages(given(query)),
    })),
    handle(observed.pattern, ({ params }) => operations.pattern(params.id)),
    handle(observed.metricsHistory, async ({ query: { step: stepMs, ...query } }) => ({
      series: await operations.metricsHistory(given({ ...query, stepMs })),
    })),
  ];
}
