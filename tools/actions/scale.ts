// scale: an absolute number of replicas, within the owner's limit.
import { z } from "zod";
import { jsonObjectSchema } from "../../domain/json.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import { beyondLimit, needTarget, stateOf } from "./checked.ts";

const paramsSchema = z.strictObject({ replicas: z.int().min(1).max(1_000) });
const stateSchema = z.object({ replicas: z.int().min(1), runtime: jsonObjectSchema });

export const scale: Action<z.infer<typeof paramsSchema>> = {
  name: "scale",
  summary: "Runs this many replicas of the service, the original included",
  undoes: "goes back to the number of replicas there was",
  class: "limit",
  needsTarget: true,
  effect: "reversible",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  async capture({ replicas }, context) {
    assertWithin(replicas, context);
    const target = needTarget(context);
    const now = await target.state(context.signal);
    const runtime = await target.describe(context.signal);
    return { state: { replicas: Math.max(1, now.replicas), runtime }, files: [] };
  },
  async apply({ replicas }, _captured, context) {
    assertWithin(replicas, context);
    return scaleTo(replicas, context);
  },
  verify: ({ replicas }, _captured, context) => compare(replicas, context),
  undo: (_params, captured, context) => scaleTo(before(captured), context),
  verifyUndo: (_params, captured, context) => compare(before(captured), context),
};

function before(captured: Captured): number {
  return stateOf(stateSchema, "scale", captured.state).replicas;
}

async function scaleTo(replicas: number, context: ActionContext): Promise<string> {
  const target = needTarget(context);
  const now = await target.state(context.signal);
  if (now.replicas === replicas) return `${replicas} run already`;
  await target.scale(replicas, context.signal);
  return `scaled from ${now.replicas} to ${replicas}`;
}

async function compare(replicas: number, context: ActionContext) {
  const now = await needTarget(context).state(context.signal);
  return { ok: now.replicas === replicas, text: `${now.replicas} of ${replicas} replicas run` };
}

function assertWithin(replicas: number, { service }: ActionContext): void {
  const most = service.limits.maxReplicas;
  if (replicas <= most) return;
  throw beyondLimit(
    `${replicas} replicas of ${service.name} are more than the ${most} allowed`,
    "raise limits.maxReplicas of the service if that is meant",
  );
}
