// A repair that starts a replica anew leaves its customers to the others meanwhile: it is drained first, and put back last.
import type { JsonObject } from "../domain/json.ts";
import type { Service } from "../domain/service.ts";

const DRAIN = "drain";
const PUT_BACK = "put-back";
/** After these another process serves than before, or the same one stands still. */
const STARTS_ANEW: readonly string[] = ["start", "restart", "roll-back-image"];

interface Step {
  action: string;
  params: JsonObject;
}

/** The same steps where the service is no replica behind a proxy, or runs on. */
export function oneReplica(steps: readonly Step[], { rotation }: Pick<Service, "rotation">): readonly Step[] {
  if (rotation === undefined || !steps.some((one) => STARTS_ANEW.includes(one.action))) return steps;
  return [{ action: DRAIN, params: {} }, ...steps, { action: PUT_BACK, params: {} }];
}
