// An incident with every part filled, so that whatever is lost on the way from the store to a client shows.
import type { Incident } from "../../domain/incident.ts";
import type { FixPlan } from "../../domain/plan.ts";
import type { Signal } from "../../domain/signal.ts";

const at = Date.parse("2026-01-05T11:59:00.123Z");

const signals: Signal[] = [
  { kind: "probe", service: "shop", at, probe: "http", ok: false, status: 500, failure: "status" },
  {
    kind: "state",
    service: "shop",
    at,
    status: "exited",
    health: "none",
    instance: "i-1",
    exitCode: 137,
    oomKilled: true,
    startedAt: at - 9_000,
    finishedAt: at - 1,
    restartCount: 2,
    stoppedByOperator: false,
    replicas: 1,
  },
  { kind: "metric", service: "shop", at, name: "memory", value: 0.97, of: "service", limit: 1 },
  { kind: "log", service: "shop", at, level: "error", text: "boom", source: "stderr" },
  { kind: "event", service: "shop", at, event: "die", exitCode: 137 },
  { kind: "change", service: "shop", at, path: "app.yaml", goodVersion: "abc", summary: "1 line" },
];

const plan: FixPlan = {
  id: "plan-1",
  runId: "run-1",
  service: "shop",
  playbook: "oom",
  cause: "It ran out of memory.",
  fix: "raise-limit",
  title: "Raise the limit",
  class: "limit",
  risk: "low",
  // A parameter may be called like a moment; it is not one.
  actions: [
    { step: 1, action: "set-limit", service: "shop", params: { at: 5, since: 6 }, effect: "reversible" },
  ],
  blastRadius: { services: ["shop"], downtimeMs: 4_000 },
  hash: "abc",
};

const verdict = {
  version: 1,
  decision: "ask" as const,
  scoreBp: 7_935,
  allowBp: 8_500,
  reasons: [{ rule: "score", outcome: "ask" as const, text: "79.35 %" }],
  at,
  planHash: "abc",
};

const validation = {
  outcome: "healed" as const,
  summary: "No errors for 120 s",
  watchedMs: 120_000,
  checks: [{ name: "http", ok: true, text: "200" }],
};

export function fullIncident(runId: string, more: Partial<Incident> = {}): Incident {
  return {
    runId,
    service: "shop",
    trigger: "watch",
    dryRun: false,
    incidentId: "inc-1",
    signals,
    findings: [
      {
        kind: "oom-killed",
        service: "shop",
        since: at - 500,
        at,
        severity: "critical",
        summary: "shop was killed",
        signature: "sig-a",
        facts: { at: 7, exitCode: 137 },
        signals: signals.slice(0, 2),
      },
    ],
    strategy: "SELF_HEALING",
    diagnosis: {
      service: "shop",
      at,
      hypotheses: [
        {
          playbook: "oom",
          title: "Out of memory",
          service: "shop",
          cause: "It ran out of memory.",
          checks: [
            {
              check: "killed",
              question: "Was it killed?",
              verdict: "supports",
              discriminating: true,
              points: 3_000,
              observation: {
                status: "known",
                name: "state",
                params: { at: 1 },
                at,
                value: { at: 2 },
                text: "yes",
              },
            },
          ],
          addends: [{ kind: "prior", label: "prior", points: 4_935 }],
          scoreBp: 7_935,
          discriminated: true,
        },
      ],
      explanation: "The kernel killed it.",
      outage: {
        suspects: [{ service: "shop", confidence: 0.9, because: ["it ran out of memory"] }],
        kind: "memory",
        services: [{ service: "shop", since: at }],
        next: [{ service: "web", chance: 0.7, at: at + 60_000, path: ["shop", "web"] }],
      },
    },
    plan,
    noPlan: null,
    verdict,
    approval: { decision: "approve", planHash: "abc", by: "alice", reason: "yes" },
    backupId: null,
    application: {
      outcome: "applied",
      appliedAt: at + 10,
      steps: [{ step: 1, action: "set-limit", ok: true, text: "done", ms: 4 }],
    },
    validation,
    rollback: { outcome: "nothing-to-undo", steps: [] },
    attempts: [{ plan, validation, rollback: null, at: at + 20 }],
    learned: "Filed.",
    failure: null,
    outcome: "healed",
    report: "Healed.",
    ...more,
  };
}
