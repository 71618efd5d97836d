// Disk: nearly full. Disks are shared by everything on the machine, so only a service that keeps something on them
// (files, log files, a database) has the symptom; below the threshold it is a warning only while the disk fills up.
import { only } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { makeFinding, percent } from "./make-finding.ts";
import { level } from "./sustained.ts";

const FILLING = 0.01;

export const disk: Detector = (view) => {
  if (!keepsData(view)) return [];
  const threshold = view.thresholds.disk;
  const mounts = Map.groupBy(
    only(view.signals, "metric").filter((one) => one.name === "disk"),
    (one) => one.of,
  );
  return [...mounts].flatMap(([mount, series]) => {
    const high = level(series, threshold, view.now);
    if (high === undefined) return [];
    const filling = high.risen >= FILLING;
    return [
      makeFinding(view, {
        kind: "disk" as const,
        since: high.since,
        severity: high.severity === "critical" ? "critical" : filling ? "warning" : "info",
        summary: `The disk at ${mount} is ${percent(high.value)} full (limit ${percent(threshold)})${filling ? ", and fills up" : ""}.`,
        facts: { value: high.value, threshold, mount, filling },
        signals: high.signals,
        variant: mount,
      }),
    ];
  });
};

/** Whose trouble a full disk is. */
export function keepsData({ service }: View): boolean {
  const logsToFile = service.logs.some((one) => one.kind === "file");
  return (
    service.files !== undefined ||
    service.cleanUp !== undefined ||
    logsToFile ||
    (service.database !== undefined && service.runtime !== undefined)
  );
}
