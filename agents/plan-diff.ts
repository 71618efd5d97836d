// What a plan would change, for the person who must approve it: each action with its parameters, and a patch of each file.
// Only looks; what is secret is masked.
import type { Json } from "../domain/json.ts";
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { FixPlan, PlannedAction } from "../domain/plan.ts";
import { shownDiffOf } from "../tools/backup-diff.ts";
import { clearLines, clearsOfAction } from "./plan-clears.ts";
import type { Workbench } from "./workbench.ts";

const LONGEST = 20_000;
/** Of what is there now; more helps nobody who decides. */
const LONGEST_STATE = 200;

/** Never rejects for an action that cannot look: it says so, and the person decides with that. */
export async function planDiff(
  workbench: Pick<Workbench, "lay">,
  { actions }: Pick<FixPlan, "actions">,
  signal?: AbortSignal,
): Promise<string> {
  const parts: string[] = [];
  for (const planned of actions) parts.push(await stepDiff(workbench, planned, signal));
  const text = withoutSecrets(parts.join("\n"));
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}\n… (more is in the run)` : text;
}

async function stepDiff(
  workbench: Pick<Workbench, "lay">,
  planned: PlannedAction,
  signal?: AbortSignal,
): Promise<string> {
  const clears = clearsOfAction(planned);
  const given = clears === undefined ? params(planned.params) : `\n   ${clearLines(clears).join("\n   ")}`;
  const head = `${planned.step}. ${planned.action} ${planned.service}${given}`;
  try {
    const { action, params: checked, context } = workbench.lay(planned, signal);
    const captured = await action.capture(checked, context);
    const files = action.wouldBe?.(checked, captured);
    if (files !== undefined)
      return [head, ...shownDiffOf(captured.files, files).map((one) => one.patch)].join("\n");
    const words = `${head}\n   ${action.summary}. To take it back: ${action.undoes}.`;
    const preview = action.preview?.(checked, captured);
    return preview === undefined ? `${words}${now(captured.state)}` : `${words}\n${preview}`;
  } catch (error) {
    signal?.throwIfAborted();
    return `${head}\n   Its present state could not be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const params = (given: PlannedAction["params"]): string =>
  Object.keys(given).length === 0 ? "" : ` ${JSON.stringify(given)}`;

function now(state: Json): string {
  const text = JSON.stringify(state);
  return state === null || text.length > LONGEST_STATE ? "" : ` Now: ${text}`;
}
