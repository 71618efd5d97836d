// /api/autonomy: what would have been fixed, how right that was, and which fixes have earned to act alone.
import { z } from "zod";
import type { Autonomy } from "../autonomy.ts";
import { endpoint, handle, id, type Route } from "../http/endpoint.ts";
import { autonomyPair, autonomyReport, autonomyStory } from "../http/schemas/autonomy.ts";
import { given } from "./given.ts";

const tag = "Autonomy";
const one = z.strictObject({ id });

export const autonomy = {
  list: endpoint({
    method: "get",
    path: "/api/autonomy",
    role: "viewer",
    tag,
    summary: "Decisions that were scored, by cause and fix at a service, and which have earned autonomy",
    query: z.strictObject({ service: z.string().min(1).max(200).optional() }),
    response: autonomyReport,
  }),
  show: endpoint({
    method: "get",
    path: "/api/autonomy/{id}",
    role: "viewer",
    tag,
    summary: "One pair with its decisions",
    params: one,
    response: autonomyStory,
  }),
  revoke: endpoint({
    method: "post",
    path: "/api/autonomy/{id}/revoke",
    role: "operator",
    tag,
    summary: "Takes autonomy away: what was right before counts no more",
    params: one,
    body: z.strictObject({ reason: z.string().max(2_000).describe("Not empty; stays in the audit log") }),
    response: autonomyPair,
  }),
};

export function autonomyRoutes(operations: Autonomy): Route[] {
  return [
    handle(autonomy.list, ({ query }) => operations.autonomy(given(query))),
    handle(autonomy.show, ({ params }) => operations.autonomyOf(params.id)),
    handle(autonomy.revoke, ({ params, body, actor }) => operations.revokeAutonomy(params.id, body, actor)),
  ];
}
