// The hash that binds a verdict, an approval and a backup to exactly the actions that were looked at.
import { createHash } from "node:crypto";
import { canonicalJson } from "../domain/json.ts";
import type { PlannedAction } from "../domain/plan.ts";

/** sha256, in hex, over the actions with their services and parameters. Order counts, the order of keys does not. */
export function planHash(actions: readonly PlannedAction[]): string {
  const plain = actions.map(({ step, action, service, params, effect }) => ({
    step,
    action,
    service,
    params,
    effect,
  }));
  return createHash("sha256").update(canonicalJson(plain)).digest("hex");
}
