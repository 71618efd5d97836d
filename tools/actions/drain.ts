// drain: the service gets no new requests from its proxy, and what was under way is done, or has had its time. Where the
// proxy is down, too, nobody has to be led away from a replica that does not run: its start need not wait for the proxy.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Rotation } from "../../domain/service.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import { stateOf } from "./checked.ts";
import { isAway, type Place, placeOf, putBack, takeOut } from "../rotation.ts";

const NAME = "drain";
const paramsSchema = z.strictObject({});
const stateSchema = z.object({
  /** Who was out before was taken out by somebody else. */
  out: z.literal(false),
  /** The proxy was away while the replica did not run: nothing was done. */
  silent: z.boolean().default(false),
});
const LOOK_EVERY_MS = 50;
/** Longer than two waits for what is under way, of at most five minutes each (rotation.within). */
const DRAIN_LIMIT_MS = 630_000;

export const drain: Action<z.infer<typeof paramsSchema>> = {
  name: NAME,
  summary: "Takes one replica out of its proxy's rotation, and waits until its requests are done",
  undoes: "puts the replica back in rotation",
  class: "restart",
  effect: "reversible",
  risk: "low",
  params: paramsSchema,
  limitMs: DRAIN_LIMIT_MS,
  // The restart that may follow another undo is no customer's trouble.
  undoneLast: true,
  downtimeMs: () => 0,

  async capture(_params, context) {
    const place = await placeOrSilence(context);
    if (place?.out) throw takenOutBefore(context);
    return { state: { out: false, silent: place === undefined }, files: [] };
  },
  async apply(_params, captured, context) {
    const rotation = rotationOf(context);
    if (wasSilent(captured)) return `${silence(rotation)}, and nobody is served here: nothing to take out`;
    if (!(await placeOf(rotation, context.signal)).out) await takeOut(rotation, context.signal);
    return `out of rotation of ${rotation.of}; ${await untilIdle(rotation, context.signal)}`;
  },
  // After a crash in the middle of the wait its rest is waited for here.
  async verify(_params, captured, context) {
    const rotation = rotationOf(context);
    if (wasSilent(captured)) return { ok: true, text: silence(rotation) };
    const { out, idle } = await placeOf(rotation, context.signal);
    if (out && idle === false) await untilIdle(rotation, context.signal);
    return stands(true, context);
  },
  async undo(_params, captured, context) {
    if (wasSilent(captured)) return "it was not taken out";
    const rotation = rotationOf(context);
    if (!(await placeOf(rotation, context.signal)).out) return "it is in rotation already";
    await putBack(rotation, context.signal);
    return `back in rotation of ${rotation.of}`;
  },
  async verifyUndo(_params, captured, context) {
    return wasSilent(captured) ? { ok: true, text: "it was not taken out" } : stands(false, context);
  },
};

function wasSilent({ state }: Captured): boolean {
  return stateOf(stateSchema, NAME, state).silent;
}

export const silence = ({ of }: Rotation): string => `the proxy of ${of} is away`;

/** undefined: nothing listens at the proxy's door, and the replica does not run. HealError "proxy-refused" otherwise. */
export async function placeOrSilence(context: ActionContext): Promise<Place | undefined> {
  const { target, signal } = context;
  try {
    return await placeOf(rotationOf(context), signal);
  } catch (error) {
    if (isAway(error) && (await target?.state(signal))?.status === "exited") return undefined;
    throw error;
  }
}

/** HealError "no-rotation" where the configuration does not say how it is taken out. */
export function rotationOf({ service }: ActionContext): Rotation {
  if (service.rotation !== undefined) return service.rotation;
  throw new HealError(`the configuration does not say how ${service.name} is taken out of rotation`, {
    code: "no-rotation",
    hint: "give the service rotation in the configuration",
  });
}

export async function stands(out: boolean, context: ActionContext) {
  const now = await placeOf(rotationOf(context), context.signal);
  return { ok: now.out === out, text: placeText(now) };
}

export const placeText = ({ out }: Place): string => (out ? "it is out of rotation" : "it is in rotation");

/** Never longer than its owner allows: what hangs in it will not end by waiting. */
async function untilIdle(rotation: Rotation, signal: AbortSignal): Promise<string> {
  const start = performance.now();
  for (;;) {
    const { idle } = await placeOf(rotation, signal);
    const waited = performance.now() - start;
    if (idle === true) return `its requests were done after ${Math.round(waited)} ms`;
    const left = rotation.withinMs - waited;
    if (left <= 0)
      return `waited ${rotation.withinMs} ms${idle === false ? ", and some are still under way" : ""}`;
    await sleep(idle === undefined ? left : Math.min(LOOK_EVERY_MS, left), undefined, { signal });
  }
}

/** Whoever did it is at work there, and does not expect it to be started or put back. */
function takenOutBefore({ service }: ActionContext): HealError {
  return new HealError(`${service.name} was taken out of rotation by somebody else, so it is left to them.`, {
    code: "drained-before",
    hint: "Put it back in rotation when the work there is done; then opsmedic repairs it.",
  });
}
