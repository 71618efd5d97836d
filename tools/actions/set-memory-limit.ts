// set-memory-limit: an absolute limit in bytes, a bounded step from the old one and within the owner's limit.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import { jsonObjectSchema } from "../../domain/json.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import { beyondLimit, needTarget, stateOf } from "./checked.ts";

const largestFactor = 2;
const paramsSchema = z.strictObject({ bytes: z.int().min(4_194_304) });
const stateSchema = z.object({ limitBytes: z.number().nullable(), runtime: jsonObjectSchema });

export const setMemoryLimit: Action<z.infer<typeof paramsSchema>> = {
  name: "set-memory-limit",
  summary: "Sets how much memory the service may use, in bytes",
  undoes: "sets the limit there was, or lifts it where there was none, unless the service uses more by now",
  class: "limit",
  needsTarget: true,
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  async capture({ bytes }, context) {
    const runtime = await needTarget(context).describe(context.signal);
    const limitBytes = await presentLimit(context);
    await assertWithin(bytes, limitBytes, context);
    return { state: { limitBytes, runtime }, files: [] };
  },
  async apply({ bytes }, captured, context) {
    // Once it is set the service may use more than before, so the bounds are those of the time before.
    if ((await presentLimit(context)) !== bytes) await assertWithin(bytes, before(captured), context);
    return setTo(bytes, context);
  },
  verify: ({ bytes }, _captured, context) => compare(bytes, context),
  async undo({ bytes }, captured, context) {
    await assertMayGoBack(bytes, before(captured), context);
    return setTo(before(captured), context);
  },
  verifyUndo: (_params, captured, context) => compare(before(captured), context),
};

function before(captured: Captured): number | null {
  return stateOf(stateSchema, "set-memory-limit", captured.state).limitBytes;
}

/** A service that does not run uses nothing; then the runtime's description is asked. null: no limit. */
async function presentLimit(context: ActionContext): Promise<number | null> {
  const target = needTarget(context);
  const use = await target.use(context.signal);
  if (use !== undefined) return use.memoryLimitBytes ?? null;
  const described = (await target.describe(context.signal))["memoryLimitBytes"];
  if (typeof described === "number") return described > 0 ? described : null;
  if (described === null) return null;
  throw new HealError(`the memory limit of ${context.service.name} is not known while it does not run`, {
    code: "limit-unknown",
    hint: "start the service first",
  });
}

async function setTo(bytes: number | null, context: ActionContext): Promise<string> {
  const now = await presentLimit(context);
  if (now === bytes) return `the limit is ${inWords(bytes)} already`;
  await needTarget(context).setMemoryLimit(bytes ?? undefined, context.signal);
  return `changed the limit from ${inWords(now)} to ${inWords(bytes)}`;
}

async function compare(bytes: number | null, context: ActionContext) {
  const now = await presentLimit(context);
  return { ok: now === bytes, text: `the limit is ${inWords(now)}; ${inWords(bytes)} is wanted` };
}

async function assertWithin(bytes: number, old: number | null, context: ActionContext): Promise<void> {
  const { service } = context;
  const most = service.limits.maxMemoryBytes;
  if (most === undefined || bytes > most) {
    const allowed = most === undefined ? "the owner allows no change" : `the owner allows ${most}`;
    throw beyondLimit(
      `${bytes} bytes of memory were asked for ${service.name}; ${allowed}`,
      "set limits.maxMemory of the service to what the machine can give",
    );
  }
  if (old !== null && (bytes > old * largestFactor || bytes < old / largestFactor)) {
    throw beyondLimit(
      `from ${old} to ${bytes} bytes is more than a factor of ${largestFactor} in one step`,
      "take smaller steps",
    );
  }
  const used = (await needTarget(context).use(context.signal))?.memoryBytes ?? 0;
  if (bytes < used) {
    throw beyondLimit(
      `${service.name} uses ${used} bytes; a limit of ${bytes} would kill it`,
      "restart it first",
    );
  }
}

/** HealError "undo-conflict": somebody else has set another one since; "limit-in-use": the old one would end the service. */
async function assertMayGoBack(ours: number, old: number | null, context: ActionContext): Promise<void> {
  const now = await presentLimit(context);
  if (now === old) return;
  if (now !== ours) {
    throw new HealError(`the limit was set to ${inWords(now)} by someone else since`, {
      code: "undo-conflict",
      hint: `decide by hand; it was ${inWords(old)}`,
    });
  }
  const used = (await needTarget(context).use(context.signal))?.memoryBytes ?? 0;
  if (old === null || used <= old) return;
  // The kernel makes room by killing (cgroup v2, memory.max), or refuses (v1).
  throw new HealError(
    `${context.service.name} uses ${used} bytes by now; the old limit of ${old} would kill it`,
    {
      code: "limit-in-use",
      hint: "stop or restart it first",
    },
  );
}

function inWords(bytes: number | null): string {
  return bytes === null ? "no limit" : `${bytes} bytes`;
}
