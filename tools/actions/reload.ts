// reload: asks the running service by a signal to read its configuration again.
import { z } from "zod";
import type { Action } from "../action.ts";
import { HealError } from "../../domain/errors.ts";
import { needTarget } from "./checked.ts";
import { bringBack, captureInstance, instanceIn, isNewer, noWorse } from "./instance.ts";

const paramsSchema = z.strictObject({
  /** Signals that services reload on; none that is meant to end one. */
  signal: z.enum(["SIGHUP", "SIGUSR1", "SIGUSR2"]),
});

export const reload: Action<z.infer<typeof paramsSchema>> = {
  name: "reload",
  summary: "Sends the service's main process a signal to read its configuration again",
  undoes: "nothing to put back: a reload may be repeated; a service that ended on it is started again",
  class: "reload",
  needsTarget: true,
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: (_params, context) => captureInstance(context),
  async apply({ signal }, _captured, context) {
    const target = needTarget(context);
    const { status } = await target.state(context.signal);
    if (status !== "running") {
      throw new HealError(`${context.service.name} is ${status}; only a running service can reload`, {
        code: "not-running",
        hint: "start it instead",
      });
    }
    await target.reload(signal, context.signal);
    return `sent ${signal}`;
  },
  async verify(_params, captured, context) {
    const now = await needTarget(context).state(context.signal);
    if (now.status !== "running") return { ok: false, text: `it is ${now.status} after the signal` };
    const same = !isNewer(now, instanceIn(captured));
    return { ok: same, text: same ? "it runs on" : "it ended on the signal and was started anew" };
  },
  undo: (_params, captured, context) => bringBack(captured, context),
  verifyUndo: (_params, captured, context) => noWorse(captured, context),
};
