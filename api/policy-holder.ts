// The policy that counts now: the configuration's, with what was switched while running (mode, kill switch).
// Switches live in the store, so that they hold across restarts and for every worker.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { Policy } from "../domain/policy.ts";
import type { Mode } from "../domain/service.ts";
import type { Settings } from "../knowledge/records.ts";

const switchesSchema = z.object({
  mode: z.enum(["observe", "approve", "auto"]).nullable(),
  /** Unix ms; 0: until resumed; null: not paused. */
  pausedUntil: z.number().nullable(),
});
type Switches = z.infer<typeof switchesSchema>;

const KEY = "control";
const NONE: Switches = { mode: null, pausedUntil: null };

export type PolicyHolder = Awaited<ReturnType<typeof makePolicyHolder>>;

export async function makePolicyHolder(parts: { configured: Policy; settings: Settings; clock: Clock }) {
  const { settings, clock } = parts;
  let { configured } = parts;
  let switches = NONE;

  async function reload(): Promise<void> {
    switches = switchesSchema.safeParse(await settings.get(KEY)).data ?? NONE;
  }
  async function change(by: Partial<Switches>): Promise<void> {
    await reload(); // another process may have switched since
    switches = { ...switches, ...by };
    await settings.set(KEY, switches);
  }
  const isPaused = (): boolean =>
    switches.pausedUntil !== null && (switches.pausedUntil === 0 || switches.pausedUntil > clock.now());

  await reload();
  return {
    get: (): Policy => ({ ...configured, mode: switches.mode ?? configured.mode, paused: isPaused() }),
    /** Unix ms; 0: until resumed; undefined: not paused. */
    pausedUntil: (): number | undefined => (isPaused() ? (switches.pausedUntil ?? undefined) : undefined),
    /** null: the configuration's mode counts. */
    switchedMode: (): Mode | null => switches.mode,
    setMode: (mode: Mode): Promise<void> => change({ mode }),
    pause: (forMs?: number): Promise<void> =>
      change({ pausedUntil: forMs === undefined ? 0 : clock.now() + forMs }),
    resume: (): Promise<void> => change({ pausedUntil: null }),
    /** What the configuration says, without what was switched. */
    configured: (): Policy => configured,
    /** The configuration was read again; what was switched stays so. */
    configure: (by: Policy): void => void (configured = by),
    /** Picks up what another process switched. */
    reload,
  };
}
