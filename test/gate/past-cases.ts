// Cases of the gate about what else goes on and what was tried lately: what is spoiled in an allowed input, which rule must say so, and how.
import { MINUTE, NOW, pastFix, type Case } from "./gate-input.ts";

export const pastCases: Case[] = [
  [
    "another run on a dependency",
    "active-runs",
    "deny",
    (one) => one.history.activeRuns.push({ runId: "run-2", service: "orders-db" }),
  ],
  [
    "another run on a dependency's dependency",
    "active-runs",
    "deny",
    (one) => one.history.activeRuns.push({ runId: "run-2", service: "disk-host" }),
  ],
  [
    "another run on the same service",
    "active-runs",
    "deny",
    (one) => one.history.activeRuns.push({ runId: "run-2", service: "checkout" }),
  ],
  [
    "another run elsewhere",
    "active-runs",
    "pass",
    (one) => one.history.activeRuns.push({ runId: "run-2", service: "partner" }),
  ],
  [
    "the third attempt in five minutes is still made",
    "breaker",
    "pass",
    (one) => (one.history.fixes = [pastFix(), pastFix()]),
  ],
  [
    "the fourth is not",
    "breaker",
    "deny",
    (one) => (one.history.fixes = [pastFix(), pastFix(), pastFix({ runId: "run-1" })]),
  ],
  [
    "attempts of long ago do not count",
    "breaker",
    "pass",
    (one) => {
      one.history.fixes = [1, 2, 3, 4].map((n) => pastFix({ at: NOW - 5 * MINUTE - n }));
    },
  ],
  [
    "attempts elsewhere do not count",
    "breaker",
    "pass",
    (one) => (one.history.fixes = [1, 2, 3].map(() => pastFix({ service: "partner" }))),
  ],
  [
    "a clock that is no number keeps the breaker open",
    "breaker",
    "deny",
    (one) => {
      one.history.fixes = [pastFix(), pastFix(), pastFix()];
      one.now = Number.NaN;
    },
  ],
  [
    "another run changed it a minute ago",
    "cooldown",
    "deny",
    (one) => (one.history.fixes = [pastFix({ at: NOW - MINUTE })]),
  ],
  [
    "this run's own attempt does not cool down",
    "cooldown",
    "pass",
    (one) => (one.history.fixes = [pastFix({ at: NOW - MINUTE, runId: "run-1" })]),
  ],
  [
    "the cooldown is over",
    "cooldown",
    "pass",
    (one) => (one.history.fixes = [pastFix({ at: NOW - 2 * MINUTE })]),
  ],
  [
    "the symptom came back after the same class",
    "symptom-returned",
    "deny",
    (one) => (one.history.fixes = [pastFix({ outcome: "healed", at: NOW - 20 * MINUTE, playbook: "hang" })]),
  ],
  [
    "the cause came back with another symptom",
    "symptom-returned",
    "deny",
    (one) =>
      (one.history.fixes = [pastFix({ outcome: "healed", at: NOW - 20 * MINUTE, signatures: ["s9"] })]),
  ],
  [
    "another cause, another symptom",
    "symptom-returned",
    "pass",
    (one) => {
      one.history.fixes = [
        pastFix({ outcome: "healed", at: NOW - 20 * MINUTE, signatures: ["s9"], playbook: "hang" }),
      ];
    },
  ],
  [
    "another class after a symptom that came back",
    "symptom-returned",
    "pass",
    (one) =>
      (one.history.fixes = [pastFix({ outcome: "healed", at: NOW - 20 * MINUTE, fixClass: "reload" })]),
  ],
  [
    "it lasted longer than the watch period",
    "symptom-returned",
    "pass",
    (one) => (one.history.fixes = [pastFix({ outcome: "healed", at: NOW - 30 * MINUTE })]),
  ],
  [
    "exactly this plan was undone here",
    "undone-before",
    "ask",
    (one) => (one.history.undonePlans = [one.plan.hash]),
  ],
  [
    "exactly this plan was undone in this run",
    "undone-before",
    "ask",
    (one) => (one.history.fixes = [pastFix({ planHash: one.plan.hash, undone: true })]),
  ],
  [
    "this plan was done before and kept",
    "undone-before",
    "pass",
    (one) => (one.history.fixes = [pastFix({ planHash: one.plan.hash })]),
  ],
];
