// It burns CPU though there is no more to do than before: something inside loops, and a restart ends it.
import {
  dependenciesWell,
  human,
  inOperation,
  loadSteady,
  playbook,
  RESTART,
  SAME_INSTANCE,
  unchanged,
} from "./common-checks.ts";

export const cpuRunaway = playbook({
  id: "cpu-runaway",
  title: "Something inside loops",
  vocabulary: [
    "cpu",
    "busy loop",
    "spin",
    "regular expression",
    "infinite loop",
    "hot loop",
    "100 % CPU",
    "runaway process",
    "catastrophic backtracking",
  ],
  appliesTo: ["cpu", "latency", "hung"],
  cause: "It burns CPU without more work to do ({busy}; {load-steady}).",
  prior: 3_600,
  checks: [
    {
      id: "busy",
      question: "Is its CPU taken now?",
      observe: "cpu-now",
      expect: { atLeast: 0.7 },
      weight: 2_500,
      against: 5_000,
      discriminates: ["degraded-process", "hang"],
    },
    loadSteady({ weight: 2_000, against: 5_000, discriminates: ["resource-saturation"] }),
    inOperation({ weight: 500, against: 700 }),
    dependenciesWell({ weight: 300, against: 500 }),
    unchanged({ weight: 400, against: 1_000 }),
  ],
  predicts: [SAME_INSTANCE],
  fixes: [RESTART, human("Find out what loops: it comes back after a restart")],
});
