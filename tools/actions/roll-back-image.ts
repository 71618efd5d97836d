// roll-back-image: a container made like the present one, from the image with which the service was last well, takes its
// place. The present one is stopped and kept, so that an undo gives back the very same.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { jsonObjectSchema } from "../../domain/json.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import type { Replaceable } from "../target.ts";
import { needTarget, stale, stateOf } from "./checked.ts";

const imageId = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const paramsSchema = z.strictObject({
  /** Ids of images: what the plan saw, and what was well. */
  from: imageId,
  to: imageId,
});
const stateSchema = z.object({
  original: z.object({
    id: z.string(),
    name: z.string(),
    restartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.number() }),
    ran: z.boolean(),
  }),
  runtime: jsonObjectSchema,
});

export const rollBackImage: Action<z.infer<typeof paramsSchema>> = {
  name: "roll-back-image",
  summary: "Replaces the service's container by one like it, from the image with which it was last well",
  undoes: "removes the new container and puts the old one back, which was kept as it was",
  class: "configuration",
  needsTarget: true,
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 10_000,

  async capture({ from, to }, context) {
    const replaceable = needReplaceable(context);
    const present = await replaceable.present(context.signal);
    if (present.imageId !== from && present.imageId !== to) {
      throw stale(`${context.service.name} runs another image than the plan says`, "diagnose again");
    }
    if (!(await replaceable.hasImage(to, context.signal))) {
      throw stale("the image with which it was well is not on this machine any more", "pull it again");
    }
    const runtime = await needTarget(context).describe(context.signal);
    const { restartPolicy, ...original } = present.original;
    return { state: { original: { ...original, restartPolicy: { ...restartPolicy } }, runtime }, files: [] };
  },
  async apply({ to }, captured, context) {
    await needReplaceable(context).replace(originalIn(captured), to, context.signal);
    return `a container of ${short(to)} took its place`;
  },
  async verify({ to }, _captured, context) {
    const [present, { status }] = await Promise.all([
      needReplaceable(context).present(context.signal),
      needTarget(context).state(context.signal),
    ]);
    const ok = present.imageId === to && status === "running";
    return { ok, text: `it is ${status}, of image ${short(present.imageId)}` };
  },
  async undo(_params, captured, context) {
    await needReplaceable(context).bringBack(originalIn(captured), context.signal);
    return "the container that it was is back";
  },
  async verifyUndo(_params, captured, context) {
    const before = originalIn(captured);
    const { original } = await needReplaceable(context).present(context.signal);
    const ok = original.id === before.id && original.name === before.name;
    return {
      ok,
      text: ok ? "it is the very container that it was" : `${original.name} is another container`,
    };
  },
};

function originalIn(captured: Captured) {
  return stateOf(stateSchema, "roll-back-image", captured.state).original;
}

function needReplaceable(context: ActionContext): Replaceable {
  const { replaceable } = needTarget(context);
  if (replaceable) return replaceable;
  throw new HealError(`${context.service.name} runs in no container, so it has no image`, {
    code: "not-supported",
  });
}

function short(id: string): string {
  return id.slice("sha256:".length, "sha256:".length + 12);
}
