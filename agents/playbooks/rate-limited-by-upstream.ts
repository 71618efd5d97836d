// An upstream answers "too many requests", and a setting of ours governs how fast we ask: we ask more slowly.
import { dependenciesWell, human, playbook, running, unchanged } from "./common-checks.ts";

export const rateLimitedByUpstream = playbook({
  id: "rate-limited-by-upstream",
  title: "An upstream limits our rate",
  vocabulary: [
    "429",
    "rate limit",
    "too many requests",
    "throttled",
    "quota",
    "retry-after",
    "RateLimitExceeded",
    "slow down",
    "requests per second",
    "limit reached",
  ],
  appliesTo: ["rate-limited", "error-rate", "log-errors", "latency"],
  cause: "{host}: it limits our rate, and {governs}.",
  prior: 3_500,
  checks: [
    {
      id: "limited",
      question: "Does the log show refusals for too many requests?",
      observe: "log-pattern",
      params: { pattern: "rate-limit" },
      expect: { atLeast: 3 },
      weight: 1_500,
      against: 6_000,
    },
    {
      id: "host",
      question: "Does it name the upstream?",
      observe: "upstream-of-log",
      params: { about: "rate-limit" },
      expect: { some: true },
      weight: 600,
      against: 300,
    },
    {
      id: "governs",
      question: "Does a setting of ours govern how fast we ask?",
      observe: "setting-for",
      params: { settings: ["delay", "batch"] },
      expect: { some: true },
      weight: 1_700,
      against: 1_500,
      discriminates: ["outside-service-down", "degraded-process"],
    },
    running({ weight: 500, against: 5_000, discriminates: ["process-crash"] }),
    dependenciesWell({ weight: 900, against: 2_500, discriminates: ["dependency-down"] }),
    {
      id: "upstream-answers",
      question: "Does the upstream answer a single question?",
      observe: "upstream-probe",
      expect: { is: "ok" },
      weight: 300,
      against: 2_000,
      discriminates: ["outside-service-down"],
    },
    unchanged({ weight: 600, against: 2_500, discriminates: ["crash-after-bad-config"] }),
  ],
  predicts: [
    {
      id: "still-governs",
      question: "Does the setting still stand as it was seen?",
      observe: "setting-for",
      params: { settings: ["delay", "batch"] },
      expect: { some: true },
    },
  ],
  fixes: [
    {
      id: "ask-slower",
      title: "Ask the upstream more slowly",
      class: "configuration",
      risk: "medium",
      needs: ["governs"],
      actions: [
        {
          action: "edit-setting",
          params: {
            path: { from: "governs", at: "path" },
            pointer: { from: "governs", at: "pointer" },
            from: { from: "governs", at: "from" },
            to: { from: "governs", at: "to" },
          },
        },
      ],
    },
    human("Ask the upstream for a higher limit, or ask it less"),
  ],
});
