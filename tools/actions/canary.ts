// Where a service runs several times, one is restarted first and watched; the others follow only when it stays up. The
// original, which has the published address, comes last, so that somebody serves all the time.
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { jsonObjectSchema } from "../../domain/json.ts";
import type { ActionContext, Captured } from "../action.ts";
import type { CopyState } from "../target.ts";
import { needTarget, stateOf } from "./checked.ts";

const copySchema = z.object({ number: z.int(), instance: z.string() });
// Backups of a time before replicas were captured have none.
const stateSchema = z.object({ copies: z.array(copySchema).default([]) });

/** How long the first must stay up … */
const WATCH_MS = 3_000;
/** … and how long its health check may take to answer. */
const HEALTHY_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 200;

/** The captured instance with its replicas that run. */
export async function withCopies(captured: Captured, context: ActionContext): Promise<Captured> {
  const copies = (await copiesNow(context)).filter((one) => one.status === "running");
  if (copies.length === 0) return captured;
  const own = jsonObjectSchema.parse(captured.state);
  const state = { ...own, copies: copies.map(({ number, instance }) => ({ number, instance })) };
  return { ...captured, state };
}

/** Captured replicas of which the same instance still runs; one that is gone has nothing to renew. */
export async function oldCopies(captured: Captured, context: ActionContext): Promise<CopyState[]> {
  const before = copiesIn(captured);
  if (before.length === 0) return [];
  return (await copiesNow(context)).filter((now) =>
    before.some((one) => one.number === now.number && one.instance === now.instance),
  );
}

/**
 * How many there were. May be called again after a crash: what is renewed already is left. HealError "canary-failed" when the
 * first does not stay up: the others, and the original, were not touched.
 */
export async function renewCopies(captured: Captured, context: ActionContext): Promise<number> {
  const before = copiesIn(captured);
  const [canary] = before;
  if (canary === undefined) return 0;
  const old = await oldCopies(captured, context);
  const { copies } = needTarget(context);
  if (old.some((one) => one.number === canary.number)) await copies?.restart(canary.number, context.signal);
  await staysUp(canary.number, context);
  for (const { number } of old.filter((one) => one.number !== canary.number))
    await copies?.restart(number, context.signal);
  return before.length;
}

/** What ran when it was captured, and does not run now, is started. */
export async function bringCopiesBack(captured: Captured, context: ActionContext): Promise<void> {
  const before = copiesIn(captured);
  if (before.length === 0) return;
  const down = (await copiesNow(context)).filter(
    (now) => now.status !== "running" && before.some((one) => one.number === now.number),
  );
  for (const { number } of down) await needTarget(context).copies?.restart(number, context.signal);
}

async function staysUp(number: number, context: ActionContext): Promise<void> {
  const start = performance.now();
  for (;;) {
    const now = (await copiesNow(context)).find((one) => one.number === number);
    const waited = performance.now() - start;
    const starting = now?.health === "starting";
    if (now?.status !== "running" || now.health === "unhealthy" || (starting && waited > HEALTHY_WITHIN_MS))
      throw canaryFailed(number, now, context);
    if (waited >= WATCH_MS && !starting) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal });
  }
}

function canaryFailed(number: number, now: CopyState | undefined, { service }: ActionContext): HealError {
  const how = now === undefined ? "gone" : now.status === "running" ? now.health : now.status;
  return new HealError(
    `Replica ${number} of ${service.name} was restarted first and is ${how}, so the others were left as they are.`,
    { code: "canary-failed", hint: "A restart does not help here; look at the replica's last lines." },
  );
}

const copiesIn = (captured: Captured) => stateOf(stateSchema, "restart", captured.state).copies;

const copiesNow = async (context: ActionContext): Promise<CopyState[]> =>
  (await needTarget(context).copies?.list(context.signal)) ?? [];
