// /api/control: what opsmedic may do at all. Anyone who operates may stop it; changing the mode is configuring.
import { z } from "zod";
import { endpoint, handle, type Route } from "../http/endpoint.ts";
import { control as answer, mode } from "../http/schemas/answers.ts";
import type { Operations } from "../operations.ts";
import { given } from "./given.ts";

const tag = "Control";
const YEAR_MS = 365 * 86_400_000;

export const control = {
  mode: endpoint({
    method: "get",
    path: "/api/control/mode",
    role: "viewer",
    tag,
    summary: "The mode and whether healing is paused",
    response: answer,
  }),
  setMode: endpoint({
    method: "put",
    path: "/api/control/mode",
    role: "admin",
    tag,
    summary: "Sets the mode: observe, approve or auto",
    body: z.strictObject({ mode }),
    response: answer,
  }),
  pause: endpoint({
    method: "post",
    path: "/api/control/pause",
    role: "operator",
    tag,
    summary: "Kill switch: nothing is changed until resumed, or for a time",
    body: z.strictObject({
      for_ms: z.int().min(1).max(YEAR_MS).optional().describe("Absent: until resumed"),
      reason: z.string().max(2_000).optional(),
    }),
    response: answer,
  }),
  resume: endpoint({
    method: "post",
    path: "/api/control/resume",
    role: "operator",
    tag,
    summary: "Ends the pause",
    response: answer,
  }),
};

export function controlRoutes(operations: Operations): Route[] {
  return [
    handle(control.mode, () => operations.mode()),
    handle(control.setMode, ({ body, actor }) => operations.setMode(body.mode, actor)),
    handle(control.pause, ({ body, actor }) => operations.pause(given(body), actor)),
    handle(control.resume, ({ actor }) => operations.resume(actor)),
  ];
}
