// Data disk: the file system is full on which a database server writes, wherever that is. Two looks in a row: what a
// statement sorts on disk comes and goes.
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { keepsData } from "./disk.ts";
import { makeFinding, percent } from "./make-finding.ts";

const LOOKS = 2;

export const dataDisk: Detector = (view) => {
  const database = databaseView(view);
  const mount = database?.word("volume");
  if (database === undefined || mount === undefined) return [];
  const threshold = view.thresholds.disk;
  const held = database.held(
    "volume-share",
    (value, look) => value >= threshold && look.words.volume === mount,
  );
  const [first, last] = [held[0], held.at(-1)];
  if (first === undefined || last === undefined || held.length < LOOKS) return [];
  // Said already, as a disk of the machine.
  const ofMachine = only(view.signals, "metric").findLast((one) => one.name === "disk" && one.of === mount);
  if (keepsData(view) && (ofMachine?.value ?? 0) >= threshold) return [];
  const [value = 1, free] = [last.numbers["volume-share"], last.numbers["volume-free-bytes"]];
  const left = free === undefined ? "" : `, ${Math.floor(free / 1024 ** 2)} MB are free`;
  return [
    makeFinding(view, {
      kind: "disk",
      since: first.at,
      severity: "critical",
      summary: `The disk at ${mount}, on which ${view.service.name} writes, is ${percent(value)} full${left} (limit ${percent(threshold)}).`,
      facts: { value, threshold, mount, freeBytes: free ?? null },
      signals: held,
      variant: mount,
    }),
  ];
};
