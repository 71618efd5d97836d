// /api/playbooks: the failure modes that are known, and what their checks may ask for.
import { z } from "zod";
import { ways } from "../../agents/evidence/catalogue.ts";
import { endpoint, handle, id, type Route } from "../http/endpoint.ts";
import { observationEntry, wayWords } from "../http/schemas/playbooks.ts";
import { jsonObject } from "../http/schemas/records.ts";
import type { Playbooks } from "../playbooks.ts";

const tag = "Catalogue";

export const playbooks = {
  list: endpoint({
    method: "get",
    path: "/api/playbooks",
    role: "viewer",
    tag,
    summary: "The failure modes that are known, and the observations that checks may ask for",
    response: z.object({
      playbooks: z.array(jsonObject),
      observations: z.array(observationEntry),
      ways: wayWords,
    }),
  }),
  show: endpoint({
    method: "get",
    path: "/api/playbooks/{id}",
    role: "viewer",
    tag,
    summary: "One failure mode: its checks with their weights, its rivals, its fixes",
    params: z.strictObject({ id }),
    response: jsonObject,
  }),
};

export function playbookRoutes(operations: Playbooks): Route[] {
  return [
    handle(playbooks.list, async () => ({
      playbooks: await operations.playbooks(),
      observations: await operations.observations(),
      ways: { ...ways },
    })),
    handle(playbooks.show, ({ params }) => operations.playbook(params.id)),
  ];
}
