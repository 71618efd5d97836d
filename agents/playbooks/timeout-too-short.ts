// Calls are given up though the other side does answer: the time limit in a setting of ours is too short.
import {
  dependenciesAnswer,
  dependenciesWell,
  human,
  playbook,
  running,
  unchanged,
} from "./common-checks.ts";

export const timeoutTooShort = playbook({
  id: "timeout-too-short",
  title: "A time limit of ours is too short",
  vocabulary: ["timeout", "timed out", "deadline exceeded", "ETIMEDOUT"],
  appliesTo: ["error-rate", "log-errors", "latency"],
  cause: "It gives up too early: {governs}, while {dependencies-answer}.",
  prior: 2_900,
  checks: [
    {
      id: "timeouts",
      question: "Does the log show calls that were given up?",
      observe: "log-pattern",
      params: { pattern: "timeout" },
      expect: { atLeast: 3 },
      weight: 1_400,
      against: 6_000,
    },
    {
      id: "mostly",
      question: "Is giving up most of what goes wrong?",
      observe: "log-share",
      params: { pattern: "timeout" },
      expect: { atLeast: 0.5 },
      weight: 0,
      against: 5_000,
    },
    {
      id: "governs",
      question: "Does a setting of ours say how long to wait?",
      observe: "setting-for",
      params: { settings: ["timeout"] },
      expect: { some: true },
      weight: 1_800,
      against: 4_000,
      discriminates: ["degraded-process", "outside-service-down"],
    },
    {
      id: "same-number",
      question: "Does the log name the very time of that setting?",
      observe: "timeout-matches-setting",
      expect: { is: true },
      weight: 900,
      against: 1_000,
    },
    dependenciesAnswer({ weight: 1_000, against: 3_500, discriminates: ["dependency-down"] }),
    dependenciesWell({ weight: 600, against: 2_500, discriminates: ["dependency-down"] }),
    running({ weight: 300, against: 5_000 }),
    unchanged({ weight: 500, against: 2_500, discriminates: ["crash-after-bad-config"] }),
  ],
  fixes: [
    {
      id: "wait-longer",
      title: "Wait half as long again",
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
    human("Find out why the other side has become slow"),
  ],
});
