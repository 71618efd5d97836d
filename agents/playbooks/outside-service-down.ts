// What is down is not ours: there is nothing to restart, somebody has to be told.
import { human, playbook, suspected } from "./common-checks.ts";

export const outsideServiceDown = playbook({
  id: "outside-service-down",
  title: "A service outside is down",
  vocabulary: ["third party", "partner", "provider outage", "upstream down"],
  about: "dependency",
  appliesTo: ["dependency-down", "error-rate", "latency", "log-errors", "unhealthy", "unreachable", "hung"],
  cause: "A service that is not ours is down ({down}).",
  prior: 3_800,
  checks: [
    {
      id: "outside",
      question: "Does nothing of ours run there?",
      observe: "outside-service",
      expect: { is: true },
      weight: 1_500,
      against: 9_000,
      discriminates: ["dependency-down", "process-crash", "hang"],
    },
    {
      id: "down",
      question: "Does it fail when it is asked now?",
      observe: "probe-now",
      expect: { isNot: "ok" },
      weight: 3_000,
      against: 7_000,
      discriminates: ["degraded-process", "rate-limited-by-upstream", "timeout-too-short"],
    },
    {
      id: "neighbour-well",
      question: "Is another service well, so that it is not our network?",
      observe: "healthy-neighbour",
      expect: { some: true },
      weight: 600,
      against: 500,
    },
    {
      id: "known-ill",
      question: "Was it found ill by itself?",
      observe: "service-level",
      expect: { is: "critical" },
      weight: 500,
      against: 500,
    },
    suspected({ weight: 300, against: 0 }),
  ],
  fixes: [human("Tell the provider: what is down does not run here")],
});
