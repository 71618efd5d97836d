// What it calls answers, and much slower than it used to: the time is lost there.
import { human, logSays, playbook, suspected } from "./common-checks.ts";

export const slowDependency = playbook({
  id: "slow-dependency",
  title: "Something that it depends on has become slow",
  vocabulary: [
    "slow",
    "latency",
    "slow upstream",
    "slow dependency",
    "high response time",
    "p95",
    "degraded performance",
    "slow query",
    "waiting",
    "backend slow",
    "timeout",
  ],
  about: "dependency",
  appliesTo: ["latency", "error-rate", "log-errors", "hung"],
  cause: "What it depends on has become slow ({slower}).",
  prior: 3_300,
  checks: [
    {
      id: "slower",
      question: "Does it answer at least three times slower than before?",
      observe: "slower-than-before",
      expect: { atLeast: 3 },
      weight: 4_300,
      against: 7_500,
      discriminates: ["timeout-too-short", "degraded-process", "outside-service-down", "resource-saturation"],
    },
    {
      id: "answers",
      question: "Does it answer at all?",
      observe: "probe-now",
      expect: { oneOf: ["ok", "slow"] },
      weight: 900,
      against: 3_500,
      discriminates: ["dependency-down", "outside-service-down", "upstream-timeout"],
    },
    logSays("timeout", { weight: 300, against: 0 }),
    suspected({ weight: 500, against: 0 }),
  ],
  fixes: [human("Find out, or ask, why it has become slow: {slower}")],
});
