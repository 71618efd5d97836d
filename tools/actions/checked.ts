// What every action shares: parameters from a plan or the journal are checked again before each use, and the things
// it needs are there, or a HealError says what is missing.
import type { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Action, ActionContext } from "../action.ts";
import type { ServiceFiles } from "../service-files.ts";
import type { Target } from "../target.ts";

/** The action with its parameters parsed at every door. HealError "action-params". */
export function checked<Params extends JsonObject>(action: Action<Params>): Action {
  const parse = (params: JsonObject) => parsed(action, params);
  const { wouldBe, preview, ...plain } = action;
  return {
    ...plain,
    downtimeMs: (params) => action.downtimeMs(parse(params)),
    ...(wouldBe && { wouldBe: (params, captured) => wouldBe(parse(params), captured) }),
    ...(preview && { preview: (params, captured) => preview(parse(params), captured) }),
    capture: async (params, context) => action.capture(parse(params), context),
    apply: async (params, captured, context) => action.apply(parse(params), captured, context),
    verify: async (params, captured, context) => action.verify(parse(params), captured, context),
    undo: async (params, captured, context) => action.undo(parse(params), captured, context),
    verifyUndo: async (params, captured, context) => action.verifyUndo(parse(params), captured, context),
  };
}

function parsed<Params extends JsonObject>(action: Action<Params>, params: JsonObject): Params {
  const result = action.params.safeParse(params);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new HealError(`${action.name} does not take these parameters: ${problems.join("; ")}`, {
    code: "action-params",
  });
}

/** HealError "captured-unreadable" when a backup's state is not what this action wrote. */
export function stateOf<State>(schema: z.ZodType<State>, action: string, state: unknown): State {
  const result = schema.safeParse(state);
  if (result.success) return result.data;
  throw new HealError(`what was captured for ${action} cannot be read: ${result.error.message}`, {
    code: "captured-unreadable",
  });
}

export function needTarget({ target, service }: ActionContext): Target {
  if (target !== undefined) return target;
  throw new HealError(`nothing of ours runs for ${service.name}, so there is nothing to act on`, {
    code: "no-target",
    hint: "give the service a runtime (docker, compose or process) in the configuration",
  });
}

export function needFiles({ files, service }: ActionContext): ServiceFiles {
  if (files !== undefined) return files;
  throw new HealError(`the configuration names no files of ${service.name}`, {
    code: "no-files",
    hint: "give the service files.root and files.editable in the configuration",
  });
}

export function stale(what: string, hint: string): HealError {
  return new HealError(what, { code: "stale-plan", hint });
}

export function beyondLimit(what: string, hint: string): HealError {
  return new HealError(what, { code: "limit-exceeded", hint });
}
