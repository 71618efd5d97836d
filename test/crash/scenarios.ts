// The healings that are killed at every boundary, and how each must end.
import type { Scenario } from "./every-boundary.ts";
import { AFTER, BEFORE } from "./site.ts";

export const scenarios: readonly Scenario[] = [
  {
    trouble: "killed",
    expected: {
      world: { file: BEFORE, starts: 2, runs: true },
      runs: ["ended healed"],
      journal: ["verified"],
      incident: "RESOLVED",
      cases: [{ fix: "start", outcome: "healed", undone: false }],
    },
  },
  {
    trouble: "asks-too-fast",
    // Until then it is what the first one is killed in.
    from: /^before backUp/,
    expected: {
      world: { file: AFTER, starts: 2, runs: true },
      runs: ["ended healed"],
      journal: ["verified", "verified"],
      incident: "RESOLVED",
      cases: [{ fix: "ask-slower", outcome: "healed", undone: false }],
    },
  },
  {
    trouble: "asks-in-vain",
    from: /^before validate/,
    expected: {
      // Started by hand, by the fix, and once more after the file was put back.
      world: { file: BEFORE, starts: 3, runs: true },
      runs: ["ended rolled-back"],
      journal: ["undone", "undone"],
      incident: "ESCALATED",
      cases: [{ fix: "ask-slower", outcome: "not-healed", undone: true }],
    },
  },
];
