// Fragmentation: Redis holds much more of the machine's memory than what it stores needs. Of a small store the ratio
// says nothing.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

const RATIO = 1.5;
const FEWEST_BYTES = 64 * 1024 * 1024;
const IN_A_ROW = 3;

export const fragmentation: Detector = (view) => {
  const database = databaseView(view);
  if (database === undefined) return [];
  const held = database.held(
    "fragmentation-bytes",
    (bytes, { numbers }) => bytes >= FEWEST_BYTES && (numbers.fragmentation ?? 0) >= RATIO,
  );
  if (held.length < IN_A_ROW) return [];
  const [ratio = 0, bytes = 0] = [database.number("fragmentation"), database.number("fragmentation-bytes")];
  return [
    makeFinding(view, {
      kind: "fragmentation",
      since: held[0]?.at ?? view.now,
      severity: "warning",
      summary: `${view.service.name} holds ${ratio} times the memory that it needs: ${Math.round(bytes / 1024 ** 2)} MB are lost between its values.`,
      facts: { ratio, bytes },
      signals: held.slice(-3),
    }),
  ];
};
