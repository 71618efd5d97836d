// The running instance before an action that starts or signals it. Such an action has nothing to put back; taking it
// back means the service is no worse off than before: it runs if it ran.
import { z } from "zod";
import { jsonObjectSchema } from "../../domain/json.ts";
import { runStatuses } from "../../domain/signal.ts";
import type { ActionContext, Captured } from "../action.ts";
import type { ServiceState } from "../target.ts";
import { needTarget, stateOf } from "./checked.ts";

const instanceSchema = z.object({
  status: z.enum(runStatuses),
  instance: z.string(),
  startedAt: z.number().nullable(),
  /** The runtime's own description (container inspect, command), for whoever reads the backup. */
  runtime: jsonObjectSchema,
});
export type Instance = z.infer<typeof instanceSchema>;

export const STAYS_STOPPED = "its operator has stopped it since, and it stays so";

export async function captureInstance(context: ActionContext): Promise<Captured> {
  const target = needTarget(context);
  const { status, instance, startedAt } = await target.state(context.signal);
  const runtime = await target.describe(context.signal);
  return { state: { status, instance, startedAt: startedAt ?? null, runtime }, files: [] };
}

export function instanceIn(captured: Captured): Instance {
  return stateOf(instanceSchema, "a running instance", captured.state);
}

/** Started after the capture. Some runtimes keep an instance's name across starts, so the time counts too. */
export function isNewer(now: ServiceState, captured: Instance): boolean {
  const laterStart = (now.startedAt ?? 0) > (captured.startedAt ?? 0);
  return now.instance === captured.instance ? laterStart : now.instance !== "";
}

/** Starts what ran when it was captured and does not run now, unless its operator has stopped it since; else does nothing. */
export async function bringBack(captured: Captured, context: ActionContext): Promise<string> {
  const target = needTarget(context);
  const before = instanceIn(captured);
  const now = await target.state(context.signal);
  if (before.status !== "running" || now.status === "running") return "nothing to put back";
  if (now.stoppedByOperator) return STAYS_STOPPED;
  await target.start(context.signal);
  return `it was ${now.status}; started it again`;
}

export async function noWorse(captured: Captured, context: ActionContext) {
  const before = instanceIn(captured);
  const now = await needTarget(context).state(context.signal);
  const ok = before.status !== "running" || now.status === "running" || now.stoppedByOperator;
  return { ok, text: `it was ${before.status} before and is ${now.status} now` };
}
