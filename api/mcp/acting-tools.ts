// What an assistant may ask for where the owner allows it by name. All of it goes through the same doors as a person's
// request: the gate decides, a plan's hash binds an approval, everything is audited.
import { z } from "zod";
import { id } from "../http/endpoint.ts";
import { check } from "../http/schemas/answers.ts";
import { incidentNote } from "../http/schemas/incident-desk.ts";
import { approval } from "../http/schemas/records.ts";
import { type McpTool, tool } from "./tool.ts";

export const actingTools: readonly McpTool[] = [
  tool({
    name: "request_heal",
    title: "Look at a service and heal it",
    description:
      "Asks for a run. By default a dry run, which decides and changes nothing. The gate decides whether anything is done.",
    role: "operator",
    changes: true,
    input: z.strictObject({
      service: z.string().min(1).max(200),
      dry_run: z.boolean().default(true).describe("false: what the gate allows is carried out"),
    }),
    output: check,
    run: ({ input, operations, actor }) =>
      operations.triggerCheck({ services: [input.service], dry_run: input.dry_run }, actor),
  }),
  tool({
    name: "approve_fix",
    title: "Decide about a fix that waits",
    description:
      "Approves or rejects exactly the plan whose hash is given. Decided once; the world is looked at again before.",
    role: "operator",
    changes: true,
    input: z.strictObject({
      approval_id: id,
      decision: z.enum(["approve", "reject"]),
      reason: z.string().min(3).max(2_000),
      plan_hash: z.string().min(1).max(200),
    }),
    output: approval,
    run: ({ input: { approval_id, ...decision }, operations, actor }) =>
      operations.decideApproval(approval_id, decision, actor),
  }),
  tool({
    name: "acknowledge_incident",
    title: "Say that somebody looks after an incident",
    description: "Keeps who it was and the words; the incident stays open.",
    role: "operator",
    changes: true,
    input: z.strictObject({ id, text: z.string().min(1).max(2_000) }),
    output: incidentNote,
    run: ({ input: { id: incidentId, text }, operations, actor }) =>
      operations.acknowledgeIncident(incidentId, { text }, actor),
  }),
];

export const actingToolNames = actingTools.map((one) => one.name);
