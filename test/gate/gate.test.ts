// The gate, case by case: one thing is spoiled in an input that is allowed, and one rule must say so.
import { describe, expect, it } from "vitest";
import { planHash } from "../../agents/plan-hash.ts";
import { verdictSchema } from "../../domain/plan.ts";
import { gateHistorySchema } from "../../graph/gate-history.ts";
import { GATE_VERSION, gate, type GateInput, mayProceed } from "../../graph/gate.ts";
import {
  action,
  allowed,
  check,
  hypothesis,
  MINUTE,
  NOW,
  pastFix,
  plan,
  policy,
  service,
} from "./gate-input.ts";

type Case = [name: string, rule: string, outcome: "pass" | "ask" | "deny", spoil: (input: GateInput) => void];

const top = (input: GateInput) => {
  const first = input.diagnosis.hypotheses[0];
  if (!first) throw new Error("no hypothesis");
  return first;
};
const sure = (input: GateInput, prior: number) => {
  input.diagnosis.hypotheses = [hypothesis([check()], { prior })];
};

const cases: Case[] = [
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
    "every lawful kind of addend",
    "arithmetic",
    "pass",
    (one) => {
      one.diagnosis.hypotheses = [
        hypothesis([check(), check({ check: "b", verdict: "unknown", discriminating: false })], {
          learning: { successes: 1, total: 9 },
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
  ["observe mode", "mode", "deny", (one) => (one.policy.mode = "observe")],
  ["approve mode", "mode", "ask", (one) => (one.policy.mode = "approve")],
  ["a service in approve mode", "mode", "ask", (one) => (one.history.services[0]!.mode = "approve")],
  [
    "a service in auto mode, the policy in approve",
    "mode",
    "pass",
    (one) => {
      one.policy.mode = "approve";
      one.history.services[0]!.mode = "auto";
    },
  ],
  [
    "the strictest of two services",
    "mode",
    "deny",
    (one) => {
      one.plan.blastRadius.services.push("orders-db");
      one.history.services[1]!.mode = "observe";
    },
  ],
  ["a mode that nobody knows", "mode", "deny", (one) => (one.policy.mode = "yolo" as "auto")],
  ["the kill switch", "paused", "deny", (one) => (one.policy.paused = true)],
  [
    "a deny window",
    "window",
    "deny",
    (one) =>
      (one.policy = policy({
        windows: [{ text: "Wed 11:00-13:00", timezone: "UTC", startMinute: 3_540, endMinute: 3_660 }],
      })),
  ],
  [
    "a window that is over",
    "window",
    "pass",
    (one) =>
      (one.policy = policy({
        windows: [{ text: "Wed 11:00-12:00", timezone: "UTC", startMinute: 3_540, endMinute: 3_600 }],
      })),
  ],
  [
    "a time zone that does not exist",
    "window",
    "deny",
    (one) =>
      (one.policy = policy({
        windows: [{ text: "?", timezone: "Mars/Olympus", startMinute: 0, endMinute: 1 }],
      })),
  ],
  ["a protected service", "protected", "deny", (one) => (one.history.services[0]!.protected = true)],
  [
    "a protected service in the blast radius",
    "protected",
    "deny",
    (one) => {
      one.plan.blastRadius.services.push("orders-db");
      one.history.services[1]!.protected = true;
    },
  ],
  ["a service that nobody configured", "protected", "deny", (one) => (one.history.services = [])],
  [
    "never: this action",
    "never",
    "deny",
    (one) => (one.policy = policy({ never: [{ service: "checkout", action: "restart" }] })),
  ],
  [
    "never: a glob of the runtime",
    "never",
    "deny",
    (one) => (one.policy = policy({ never: [{ service: "check*", action: "docker.*" }] })),
  ],
  [
    "never: docker covers compose",
    "never",
    "deny",
    (one) => {
      one.policy = policy({ never: [{ service: "checkout", action: "docker.*" }] });
      one.history.services[0]!.runtime = "compose";
    },
  ],
  [
    "never: another runtime",
    "never",
    "pass",
    (one) => {
      one.policy = policy({ never: [{ service: "checkout", action: "docker.*" }] });
      one.history.services[0]!.runtime = null;
    },
  ],
  [
    "never: another service",
    "never",
    "pass",
    (one) => (one.policy = policy({ never: [{ service: "orders-db", action: "*" }] })),
  ],
  [
    "an irreversible action",
    "effect",
    "deny",
    (one) => (one.plan = plan([action({ action: "drop-table", effect: "irreversible" })])),
  ],
  [
    "an irreversible action that calls itself reversible",
    "effect",
    "deny",
    (one) => (one.plan = plan([action({ action: "drop-table", effect: "reversible" })])),
  ],
  [
    "an effect that is not the catalogue's",
    "effect",
    "deny",
    (one) => (one.plan = plan([action({ effect: "read" })])),
  ],
  ["an unknown action", "effect", "deny", (one) => (one.plan = plan([action({ action: "rm -rf" })]))],
  [
    "a second action that is unknown",
    "effect",
    "deny",
    (one) => (one.plan = plan([action(), action({ step: 2, action: "magic" })])),
  ],
  [
    "more services than may be touched",
    "blast-radius",
    "ask",
    (one) => (one.plan.blastRadius.services = ["checkout", "orders-db", "partner"]),
  ],
  [
    "an action on a service that the blast radius leaves out",
    "blast-radius",
    "ask",
    (one) => {
      one.policy.maxBlastServices = 1;
      one.plan = plan([action(), action({ step: 2, service: "orders-db" })]);
    },
  ],
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
  ["a plan for a human", "human", "deny", (one) => (one.plan = plan([action()], { class: "human" }))],
  ["a plan without actions", "human", "deny", (one) => (one.plan = plan([]))],
];

describe("the gate", () => {
  it("allows what is sure, safe and reversible, and shows every rule", () => {
    const verdict = gate(allowed());
    expect(verdict).toMatchObject({
      version: GATE_VERSION,
      decision: "allow",
      scoreBp: 9_000,
      allowBp: 8_500,
      at: NOW,
      planHash: planHash(allowed().plan.actions),
    });
    expect(verdict.reasons.map((one) => one.outcome)).toEqual(Array(17).fill("pass"));
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
  });

  it.each(cases)("%s (%s: %s)", (_name, rule, outcome, spoil) => {
    const input = allowed();
    spoil(input);
    const verdict = gate(input);
    const reason = verdict.reasons.find((one) => one.rule === rule);
    expect(reason).toMatchObject({ outcome });
    const outcomes = verdict.reasons.map((one) => one.outcome);
    const strictest = outcomes.includes("deny") ? "deny" : outcomes.includes("ask") ? "ask" : "allow";
    expect(verdict.decision).toBe(strictest);
  });

  it("denies with the error as reason when something breaks inside", () => {
    const verdict = gate({ ...allowed(), policy: null as unknown as GateInput["policy"] });
    expect(verdict.decision).toBe("deny");
    expect(verdict.reasons.find((one) => one.rule === "paused")?.text).toMatch(
      /could not be answered: .*paused/,
    );
  });

  it("denies what is not an input at all", () => {
    const verdict = gate(null as unknown as GateInput);
    expect(verdict).toMatchObject({ decision: "deny", scoreBp: 0, at: 0, planHash: "" });
  });

  it("gives the same verdict again from the record", () => {
    for (const [, , , spoil] of cases) {
      const input = allowed();
      spoil(input);
      if (Number.isNaN(input.now) || Number.isNaN(input.policy.gate.allowBp)) continue; // JSON has no NaN
      const record = JSON.parse(JSON.stringify({ input, verdict: gate(input) }));
      expect(gateHistorySchema.parse(record.input.history)).toEqual(input.history);
      expect(gate(record.input)).toEqual(record.verdict);
    }
  });

  it("changes nothing of what it was given", () => {
    const input = allowed();
    const before = structuredClone(input);
    gate(input);
    expect(input).toEqual(before);
  });
});

describe("services beside the plan's", () => {
  it("ends its walk over dependencies that form a circle", () => {
    const input = allowed();
    input.history.services = [
      service("checkout", { dependsOn: ["orders-db"] }),
      service("orders-db", { dependsOn: ["checkout"] }),
    ];
    expect(gate(input).decision).toBe("allow");
  });
});

function verdictOf(mode: "observe" | "approve" | "auto") {
  const input = allowed();
  input.policy.mode = mode;
  return gate(input);
}

describe("going on after the gate", () => {
  const approval = { decision: "approve", planHash: allowed().plan.hash, by: "ada" } as const;
  const other = plan([action({ params: { force: true } })]);

  it.each([
    ["allowed", "auto", null, allowed().plan, true],
    ["allowed, but another plan", "auto", approval, other, false],
    [
      "allowed, but other actions under the same hash",
      "auto",
      approval,
      { ...other, hash: allowed().plan.hash },
      false,
    ],
    ["asked, nobody answered", "approve", null, allowed().plan, false],
    ["asked and approved", "approve", approval, allowed().plan, true],
    ["asked and rejected", "approve", { ...approval, decision: "reject" }, allowed().plan, false],
    ["asked and expired", "approve", { ...approval, decision: "expired" }, allowed().plan, false],
    ["asked, another plan approved", "approve", { ...approval, planHash: other.hash }, allowed().plan, false],
    ["denied, though approved", "observe", approval, allowed().plan, false],
  ] as const)("%s", (_name, mode, decided, planned, go) => {
    const answer = mayProceed({ verdict: verdictOf(mode), plan: planned, approval: decided });
    expect(answer).toEqual({ go, reason: expect.stringMatching(/\w/) });
  });

  it("needs a verdict that names its plan", () => {
    const { planHash: _hash, ...old } = verdictOf("auto");
    expect(mayProceed({ verdict: old, plan: allowed().plan, approval }).go).toBe(false);
  });
});
