// What must follow a change of a service's files, so that the service reads them: as the configuration says.
import type { Finding } from "../domain/finding.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Service } from "../domain/service.ts";

const EDITS: readonly string[] = ["edit-setting", "restore-files"];
/** Symptoms of a process that is not there: it cannot reload, and has to be started in any case. */
const DOWN: readonly Finding["kind"][] = ["exited", "crash-loop", "oom-killed"];

interface Step {
  action: string;
  params: JsonObject;
}

/** No step where nothing was edited, nothing of ours runs, or the service reads its files by itself. */
export function afterEdit(steps: readonly Step[], service: Service, findings: readonly Finding[]): Step[] {
  if (!service.runtime || !steps.some((one) => EDITS.includes(one.action))) return [];
  const after = service.files?.afterEdit ?? "none";
  const down = findings.some((one) => one.service === service.name && DOWN.includes(one.kind));
  if (after === "restart") return [{ action: "restart", params: {} }];
  if (down) return [{ action: "start", params: {} }];
  return after === "none" ? [] : [{ action: "reload", params: { signal: after.reload } }];
}
