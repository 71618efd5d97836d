// Workbench: what the fix engineer and the backup manager share when they handle a plan's actions. An action
// gets a context bound to one service, and its parameters are validated again before every use: a plan may
// come from a checkpoint that is older than the program.
import { HealError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { PlannedAction } from "../domain/plan.ts";
import type { Service } from "../domain/service.ts";
import type { Journal, JournalEntry } from "../knowledge/records.ts";
import type { Action, ActionContext, Actions } from "../tools/action.ts";

export interface Surroundings {
  service: Service;
  target: ActionContext["target"];
  files: ActionContext["files"];
}

export interface WorkbenchParts {
  actions: Actions;
  journal: Journal;
  /** undefined: no service of that name is configured or discovered. */
  surroundings(service: string): Surroundings | undefined;
}

export interface Bench {
  action: Action;
  params: JsonObject;
  context: ActionContext;
}

/** Longest that one capture, apply, verify or undo may take, where the action itself says nothing. */
const ACTION_LIMIT_MS = 60_000;

export function makeWorkbench({ actions, journal, surroundings }: WorkbenchParts) {
  return {
    journal,
    actions,

    /** HealError "unknown-action", "unknown-service", or "bad-params" when the step cannot be carried out here. */
    lay(step: Pick<PlannedAction, "action" | "service" | "params">, signal?: AbortSignal): Bench {
      const action = actions.get(step.action);
      if (!action) {
        throw new HealError(`There is no action "${step.action}".`, {
          code: "unknown-action",
          hint: `Known are: ${actions
            .all()
            .map((one) => one.name)
            .join(", ")}.`,
        });
      }
      const about = surroundings(step.service);
      if (!about) {
        throw new HealError(
          `No service "${step.service}" is configured or labelled, so nothing there is touched.`,
          {
            code: "unknown-service",
          },
        );
      }
      const params = action.params.safeParse(step.params);
      if (!params.success) {
        throw new HealError(`The parameters of "${step.action}" do not fit: ${params.error.message}`, {
          code: "bad-params",
        });
      }
      const limit = AbortSignal.timeout(action.limitMs ?? ACTION_LIMIT_MS);
      return {
        action,
        params: params.data,
        context: { ...about, signal: signal ? AbortSignal.any([signal, limit]) : limit },
      };
    },

    async entries(runId: string, planId: string): Promise<Map<number, JournalEntry>> {
      const entries = await journal.ofPlan(runId, planId);
      return new Map(entries.map((entry) => [entry.step, entry]));
    },
  };
}
export type Workbench = ReturnType<typeof makeWorkbench>;
