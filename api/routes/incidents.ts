// /api/actions, /api/playbooks: what is known, and what can be done.
import { z } from "zod";
import { endpoint, handle, type Route } from "../http/endpoint.ts";
import { catalogueAction } from "../http/schemas/answers.ts";
import { jsonObject } from "../http/schemas/records.ts";
import type { Operations } from "../operations.ts";

export const incidents = {
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
    handle(incidents.actions, async () => ({ actions: await operations.actions() })),
    handle(incidents.playbooks, async () => ({ playbooks: await operations.playbooks() })),
  ];
}
