// Cases of the gate about score, arithmetic, discrimination and plan: what is spoiled in an allowed input, which rule must say so, and how.
import type { GateInput } from "../../graph/gate.ts";
import { check, hypothesis, type Case, trusted } from "./gate-input.ts";

const top = (input: GateInput) => {
  const first = input.diagnosis.hypotheses[0];
  if (!first) throw new Error("no hypothesis");
  return first;
};
const sure = (input: GateInput, prior: number) => {
  input.diagnosis.hypotheses = [hypothesis([check()], { prior })];
};

export const evidenceCases: Case[] = [
  ["exactly 85 % is enough", "score", "pass", (one) => sure(one, 4_500)],
  ["one basis point less asks", "score", "ask", (one) => sure(one, 4_499)],
  ["60 % still asks", "score", "ask", (one) => sure(one, 2_000)],
  ["below 60 % is a no", "score", "deny", (one) => sure(one, 1_999)],
  [
    "the threshold can be raised",
    "score",
    "ask",
    (one) => (one.policy.gate = { allowBp: 9_500, askBp: 6_000 }),
  ],
  [
    "the threshold cannot be lowered",
    "score",
    "ask",
    (one) => {
      sure(one, 3_000);
      one.policy.gate = { allowBp: 5_000, askBp: 1_000 };
    },
  ],
  [
    "a threshold that is no number asks at most",
    "score",
    "ask",
    (one) => (one.policy.gate = { allowBp: Number.NaN, askBp: 0 }),
  ],
  [
    "limits that are no numbers are a no",
    "score",
    "deny",
    (one) => (one.policy.gate = { allowBp: Number.NaN, askBp: Number.NaN }),
  ],
  ["no hypothesis scores nothing", "score", "deny", (one) => (one.diagnosis.hypotheses = [])],
  ["no hypothesis has no arithmetic", "arithmetic", "deny", (one) => (one.diagnosis.hypotheses = [])],
  ["no hypothesis discriminates nothing", "discrimination", "deny", (one) => (one.diagnosis.hypotheses = [])],
  ["no hypothesis has no plan", "plan", "deny", (one) => (one.diagnosis.hypotheses = [])],
  ["a claimed score that does not add up", "arithmetic", "deny", (one) => (top(one).scoreBp = 9_900)],
  [
    "an addend that no check earned",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends.push({ kind: "check", label: "invented", points: 500 });
      top(one).scoreBp += 500;
    },
  ],
  [
    "an addend worth more than its check",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends.find((each) => each.kind === "check")!.points += 500;
      top(one).scoreBp += 500;
    },
  ],
  ["an addend under another name", "arithmetic", "deny", (one) => (top(one).addends[1]!.label = "other")],
  [
    "a model worth more than 500",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends.push({ kind: "model", label: "very sure", points: 900 });
      top(one).scoreBp += 900;
    },
  ],
  [
    "two agreeing models",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends.push(
        { kind: "model", label: "a", points: 300 },
        { kind: "model", label: "b", points: 300 },
      );
      top(one).scoreBp += 600;
    },
  ],
  [
    "a sceptic that raises",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends.push({ kind: "sceptic", label: "turned round", points: 100 });
      top(one).scoreBp += 100;
    },
  ],
  [
    "a clamp that lifts a strong score",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends.push({ kind: "clamp", label: "up", points: 500 });
      top(one).scoreBp += 500;
    },
  ],
  [
    "a prior beyond its bounds",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends[0]!.points += 3_000;
      top(one).scoreBp += 3_000;
    },
  ],
  [
    "a record worth more than it may be",
    "arithmetic",
    "deny",
    (one) => {
      top(one).addends.push({ kind: "learning", label: "always", points: 1_001 });
      top(one).scoreBp += 1_001;
    },
  ],
  [
    "learned points that the record does not give",
    "arithmetic",
    "deny",
    (one) => {
      const learning = trusted({ successes: 1, total: 9 });
      one.diagnosis.hypotheses = [{ ...hypothesis([check()]), ...(learning && { trust: learning }) }];
    },
  ],
  [
    "every lawful kind of addend",
    "arithmetic",
    "pass",
    (one) => {
      one.diagnosis.hypotheses = [
        hypothesis([check(), check({ check: "b", verdict: "unknown", discriminating: false })], {
          learning: trusted({ successes: 1, total: 9 }),
          model: { agrees: true },
          sceptic: -100,
        }),
      ];
    },
  ],
  [
    "a lawful clamp from below",
    "arithmetic",
    "pass",
    (one) => {
      one.diagnosis.hypotheses = [hypothesis([check({ verdict: "contradicts", points: -9_000 })], {})];
    },
  ],
  [
    "a cause that no check tells from its rivals",
    "discrimination",
    "ask",
    (one) => {
      one.diagnosis.hypotheses = [hypothesis([check({ discriminating: false })])];
    },
  ],
  [
    "a cause supported by log text only",
    "discrimination",
    "ask",
    (one) => {
      one.diagnosis.hypotheses = [hypothesis([check({ observe: "log-pattern", points: 5_000 })])];
    },
  ],
  [
    "a score over the cap without a discriminating check",
    "discrimination",
    "deny",
    (one) => {
      top(one).checks[0]!.discriminating = false;
    },
  ],
  ["a plan for another service", "plan", "deny", (one) => (one.plan.service = "orders-db")],
  ["a plan of another playbook", "plan", "deny", (one) => (one.plan.playbook = "hang")],
  ["a plan whose hash is not its actions'", "plan", "deny", (one) => (one.plan.hash = "0".repeat(64))],
  [
    "a parameter changed behind the hash",
    "plan",
    "deny",
    (one) => (one.plan.actions[0]!.params = { grace: 0 }),
  ],
  [
    "a rival that scores higher",
    "plan",
    "deny",
    (one) => {
      one.diagnosis.hypotheses.push(hypothesis([check({ points: 4_900 })]));
    },
  ],
];
