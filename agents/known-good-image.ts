// The image with which a service in a container was last well: what a bad roll-out is taken back to. Kept in the store,
// so that it is known after a restart, and to every worker.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { StateSignal } from "../domain/signal.ts";
import type { Settings } from "../knowledge/records.ts";
import type { Replaceable, Target } from "../tools/target.ts";
import type { KnownGood } from "./known-good.ts";
import { makeProvenInstances } from "./proven-instance.ts";

export interface GoodImage {
  /** Its id (sha256:…), and the name that it had. */
  id: string;
  name: string;
  /** When it was last found well, Unix ms. */
  at: number;
  /** The command with which it ran; absent in what was noted before commands were. */
  command?: { id: string; shown: string } | undefined;
}

export interface KnownGoodImageParts {
  settings: Pick<Settings, "get" | "set">;
  targets: {
    of(
      service: string,
    ): (Pick<Target, "describe"> & { replaceable?: Pick<Replaceable, "keepCommand"> }) | undefined;
  };
  clock: Clock;
  /** How long an instance must have been well before its image counts as good, ms. */
  provenAfterMs: number;
}

export type KnownGoodImage = ReturnType<typeof makeKnownGoodImage>;

const goodImage = z.object({
  id: z.string(),
  name: z.string(),
  at: z.number(),
  command: z.object({ id: z.string(), shown: z.string() }).optional(),
});
const described = z.object({ imageId: z.string(), image: z.string() });
const KEY = "good-image:";
const keyOf = (service: string): string => `${KEY}${service}`;

/** Ids of the images of all services: a repair may go back to each. */
export async function goodImages(settings: Pick<Settings, "all">): Promise<Set<string>> {
  const all = Object.entries(await settings.all()).filter(([key]) => key.startsWith(KEY));
  return new Set(all.flatMap(([, value]) => goodImage.safeParse(value).data?.id ?? []));
}

export function makeKnownGoodImage({ settings, targets, clock, provenAfterMs }: KnownGoodImageParts) {
  const proven = makeProvenInstances(clock, provenAfterMs);

  return {
    /** To be told after every look without a symptom. The runtime is asked once an instance. */
    async noteHealthy({ name }: Service, state: StateSignal | undefined): Promise<void> {
      const target = targets.of(name);
      const replaceable = target?.replaceable;
      if (!replaceable || state?.status !== "running") return;
      await proven.note(name, state, async () => {
        const seen = described.safeParse(await target.describe());
        if (!seen.success) return false;
        const { imageId: id, image } = seen.data;
        const command = await replaceable.keepCommand();
        await settings.set(keyOf(name), { id, name: image, at: clock.now(), command });
        return true;
      });
    },

    noteSick: ({ name }: Service): void => proven.forget(name),

    async of(name: string): Promise<GoodImage | undefined> {
      const found = goodImage.safeParse(await settings.get(keyOf(name)));
      return found.success ? found.data : undefined;
    },
  };
}

/** Files, and something else that may be good: both are told of what is well and what is not. */
export function bothGood(files: KnownGood, others: Pick<KnownGood, "noteHealthy" | "noteSick">): KnownGood {
  return {
    ...files,
    async noteHealthy(service, state) {
      await Promise.all([files.noteHealthy(service, state), others.noteHealthy(service, state)]);
    },
    noteSick(service) {
      files.noteSick(service);
      others.noteSick(service);
    },
  };
}
