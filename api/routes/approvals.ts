// /api/approvals: what waits for a person. Decided once, by a POST, bound to the plan that was shown.
import { z } from "zod";
import { endpoint, handle, id, limit, type Route } from "../http/endpoint.ts";
import { approval } from "../http/schemas/records.ts";
import type { Operations } from "../operations.ts";
import { given } from "./given.ts";

const tag = "Approvals";

export const approvals = {
  list: endpoint({
    method: "get",
    path: "/api/approvals",
    role: "viewer",
    tag,
    summary: "Fixes that wait, or waited, for a decision; newest first",
    query: z.strictObject({
      status: z.enum(["pending", "approved", "rejected", "expired", "withdrawn"]).optional(),
      limit,
    }),
    response: z.object({ approvals: z.array(approval) }),
  }),
  show: endpoint({
    method: "get",
    path: "/api/approvals/{id}",
    role: "viewer",
    tag,
    summary: "One approval, with what would change; messages link here, and reading it decides nothing",
    params: z.strictObject({ id }),
    response: approval,
  }),
  decide: endpoint({
    method: "post",
    path: "/api/approvals/{id}/decision",
    role: "operator",
    tag,
    summary:
      "Approves or rejects; 409 plan_changed, already_decided, expired, or same_person where two must approve",
    params: z.strictObject({ id }),
    body: z.strictObject({
      decision: z.enum(["approve", "reject"]),
      reason: z.string().max(2_000).describe("Not empty; stays in the audit log"),
      plan_hash: z.string().min(1).max(200),
    }),
    response: approval,
  }),
};

export function approvalRoutes(operations: Operations): Route[] {
  return [
    handle(approvals.list, async ({ query }) => ({ approvals: await operations.approvals(given(query)) })),
    handle(approvals.show, ({ params }) => operations.approval(params.id)),
    handle(approvals.decide, ({ params, body, actor }) => operations.decideApproval(params.id, body, actor)),
  ];
}
