// start: brings up a service that is down.
import { z } from "zod";
import type { Action } from "../action.ts";
import { needTarget } from "./checked.ts";
import { bringBack, captureInstance, noWorse } from "./instance.ts";

const paramsSchema = z.strictObject({});

export const start: Action<z.infer<typeof paramsSchema>> = {
  name: "start",
  summary: "Starts the service if it does not run",
  undoes: "nothing to put back: a start harms nothing and may be repeated",
  class: "restart",
  needsTarget: true,
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: (_params, context) => captureInstance(context),
  async apply(_params, _captured, context) {
    const target = needTarget(context);
    const before = await target.state(context.signal);
    if (before.status === "running") return "it runs already";
    await target.start(context.signal);
    return `it was ${before.status}; started it`;
  },
  async verify(_params, _captured, context) {
    const { status } = await needTarget(context).state(context.signal);
    return { ok: status === "running", text: `it is ${status}` };
  },
  undo: (_params, captured, context) => bringBack(captured, context),
  verifyUndo: (_params, captured, context) => noWorse(captured, context),
};
