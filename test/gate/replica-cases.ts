// Cases of the gate about replicas and about restarts in a row: what is spoiled in an allowed input, which rule says so, how.
import { planHash } from "../../agents/plan-hash.ts";
import type { GateReplicas } from "../../graph/gate-history.ts";
import type { GateInput } from "../../graph/gate.ts";
import { action, type Case, MINUTE, NOW, pastFix } from "./gate-input.ts";

const among = (input: GateInput, change: Partial<GateReplicas> = {}): void => {
  const others = [
    { name: "checkout-2", suffers: false },
    { name: "checkout-3", suffers: false },
  ];
  input.history.replicas = { of: "checkout", others, fixes: [], ...change };
};

/** The plan takes it out of rotation, which two well dependants would otherwise feel. */
const drained = (input: GateInput, change: Partial<GateReplicas> = {}): void => {
  among(input, change);
  const names = ["drain", "restart", "put-back"] as const;
  const actions = names.map((name, index) =>
    action({ step: index + 1, action: name, effect: name === "restart" ? "repeatable" : "reversible" }),
  );
  input.history.actions.push(
    { name: "drain", effect: "reversible" },
    { name: "put-back", effect: "reversible" },
  );
  input.plan.actions = actions;
  input.plan.hash = planHash(actions);
  input.history.neighbours = ["shop", "cart"].map((name) => ({
    name,
    relation: "dependant",
    suffers: false,
    windows: [],
  }));
};
const onOther = (change: Parameters<typeof pastFix>[0] = {}) => pastFix({ service: "checkout-2", ...change });
const restarts = (...minutesAgo: number[]) => minutesAgo.map((ago) => pastFix({ at: NOW - ago * MINUTE }));

export const replicaCases: Case[] = [
  [
    "a run that began earlier is at work on another replica",
    "replica-turn",
    "deny",
    (one) => {
      among(one);
      one.history.activeRuns.push({ runId: "run-0", service: "checkout-2" });
    },
  ],
  [
    "one that began later waits for this one",
    "replica-turn",
    "pass",
    (one) => {
      among(one);
      one.history.activeRuns.push({ runId: "run-2", service: "checkout-2" });
    },
  ],
  ["the same did not help another replica", "canary", "deny", (one) => among(one, { fixes: [onOther()] })],
  [
    "the same made another replica worse",
    "canary",
    "deny",
    (one) => among(one, { fixes: [onOther({ outcome: "worse" })] }),
  ],
  [
    "the same helped another replica",
    "canary",
    "pass",
    (one) => among(one, { fixes: [onOther({ outcome: "healed" })] }),
  ],
  [
    "what was in vain there was against another cause",
    "canary",
    "pass",
    (one) => among(one, { fixes: [onOther({ playbook: "hang" })] }),
  ],
  [
    "what was in vain there was long ago",
    "canary",
    "pass",
    (one) => among(one, { fixes: [onOther({ at: NOW - 30 * MINUTE })] }),
  ],
  ["others serve while it is taken out", "replicas", "pass", (one) => drained(one)],
  ["it is the only one", "replicas", "ask", (one) => drained(one, { others: [] })],
  ["well dependants lose nothing while others serve", "dependants", "pass", (one) => drained(one)],
  [
    "they do where no other replica is well",
    "dependants",
    "ask",
    (one) => drained(one, { others: [{ name: "checkout-2", suffers: true }] }),
  ],
  [
    "they do where nothing is drained",
    "dependants",
    "ask",
    (one) => {
      drained(one);
      one.plan.actions = [action()];
      one.plan.hash = planHash(one.plan.actions);
    },
  ],
  ["a first restart waits for nothing", "back-off", "pass", () => undefined],
  ["after one restart: the cooldown is over", "back-off", "pass", (one) => (one.history.fixes = restarts(2))],
  ["after two: twice the cooldown", "back-off", "deny", (one) => (one.history.fixes = restarts(3, 13))],
  ["after two: it is over", "back-off", "pass", (one) => (one.history.fixes = restarts(4, 14))],
  ["after three: four times", "back-off", "deny", (one) => (one.history.fixes = restarts(7, 17, 27))],
  [
    "never longer than the longest",
    "back-off",
    "pass",
    (one) => (one.history.fixes = restarts(16, 26, 36, 46, 56, 66)),
  ],
  [
    "the longest is the owner's",
    "back-off",
    "pass",
    (one) => {
      one.history.fixes = restarts(3, 6, 9);
      one.policy.breaker.longestCooldownMs = 3 * MINUTE;
    },
  ],
  [
    "a calm in between ends the row",
    "back-off",
    "pass",
    (one) => (one.history.fixes = restarts(3, 35, 45, 55)),
  ],
  [
    "another class does not wait",
    "back-off",
    "pass",
    (one) => {
      one.history.fixes = restarts(3, 13);
      one.plan.class = "configuration";
    },
  ],
  [
    "what this run did itself is the breaker's",
    "back-off",
    "pass",
    (one) => (one.history.fixes = restarts(1, 2).map((each) => ({ ...each, runId: "run-1" }))),
  ],
];
