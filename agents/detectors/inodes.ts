// Inodes: a file system has room, but hardly any file entries left: "no space left" though df shows space.
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { keepsData } from "./disk.ts";
import { makeFinding, percent } from "./make-finding.ts";
import { level } from "./sustained.ts";

const CRITICAL = 0.95;

export const inodes: Detector = (view) => {
  if (!keepsData(view)) return [];
  const mounts = Map.groupBy(
    only(view.signals, "metric").filter((one) => one.name === "inodes"),
    (one) => one.of,
  );
  return [...mounts].flatMap(([mount, series]) => {
    const high = level(series, CRITICAL, view.now);
    if (high === undefined) return [];
    return [
      makeFinding(view, {
        kind: "inodes" as const,
        since: high.since,
        severity: high.severity,
        summary: `The file system at ${mount} has used ${percent(high.value)} of its file entries (inodes).`,
        facts: { value: high.value, mount },
        signals: high.signals,
        variant: mount,
      }),
    ];
  });
};
