// put-back: the service gets requests from its proxy again, once its own health checks say that it is well.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import type { Prober } from "../probe.ts";
import { isAway, type Place, placeOf, putBack, takeOut } from "../rotation.ts";
import { stateOf } from "./checked.ts";
import { placeOrSilence, placeText, rotationOf, silence, stands } from "./drain.ts";

const paramsSchema = z.strictObject({});
const stateSchema = z.object({
  out: z.boolean(),
  /** The proxy was away while the replica did not run: it may still be away. */
  silent: z.boolean().default(false),
});

export const PUT_BACK = "put-back";
/** How long it may take to come up. */
const WELL_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 100;
/** One good answer may come from what is just about to end. */
const GOOD_LOOKS = 2;

export function makePutBack(prober: Pick<Prober, "probe">): Action<z.infer<typeof paramsSchema>> {
  return {
    name: PUT_BACK,
    summary: "Puts a replica back in its proxy's rotation, once its health checks say that it is well",
    undoes: "takes the replica out again if it was out before",
    class: "restart",
    effect: "reversible",
    risk: "low",
    params: paramsSchema,
    downtimeMs: () => 0,

    async capture(_params, context) {
      const place = await placeOrSilence(context);
      return { state: { out: place?.out ?? false, silent: place === undefined }, files: [] };
    },
    async apply(_params, captured, context) {
      const rotation = rotationOf(context);
      const took = await untilWell(prober, context);
      const place = await placeNow(captured, context);
      if (place === undefined) return `well after ${took} ms; ${silence(rotation)}`;
      if (place.out) await putBack(rotation, context.signal);
      return `well after ${took} ms, and back in rotation of ${rotation.of}`;
    },
    async verify(_params, captured, context) {
      const place = await placeNow(captured, context);
      if (place === undefined) return { ok: true, text: silence(rotationOf(context)) };
      return { ok: !place.out, text: placeText(place) };
    },
    async undo(_params, captured, context) {
      if (!wasOut(captured)) return "nothing to take out";
      const rotation = rotationOf(context);
      if ((await placeOf(rotation, context.signal)).out) return "nothing to take out";
      await takeOut(rotation, context.signal);
      return `out of rotation of ${rotation.of} again`;
    },
    async verifyUndo(_params, captured, context) {
      // What was in rotation before the whole repair is put back by the drain's own undo, which comes later.
      return wasOut(captured) ? stands(true, context) : { ok: true, text: "it was in rotation before" };
    },
  };
}

/** undefined: the proxy is away, as it was before. HealError "proxy-refused" otherwise. */
async function placeNow({ state }: Captured, context: ActionContext): Promise<Place | undefined> {
  try {
    return await placeOf(rotationOf(context), context.signal);
  } catch (error) {
    const { silent } = stateOf(stateSchema, PUT_BACK, state);
    if (silent && isAway(error)) return undefined;
    throw error;
  }
}

function wasOut(captured: Captured): boolean {
  return stateOf(stateSchema, PUT_BACK, captured.state).out;
}

/** Milliseconds until each health check answered well, twice. HealError "replica-not-well". */
async function untilWell(prober: Pick<Prober, "probe">, context: ActionContext): Promise<number> {
  const start = performance.now();
  for (let good = 0; ; ) {
    const against = await complaint(prober, context);
    good = against === undefined ? good + 1 : 0;
    const took = Math.round(performance.now() - start);
    if (good === GOOD_LOOKS) return took;
    if (against !== undefined && took > WELL_WITHIN_MS) throw notWell(context, against);
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal });
  }
}

async function complaint(
  prober: Pick<Prober, "probe">,
  { service, target, signal }: ActionContext,
): Promise<string | undefined> {
  const status = (await target?.state(signal))?.status ?? "running";
  if (status !== "running") return `it is ${status}`;
  const answers = await Promise.all(service.health.map((one) => prober.probe(service, one, signal)));
  const bad = answers.find((one) => !one.ok);
  return bad && `${bad.probe}: ${bad.error ?? bad.failure ?? "it failed"}`;
}

function notWell({ service }: ActionContext, why: string): HealError {
  return new HealError(`${service.name} did not become well (${why}), so it gets no requests yet.`, {
    code: "replica-not-well",
    hint: "The repair did not help here; look at the replica's last lines.",
  });
}
