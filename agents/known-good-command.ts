// The command with which a plain process was last well: what a bad one in the configuration is taken back to. The store
// remembers which one it was, the folder of the process what it says.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { StateSignal } from "../domain/signal.ts";
import type { Settings } from "../knowledge/records.ts";
import type { Target } from "../tools/target.ts";
import { makeProvenInstances } from "./proven-instance.ts";

const goodCommand = z.object({
  /** sha256:… */
  id: z.string(),
  /** As a person would type it, without secrets. */
  shown: z.string(),
  /** When it was last found well, Unix ms. */
  at: z.number(),
});
export type GoodCommand = z.infer<typeof goodCommand>;

export interface KnownGoodCommandParts {
  settings: Pick<Settings, "get" | "set">;
  targets: { of(service: string): Pick<Target, "commands"> | undefined };
  clock: Clock;
  /** How long an instance must have been well before its command counts as good, ms. */
  provenAfterMs: number;
}

export type KnownGoodCommand = ReturnType<typeof makeKnownGoodCommand>;

const keyOf = (service: string): string => `good-command:${service}`;

export function makeKnownGoodCommand({ settings, targets, clock, provenAfterMs }: KnownGoodCommandParts) {
  const proven = makeProvenInstances(clock, provenAfterMs);

  return {
    /** To be told after every look without a symptom. */
    async noteHealthy({ name }: Service, state: StateSignal | undefined): Promise<void> {
      const commands = targets.of(name)?.commands;
      if (!commands || state?.status !== "running") return;
      await proven.note(name, state, async () => {
        const present = await commands.present();
        if (!present) return false;
        await settings.set(keyOf(name), { id: present.id, shown: present.shown, at: clock.now() });
        return true;
      });
    },

    noteSick: ({ name }: Service): void => proven.forget(name),

    async of(name: string): Promise<GoodCommand | undefined> {
      return goodCommand.safeParse(await settings.get(keyOf(name))).data;
    },
  };
}
