// /api/actions: what can be done.
import { z } from "zod";
import { endpoint, handle, type Route } from "../http/endpoint.ts";
import { catalogueAction } from "../http/schemas/answers.ts";
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
};

export function incidentRoutes(operations: Operations): Route[] {
  return [handle(incidents.actions, async () => ({ actions: await operations.actions() }))];
}
