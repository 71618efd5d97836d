// restart: an instance newer than the captured one runs.
import { z } from "zod";
import type { Action, ActionContext, Captured } from "../action.ts";
import { needTarget } from "./checked.ts";
import { bringCopiesBack, oldCopies, renewCopies, withCopies } from "./canary.ts";
import { bringBack, captureInstance, instanceIn, isNewer, noWorse, STAYS_STOPPED } from "./instance.ts";

const paramsSchema = z.strictObject({});

export const restart: Action<z.infer<typeof paramsSchema>> = {
  name: "restart",
  summary: "Stops the service (gracefully, then by force) and starts it",
  undoes: "nothing to put back: a restart may be repeated; a service that ran is made to run again",
  class: "restart",
  needsTarget: true,
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 10_000,

  capture: async (_params, context) => withCopies(await captureInstance(context), context),
  async apply(_params, captured, context) {
    // After a crash of opsmedic in between, the world itself tells whether this restart was done.
    if ((await renewed(captured, context)).ok) return "a newer instance runs already";
    if ((await needTarget(context).state(context.signal)).stoppedByOperator) return STAYS_STOPPED;
    const copies = await renewCopies(captured, context);
    await needTarget(context).restart(context.signal);
    return copies === 0 ? "restarted" : `restarted one of ${copies + 1} first, then the others`;
  },
  verify: (_params, captured, context) => renewed(captured, context),
  async undo(_params, captured, context) {
    await bringCopiesBack(captured, context);
    return bringBack(captured, context);
  },
  verifyUndo: (_params, captured, context) => noWorse(captured, context),
};

async function renewed(captured: Captured, context: ActionContext) {
  const now = await needTarget(context).state(context.signal);
  if (now.status !== "running") return { ok: false, text: `it is ${now.status}` };
  const old = await oldCopies(captured, context);
  if (old.length > 0) return { ok: false, text: `replica ${old[0]?.number} is as it was before` };
  const newer = isNewer(now, instanceIn(captured));
  return { ok: newer, text: newer ? "a newer instance runs" : "the same instance runs as before" };
}
