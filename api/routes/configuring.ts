// /api/config/reload: the server reads its file again.
import { z } from "zod";
import { endpoint, handle, type Route } from "../http/endpoint.ts";
import { reloadAnswer } from "../http/schemas/configuring.ts";
import type { Operations } from "../operations.ts";
import { given } from "./given.ts";

export const configuring = {
  reload: endpoint({
    method: "post",
    path: "/api/config/reload",
    role: "admin",
    tag: "Control",
    summary: "Reads opsmedic.yaml again: services, and what healing may do. A wrong file changes nothing",
    body: z.strictObject({ dry_run: z.boolean().optional() }),
    response: reloadAnswer,
  }),
};

export function configuringRoutes(operations: Operations): Route[] {
  return [handle(configuring.reload, ({ body, actor }) => operations.reloadConfig(given(body), actor))];
}
