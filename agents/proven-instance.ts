// When an instance has proved itself: what it was started with counts as good from then on.
import type { Clock } from "../domain/clock.ts";
import type { StateSignal } from "../domain/signal.ts";

export type ProvenInstances = ReturnType<typeof makeProvenInstances>;

/** `provenAfterMs`: how long an instance must have been well without a break. */
export function makeProvenInstances(clock: Pick<Clock, "now">, provenAfterMs: number) {
  /** The instance that is well, and since when; `noted`: what it runs is in the store. */
  const well = new Map<string, { instance: string; since: number; noted: boolean }>();

  return {
    /** At a look without a symptom: notes once an instance, as soon as it has proved itself. False: nothing could be noted. */
    async note(service: string, { instance }: Pick<StateSignal, "instance">, note: () => Promise<boolean>) {
      const known = well.get(service);
      if (known?.instance !== instance) {
        well.set(service, { instance, since: clock.now(), noted: false });
        return;
      }
      if (known.noted || clock.now() - known.since < provenAfterMs) return;
      known.noted = await note();
    },
    forget: (service: string): void => {
      well.delete(service);
    },
  };
}
