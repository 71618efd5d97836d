// /api/incidents, /api/actions, /api/playbooks: what went wrong, and what is known and can be done.
import { z } from "zod";
import { endpoint, handle, limit, type Route } from "../http/endpoint.ts";
import { catalogueAction } from "../http/schemas/answers.ts";
import { incident, jsonObject } from "../http/schemas/records.ts";
import type { Operations } from "../operations.ts";
import { given } from "./given.ts";

export const incidents = {
  list: endpoint({
    method: "get",
    path: "/api/incidents",
    role: "viewer",
    tag: "Incidents",
    summary: "Incidents, newest first",
    query: z.strictObject({
      status: z.enum(["ACTIVE", "RESOLVED", "ESCALATED"]).optional(),
      service: z.string().min(1).max(200).optional(),
      limit,
    }),
    response: z.object({ incidents: z.array(incident), limit: z.int() }),
  }),
  actions: endpoint({
    method: "get",
    path: "/api/actions",
    role: "viewer",
    tag: "Catalogue",
    summary: "What can be done: parameters, effect, undo, risk",
    response: z.object({ actions: z.array(catalogueAction) }),
  }),
  playbooks: endpoint({
    method: "get",
    path: "/api/playbooks",
    role: "viewer",
    tag: "Catalogue",
    summary: "The failure modes that are known",
    response: z.object({ playbooks: z.array(jsonObject) }),
  }),
};

export function incidentRoutes(operations: Operations): Route[] {
  return [
    handle(incidents.list, async ({ query }) => ({
      incidents: await operations.incidents(given(query)),
      limit: query.limit,
    })),
    handle(incidents.actions, async () => ({ actions: await operations.actions() })),
    handle(incidents.playbooks, async () => ({ playbooks: await operations.playbooks() })),
  ];
}
