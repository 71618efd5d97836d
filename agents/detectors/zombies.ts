// Zombies: children of the service that ended and that it never collected. A few are the way of things; many are a leak
// that ends when the machine has no process numbers left.
import type { Detector, View } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { sustained } from "./sustained.ts";

/** Critical here, a warning from 80 % of it on. */
const MANY = 500;

export const zombies: Detector = (view) => {
  const high = sustained(view, "zombies", MANY);
  if (high === undefined && !isPiling(view)) return [];
  const last = view.signals.findLast((one) => one.kind === "metric" && one.name === "zombies");
  if (last?.kind !== "metric") return [];
  return [
    makeFinding(view, {
      kind: "zombies",
      since: high?.since ?? last.at,
      severity: high?.severity ?? "info",
      summary: `${view.service.name} has ${last.value} ended children that it has not collected.`,
      facts: { value: last.value },
      signals: high?.signals ?? [last],
    }),
  ];
};

/** Fifty are worth a word before they are a trouble. */
function isPiling(view: View): boolean {
  const counts = sustained(view, "zombies", FEWEST_TOLD);
  return counts?.severity === "critical";
}

const FEWEST_TOLD = 50;
