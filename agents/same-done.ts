// Did somebody else do what a plan would have done? Each action can tell whether the world is in the state that it aims at;
// what it saw when the decision was made is kept, and looked at again. Only looks: nothing is changed.
import type { PlannedAction } from "../domain/plan.ts";
import type { BaselineStep } from "../knowledge/records.ts";
import type { Captured } from "../tools/action.ts";
import type { Workbench } from "./workbench.ts";

type Bench = Pick<Workbench, "lay">;

/** More is not kept beside a decision: it is captured again when it is asked for. */
const MOST_STATE = 4_000;

/**
 * undefined: it cannot be told, because an action could not look, or the world is in the wanted state already (a reload, a
 * program that hangs while it runs).
 */
export async function baselineOf(
  workbench: Bench,
  { actions }: { actions: readonly PlannedAction[] },
  signal?: AbortSignal,
): Promise<BaselineStep[] | undefined> {
  const steps: BaselineStep[] = [];
  let isSo = true;
  for (const planned of actions) {
    try {
      const { action, params, context } = workbench.lay(planned, signal);
      const captured = await action.capture(params, context);
      isSo &&= (await action.verify(params, captured, context)).ok;
      steps.push({ action: planned.action, service: planned.service, params, state: small(captured) });
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }
  return isSo ? undefined : steps;
}

/** Whether every step is as the plan would have left it. What cannot be looked at was not done. */
export async function isSameDone(workbench: Bench, steps: readonly BaselineStep[]): Promise<boolean> {
  for (const { state, ...step } of steps) {
    try {
      const { action, params, context } = workbench.lay({ ...step, params: asParams(step.params) });
      const captured = state === null ? await action.capture(params, context) : { state, files: [] };
      if (!(await action.verify(params, captured, context)).ok) return false;
    } catch {
      return false;
    }
  }
  return steps.length > 0;
}

/** Contents of files may be secret and large: they stay where they are. */
function small({ state, files }: Captured): BaselineStep["state"] {
  return files.length === 0 && JSON.stringify(state).length <= MOST_STATE ? state : null;
}

function asParams(params: BaselineStep["params"]): PlannedAction["params"] {
  return params !== null && typeof params === "object" && !Array.isArray(params) ? params : {};
}
