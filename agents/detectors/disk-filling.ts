// Disk filling: believed forecasts say that it will be full within days. Only told: there is time for a person to
// decide. Once it is nearly full, the finding "disk" says so.
import type { Detector } from "../detector.ts";
import { keepsData } from "./disk.ts";
import { makeFinding, percent } from "./make-finding.ts";
import { forecastFacts, timeLeftText } from "./time-left.ts";

const SOON_SECONDS = 3 * 86_400;
/** What was foretold for a quarter of an hour is no news of days. */
const FAR_SECONDS = 3_600;
/** Two looks and some patience. */
const LATEST_MS = 3 * 3_600_000;

export const diskFilling: Detector = (view) => {
  if (!keepsData(view)) return [];
  return view.predictions.flatMap((one) => {
    const { name, measuredOn: mount, standing, untilLimit: left, last, at } = one;
    if (name !== "disk" || one.aheadSeconds < FAR_SECONDS || view.now - at > LATEST_MS) return [];
    if (standing.status !== "shown" || left === undefined || left === "never") return [];
    if (last >= view.thresholds.disk) return [];
    return [
      makeFinding(view, {
        kind: "disk-filling" as const,
        since: at,
        severity: left.lo <= SOON_SECONDS ? "warning" : "info",
        summary: `The disk at ${mount} is ${percent(last)} full, and will be full in ${timeLeftText(left)}.`,
        facts: { mount, value: last, ...forecastFacts(left), error: standing.error ?? null },
        signals: [],
        variant: mount,
      }),
    ];
  });
};
