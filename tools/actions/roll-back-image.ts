// roll-back-image: a container made like the present one, from the image and with the command with which the service was
// last well, takes its place. The present one is stopped and kept, so that an undo gives back the same. Where compose runs several, all of
// the bad image.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { jsonObjectSchema } from "../../domain/json.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import { contentId } from "../content-id.ts";
import type { SetAside } from "../set-aside.ts";
import type { ContainerVersion, Replaceable } from "../target.ts";
import { needTarget, stale, stateOf } from "./checked.ts";

const paramsSchema = z.strictObject({
  /** Ids of images: what the plan saw, and what was well. */
  from: contentId,
  to: contentId,
  /** Ids of commands; null, and absent in plans of a time before: what the present one's owner has set is kept. */
  fromCommand: contentId.nullable().default(null),
  toCommand: contentId.nullable().default(null),
});
const originalSchema = z.object({
  id: z.string(),
  name: z.string(),
  restartPolicy: z.object({ Name: z.string(), MaximumRetryCount: z.number() }),
  ran: z.boolean(),
});
const stateSchema = z.object({
  original: originalSchema,
  // Backups of a time before containers of compose were kept as copies have neither.
  others: z.array(originalSchema).default([]),
  /** Not "archive": these copies stay as long as the backup, though the repair has proved itself. */
  keptIn: z.string().optional(),
  runtime: jsonObjectSchema,
});

export const ROLL_BACK_IMAGE = "roll-back-image";

export const makeRollBackImage = (
  setAside: Pick<SetAside, "newId" | "open">,
): Action<z.infer<typeof paramsSchema>> => ({
  name: ROLL_BACK_IMAGE,
  summary:
    "Replaces the service's container by one like it, from the image and with the command with which it was last well",
  undoes: "removes the new container and puts the old one back, which was kept as it was",
  class: "configuration",
  needsTarget: true,
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 10_000,

  async capture(params, context) {
    const replaceable = needReplaceable(context);
    const present = await replaceable.present(context.signal);
    const [seen, wanted] = versionsOf(params);
    if (!isVersion(present, seen) && !isVersion(present, wanted)) {
      throw stale(
        `${context.service.name} runs another image or command than the plan says`,
        "diagnose again",
      );
    }
    if (!(await replaceable.hasVersion({ imageId: wanted.imageId }, context.signal))) {
      throw stale("the image with which it was well is not on this machine any more", "pull it again");
    }
    if (!(await replaceable.hasVersion(wanted, context.signal))) {
      throw stale("the command with which it was well is not known here any more", "roll it out by hand");
    }
    const runtime = await needTarget(context).describe(context.signal);
    const { original, others } = present;
    const state = { original: { ...original }, others: others.map((one) => ({ ...one })), runtime };
    return { state: { ...state, keptIn: setAside.newId() }, files: [] };
  },
  async apply(params, captured, context) {
    const [, wanted] = versionsOf(params);
    const { originals, keptIn } = stateIn(captured);
    const copies = await setAside.open(keptIn ?? setAside.newId(), { create: true });
    if (!copies) throw new HealError("no archive could be made", { code: "no-room-for-copies" });
    for (const one of originals) await needReplaceable(context).replace(one, wanted, copies, context.signal);
    const places = originals.length === 1 ? "its place" : `the places of ${originals.length}`;
    return `${originals.length === 1 ? "a container" : "containers"} of ${short(wanted.imageId)} took ${places}`;
  },
  async verify(params, _captured, context) {
    const [present, { status }] = await Promise.all([
      needReplaceable(context).present(context.signal),
      needTarget(context).state(context.signal),
    ]);
    const ok = isVersion(present, versionsOf(params)[1]) && status === "running";
    return { ok, text: `it is ${status}, of image ${short(present.imageId)}` };
  },
  async undo(_params, captured, context) {
    const { originals, keptIn } = stateIn(captured);
    const copies = keptIn === undefined ? undefined : await setAside.open(keptIn);
    for (const one of originals.toReversed())
      await needReplaceable(context).bringBack(one, copies, context.signal);
    return "what was there before is back";
  },
  async verifyUndo(_params, captured, context) {
    const { originals, keptIn } = stateIn(captured);
    const copies = keptIn === undefined ? undefined : await setAside.open(keptIn);
    for (const one of originals) {
      if (!(await needReplaceable(context).isBack(one, copies, context.signal)))
        return { ok: false, text: `${one.name} is another container` };
    }
    return { ok: true, text: "it is the container that it was" };
  },
});

type Version = Pick<ContainerVersion, "imageId"> & Partial<ContainerVersion>;

const version = (imageId: string, commandId: string | null): Version => ({
  imageId,
  ...(commandId !== null && { commandId }),
});

/** What the plan saw, and what is gone back to. */
function versionsOf({ from, to, fromCommand, toCommand }: z.infer<typeof paramsSchema>): [Version, Version] {
  return [version(from, fromCommand), version(to, toCommand)];
}

function isVersion(present: ContainerVersion, { imageId, commandId }: Version): boolean {
  return present.imageId === imageId && (commandId === undefined || present.commandId === commandId);
}

function stateIn(captured: Captured) {
  const { original, others, keptIn } = stateOf(stateSchema, ROLL_BACK_IMAGE, captured.state);
  return { originals: [original, ...others], keptIn };
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
