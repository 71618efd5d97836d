// /api/services/{name}/start and /stop: an operator's hand on a process that opsmedic runs.
import { z } from "zod";
import { endpoint, handle, id, type Route } from "../http/endpoint.ts";
import { runningAnswer } from "../http/schemas/running.ts";
import type { Operations } from "../operations.ts";

const common = {
  method: "post",
  role: "operator",
  tag: "Control",
  params: z.strictObject({ name: id }),
  response: runningAnswer,
} as const;

export const running = {
  start: endpoint({
    ...common,
    path: "/api/services/{name}/start",
    summary: "Starts a process that opsmedic runs; answers when it runs",
  }),
  stop: endpoint({
    ...common,
    path: "/api/services/{name}/stop",
    summary: "Stops a process that opsmedic runs; it is left alone until somebody starts it",
  }),
};

export function runningRoutes(operations: Operations): Route[] {
  return [
    handle(running.start, ({ params, actor }) => operations.startService(params.name, actor)),
    handle(running.stop, ({ params, actor }) => operations.stopService(params.name, actor)),
  ];
}
