// remove-images: images that no container uses and that the owner's rule gives up go, after a copy of each was made.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Action, Captured } from "../action.ts";
import { contentId } from "../content-id.ts";
import type { UnusedImage, UnusedImages } from "../docker-images.ts";
import type { SetAside } from "../set-aside.ts";
import { stale, stateOf } from "./checked.ts";
import { copyFailure } from "./copy-failure.ts";

const paramsSchema = z.strictObject({
  /** The moment to which ages are counted, Unix ms. */
  at: z.int().min(0),
  images: z
    .array(z.strictObject({ id: contentId, name: z.string().max(500), bytes: z.int().min(0) }))
    .min(1)
    .max(50),
});
const stateSchema = z.object({
  archive: z.string(),
  images: z.array(z.object({ id: contentId, tags: z.array(z.string()), bytes: z.number() })),
});

export const REMOVE_IMAGES = "remove-images";

export interface RemoveImagesParts {
  images: UnusedImages;
  setAside: SetAside;
}

export function makeRemoveImages({
  images,
  setAside,
}: RemoveImagesParts): Action<z.infer<typeof paramsSchema>> {
  async function left(captured: Captured, signal: AbortSignal): Promise<UnusedImage[]> {
    const found: UnusedImage[] = [];
    for (const one of stateIn(captured).images) {
      const there = (await images.tagsOf(one.id, signal)) !== undefined;
      if (there && !(await images.isUsed(one.id, signal))) found.push(one);
    }
    return found;
  }
  return {
    name: REMOVE_IMAGES,
    summary: "Removes images that no container uses and that the service's owner has given up",
    undoes: "loads every image again from its copy, with its names",
    class: "configuration",
    effect: "reversible",
    risk: "medium",
    params: paramsSchema,
    downtimeMs: () => 0,
    limitMs: 900_000,

    async capture(params, { service, signal }) {
      const allowed = service.cleanUpImages
        ? await images.list(service.cleanUpImages, params.at, signal)
        : [];
      const meant = params.images.flatMap(({ id }) => allowed.find((one) => one.id === id) ?? []);
      const present = await Promise.all(params.images.map(({ id }) => images.tagsOf(id, signal)));
      // Before a restore by hand all are gone: that is a state as well, with nothing to take back.
      if (meant.length === 0 && present.some((one) => one !== undefined))
        throw stale("none of these images may go any more", "diagnose again");
      return {
        // The smallest first: each that goes makes room for the copy of the next.
        state: {
          archive: setAside.newId(),
          images: meant.toSorted((a, b) => a.bytes - b.bytes).map((one) => ({ ...one })),
        },
        files: [],
      };
    },
    async apply(_params, captured, { signal }) {
      const { archive } = stateIn(captured);
      const copies = await setAside.open(archive, { create: true });
      if (!copies) throw new HealError("no archive could be made", { code: "no-room-for-copies" });
      const due = await left(captured, signal);
      const failures: unknown[] = [];
      for (const one of due) {
        signal.throwIfAborted();
        // The engine needs as much room as an image takes to hand it out: the largest may have to stay.
        const content = () => images.content(one.id);
        const failure = copies.get(one.id)
          ? undefined
          : await copyFailure(copies, () => [{ key: one.id, content }], signal);
        if (failure === undefined) await images.remove(one, signal);
        else failures.push(failure);
      }
      if (due.length > 0 && failures.length === due.length) throw failures[0];
      const stay = failures.length === 0 ? "" : `; ${failures.length} stay: no copy could be made`;
      return `${due.length - failures.length} of ${stateIn(captured).images.length} images went${stay}`;
    },
    async verify(_params, captured, { signal }) {
      const copies = await setAside.open(stateIn(captured).archive);
      const still = await left(captured, signal);
      const wrong = still.filter((one) => copies?.get(one.id) !== undefined);
      const all = stateIn(captured).images.length;
      const ok = wrong.length === 0 && (still.length < all || all === 0);
      return { ok, text: `${still.length} of them are still there` };
    },
    async undo(_params, captured, { signal }) {
      const { archive, images: all } = stateIn(captured);
      if (await setAside.wasRemoved(archive)) {
        throw new HealError("the copies of these images are not kept any more", { code: "copies-gone" });
      }
      const copies = await setAside.open(archive);
      let back = 0;
      const taken: string[] = [];
      for (const one of all) {
        const copy = copies?.get(one.id);
        if (!copies || !copy || (await images.isBack(one, signal))) continue;
        taken.push(...(await images.load(copies.read(copy), one, signal)));
        back += 1;
      }
      const others = taken.length === 0 ? "" : `; ${taken.slice(0, 3).join(", ")} stays another image's name`;
      return `${back} images are back${others}`;
    },
    async verifyUndo(_params, captured, { signal }) {
      const { archive, images: all } = stateIn(captured);
      const copies = await setAside.open(archive);
      const lacking: string[] = [];
      for (const one of all) {
        if (copies?.get(one.id) && !(await images.isBack(one, signal))) lacking.push(one.tags[0] ?? one.id);
      }
      const ok = lacking.length === 0;
      return { ok, text: ok ? "every image is as it was" : `not back: ${lacking.join(", ")}` };
    },
  };
}

function stateIn(captured: Captured) {
  return stateOf(stateSchema, REMOVE_IMAGES, captured.state);
}
