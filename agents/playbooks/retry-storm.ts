// Each failed call is tried again at once and many times, so that what was slow is drowned.
import { human, loadSteady, logSays, playbook, running, unchanged } from "./common-checks.ts";
import { editGoverned, stillGoverns } from "./repair.ts";

export const retryStorm = playbook({
  id: "retry-storm",
  title: "Its retries drown what it calls",
  vocabulary: [
    "retry storm",
    "retrying",
    "retries",
    "backoff",
    "thundering herd",
    "amplification",
    "attempt",
    "exponential backoff",
    "cascading failure",
    "hammering",
    "load amplification",
  ],
  appliesTo: ["rate-limited", "error-rate", "latency", "log-errors"],
  cause: "It tries again too often ({amplified}; {governs}).",
  prior: 2_600,
  checks: [
    {
      id: "amplified",
      question: "Does what it depends on get at least twice as many requests for each of its own as before?",
      observe: "calls-per-request",
      expect: { atLeast: 2 },
      weight: 3_200,
      against: 6_500,
      discriminates: [
        "rate-limited-by-upstream",
        "resource-saturation",
        "degraded-process",
        "slow-dependency",
      ],
    },
    logSays("retry", { weight: 1_100, against: 2_600 }, 5),
    loadSteady({ weight: 800, against: 2_500, discriminates: ["resource-saturation"] }),
    {
      id: "governs",
      question: "Does a setting of ours say how often it tries again?",
      observe: "setting-for",
      params: { settings: ["retries"] },
      expect: { some: true },
      weight: 900,
      against: 0,
      discriminates: ["degraded-process"],
    },
    running({ weight: 300, against: 5_000 }),
    unchanged({ weight: 300, against: 2_500, discriminates: ["crash-after-bad-config"] }),
  ],
  predicts: [stillGoverns("retries")],
  fixes: [
    editGoverned({ id: "try-less-often", title: "Try again less often" }),
    human("Let it wait longer between tries, and give up earlier"),
  ],
});
