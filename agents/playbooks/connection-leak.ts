// It keeps connections that the other side has closed long ago, until it has no room for new ones.
import {
  dependenciesWell,
  human,
  inOperation,
  loadSteady,
  playbook,
  RESTART,
  running,
  SAME_INSTANCE,
  unchanged,
} from "./common-checks.ts";

export const connectionLeak = playbook({
  id: "connection-leak",
  title: "It forgets to close connections",
  vocabulary: [
    "CLOSE_WAIT",
    "connection leak",
    "half-open",
    "socket not closed",
    "leaked connections",
    "pool exhausted",
    "too many connections",
    "stale connections",
    "keep-alive",
    "netstat",
  ],
  appliesTo: ["error-rate", "latency", "hung", "log-errors", "unreachable", "open-files"],
  cause: "It forgets its connections ({forgotten}).",
  prior: 3_200,
  checks: [
    {
      id: "forgotten",
      question: "Does it hold many connections that the other side has closed?",
      observe: "half-closed",
      expect: { atLeast: 50 },
      weight: 4_600,
      against: 8_500,
      discriminates: ["degraded-process", "hang", "timeout-too-short"],
    },
    running({ weight: 500, against: 6_000, discriminates: ["process-crash"] }),
    dependenciesWell({ weight: 400, against: 2_000, discriminates: ["dependency-down"] }),
    loadSteady({ weight: 300, against: 1_000, discriminates: ["resource-saturation"] }),
    unchanged({ weight: 300, against: 1_000 }),
    inOperation({ weight: 200, against: 200 }),
  ],
  predicts: [
    SAME_INSTANCE,
    {
      id: "still-forgotten",
      question: "Does it still hold them?",
      observe: "half-closed",
      expect: { atLeast: 25 },
    },
  ],
  fixes: [RESTART, human("Find the code that does not close its connections")],
});
