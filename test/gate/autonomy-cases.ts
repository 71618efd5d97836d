// Autonomy that must be earned: what the gate's rule says of it.
import type { Standing } from "../../domain/autonomy.ts";
import type { GateInput } from "../../graph/gate.ts";
import { type Case, MINUTE, NOW } from "./gate-input.ts";

const earned: Standing = {
  service: "checkout",
  playbook: "process-crash",
  fix: "restart",
  earnedAt: NOW - 60 * MINUTE,
  rights: 10,
  wrongs: 0,
  lowerBp: 7_224,
  lostAt: null,
  lostBecause: null,
};

function earning(input: GateInput, standing?: Partial<Standing>): void {
  input.policy.autonomy = { grant: "earned", least: 10, boundBp: 7_000 };
  if (standing) input.history.standing = { ...earned, ...standing };
}

export const autonomyCases: Case[] = [
  [
    "autonomy is given",
    "autonomy",
    "pass",
    (one) => (one.policy.autonomy = { grant: "given", least: 10, boundBp: 7_000 }),
  ],
  ["autonomy is earned", "autonomy", "pass", (one) => earning(one, {})],
  ["nothing was decided before", "autonomy", "ask", (one) => earning(one)],
  ["too few decisions", "autonomy", "ask", (one) => earning(one, { rights: 9 })],
  ["not earned, though the counts would do", "autonomy", "ask", (one) => earning(one, { earnedAt: null })],
  [
    "lost",
    "autonomy",
    "ask",
    (one) => earning(one, { earnedAt: null, rights: 0, lostAt: NOW, lostBecause: "it came back" }),
  ],
  [
    "the bound was raised since",
    "autonomy",
    "ask",
    (one) => {
      earning(one, {});
      one.policy.autonomy = { grant: "earned", least: 10, boundBp: 7_500 };
    },
  ],
  [
    "the bound that the record states is not believed",
    "autonomy",
    "ask",
    (one) => earning(one, { wrongs: 3, lowerBp: 9_999 }),
  ],
  ["earned for another fix", "autonomy", "ask", (one) => earning(one, { fix: "reload" })],
  ["earned for another cause", "autonomy", "ask", (one) => earning(one, { playbook: "hang" })],
  ["earned at another service", "autonomy", "ask", (one) => earning(one, { service: "orders-db" })],
  [
    "earned, but not sure enough: the threshold stays",
    "score",
    "ask",
    (one) => {
      earning(one, { rights: 100 });
      one.policy.gate.allowBp = 9_500;
    },
  ],
];
