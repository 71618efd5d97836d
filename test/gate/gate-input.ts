// A gate input that is allowed, built by the product's own arithmetic; each test spoils one thing in it.
import { score } from "../../agents/confidence.ts";
import { planHash } from "../../agents/plan-hash.ts";
import type { CheckResult, Hypothesis } from "../../domain/diagnosis.ts";
import type { Trust } from "../../domain/trust.ts";
import { trustOf } from "../../agents/trust.ts";
import type { OutcomeCount } from "../../knowledge/records.ts";
import type { FixPlan, PlannedAction } from "../../domain/plan.ts";
import type { Policy } from "../../domain/policy.ts";
import type { GateService, PastFix } from "../../graph/gate-history.ts";
import type { GateInput } from "../../graph/gate.ts";

/** What is spoiled in an allowed input, and which rule must answer how. */
export type Case = [
  name: string,
  rule: string,
  outcome: "pass" | "ask" | "deny",
  spoil: (input: GateInput) => void,
];

export const MINUTE = 60_000;
/** Wednesday 2026-03-11 12:00 UTC. */
export const NOW = Date.UTC(2026, 2, 11, 12);

export function check(change: Partial<CheckResult> & { observe?: string } = {}): CheckResult {
  const { observe = "exit-status", ...rest } = change;
  return {
    check: "exited",
    question: "Did the process end?",
    verdict: "supports",
    discriminating: true,
    points: 4_000,
    observation: { status: "known", name: observe, params: {}, at: NOW, value: "exited", text: "exited" },
    ...rest,
  };
}

/** Outcomes of today on this service. */
export function trusted(count: OutcomeCount): Trust | undefined {
  return trustOf([{ nearness: "target", day: Math.floor(NOW / (1_440 * MINUTE)), ...count }], NOW);
}

export function hypothesis(
  checks: CheckResult[],
  { prior = 5_000, ...more }: Omit<Parameters<typeof score>[0], "checks" | "prior"> & { prior?: number } = {},
): Hypothesis {
  return {
    playbook: "process-crash",
    title: "The process crashed",
    service: "checkout",
    cause: "the process ended with code 1",
    checks,
    ...score({ prior, checks, ...more }),
    ...(more.learning && { trust: more.learning }),
  };
}

export function action(change: Partial<PlannedAction> = {}): PlannedAction {
  return { step: 1, action: "restart", service: "checkout", params: {}, effect: "repeatable", ...change };
}

export function plan(actions: PlannedAction[], change: Partial<FixPlan> = {}): FixPlan {
  return {
    id: "plan-1",
    runId: "run-1",
    service: "checkout",
    playbook: "process-crash",
    cause: "the process ended with code 1",
    fix: "restart",
    title: "Restart checkout",
    class: "restart",
    risk: "low",
    actions,
    blastRadius: { services: ["checkout"], downtimeMs: 2_000 },
    hash: planHash(actions),
    ...change,
  };
}

export function service(name: string, change: Partial<GateService> = {}): GateService {
  return { name, mode: null, protected: false, runtime: "docker", dependsOn: [], ...change };
}

export function pastFix(change: Partial<PastFix> = {}): PastFix {
  return {
    runId: "run-0",
    service: "checkout",
    playbook: "process-crash",
    fixClass: "restart",
    planHash: "other",
    signatures: ["s1"],
    outcome: "not-healed",
    undone: false,
    at: NOW - 3 * MINUTE,
    ...change,
  };
}

export function policy(change: Partial<Policy> = {}): Policy {
  return {
    mode: "auto",
    paused: false,
    gate: { allowBp: 8_500, askBp: 6_000 },
    validate: { forMs: 120_000, maxErrorIncrease: 0.2 },
    breaker: {
      attempts: 3,
      withinMs: 5 * MINUTE,
      cooldownMs: 2 * MINUTE,
      symptomReturnsMs: 30 * MINUTE,
    },
    never: [],
    windows: [],
    approvals: { expireMs: 60 * MINUTE },
    maxBlastServices: 2,
    backupsKeepMs: 30 * 24 * 60 * MINUTE,
    thresholds: {
      cpu: 0.9,
      memory: 0.9,
      disk: 0.95,
      errorRate: 0.2,
      cacheHitRate: 0.8,
      latencyMs: 5_000,
      queryTimeMs: 100,
    },
    ...change,
  };
}

/** Everything in order: the gate allows this. */
export function allowed(): GateInput {
  return {
    diagnosis: {
      service: "checkout",
      at: NOW,
      hypotheses: [hypothesis([check()])],
      explanation: "",
    },
    plan: plan([action()]),
    policy: policy(),
    history: {
      services: [
        service("checkout", { dependsOn: ["orders-db"] }),
        service("orders-db", { dependsOn: ["disk-host"] }),
        service("disk-host", { dependsOn: ["checkout"] }),
        service("partner", { runtime: null }),
      ],
      actions: [
        { name: "restart", effect: "repeatable" },
        { name: "edit-setting", effect: "reversible" },
        { name: "drop-table", effect: "irreversible" },
      ],
      signatures: ["s1"],
      fixes: [],
      undonePlans: [],
      activeRuns: [{ runId: "run-1", service: "checkout" }],
    },
    now: NOW,
  };
}
