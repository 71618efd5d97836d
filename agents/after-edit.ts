// What must follow a change of a service's files, so that the service reads them: as the configuration says. And what
// must follow when there is room again.
import type { Finding } from "../domain/finding.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Service } from "../domain/service.ts";

const EDITS: readonly string[] = ["edit-setting", "edit-settings", "restore-files"];
/** A program that ended for want of room has to be started. */
const CLEARS: readonly string[] = ["free-space", "remove-images", "remove-containers"];
/** Symptoms of a process that is not there: it cannot reload, and has to be started in any case. */
const DOWN: readonly Finding["kind"][] = ["exited", "crash-loop", "oom-killed"];

interface Step {
  action: string;
  params: JsonObject;
}

/** All steps in their order: whatever follows a clearing (does it write again?) follows the start, too. */
export function withAfterEdit(
  steps: readonly Step[],
  service: Service,
  findings: readonly Finding[],
): Step[] {
  const down = findings.some((one) => one.service === service.name && DOWN.includes(one.kind));
  const cleared = steps.findLastIndex((one) => CLEARS.includes(one.action));
  if (service.runtime && down && cleared >= 0) {
    return steps.toSpliced(cleared + 1, 0, { action: "start", params: {} });
  }
  return [...steps, ...afterEdit(steps, service, down)];
}

/** No step where nothing was edited, nothing of ours runs, or the service reads its files by itself. */
function afterEdit(steps: readonly Step[], service: Service, down: boolean): Step[] {
  if (!service.runtime || !steps.some((one) => EDITS.includes(one.action))) return [];
  const after = service.files?.afterEdit ?? "none";
  if (after === "restart") return [{ action: "restart", params: {} }];
  if (down) return [{ action: "start", params: {} }];
  return after === "none" ? [] : [{ action: "reload", params: { signal: after.reload } }];
}
