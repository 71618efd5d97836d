// The container runs, but its own health check says no, while everything around it is well: it is restarted.
import {
  dependenciesWell,
  human,
  inOperation,
  playbook,
  RESTART,
  running,
  SAME_INSTANCE,
  unchanged,
} from "./common-checks.ts";

export const unhealthyContainer = playbook({
  id: "unhealthy-container",
  title: "The container's own health check fails",
  vocabulary: [
    "unhealthy",
    "healthcheck",
    "HEALTHCHECK",
    "health check failed",
    "health: unhealthy",
    "readiness",
    "liveness",
    "not ready",
    "probe failed",
  ],
  appliesTo: ["unhealthy"],
  cause: "The container runs, but its own health check fails ({unhealthy}).",
  prior: 3_800,
  checks: [
    running({ weight: 600, against: 8_000, discriminates: ["process-crash"] }),
    {
      id: "unhealthy",
      question: "Does its own health check fail now?",
      observe: "container-health",
      expect: { is: "unhealthy" },
      weight: 2_000,
      against: 4_000,
      discriminates: ["degraded-process"],
    },
    dependenciesWell({ weight: 1_400, against: 4_000, discriminates: ["dependency-down"] }),
    inOperation({ weight: 500, against: 1_000 }),
    {
      id: "not-starting",
      question: "Has it run long enough to be past its start?",
      observe: "uptime",
      expect: { atLeast: 60_000 },
      weight: 400,
      against: 2_000,
    },
    unchanged({ weight: 800, against: 3_000, discriminates: ["crash-after-bad-config"] }),
  ],
  predicts: [
    SAME_INSTANCE,
    {
      id: "still-unhealthy",
      question: "Does its own health check still fail?",
      observe: "container-health",
      expect: { is: "unhealthy" },
    },
  ],
  fixes: [RESTART, human("Find out why its health check fails after a restart, too")],
});
