// A recorded run for the renderers: a full disk of connections, healed by a person's leave.
import type { Incident } from "../../domain/incident.ts";
import type { ApprovalRecord, RunRecord } from "../../knowledge/records.ts";
import type { RunStory } from "../../api/operations.ts";

export const start = Date.UTC(2026, 10, 21, 12, 0, 0);

export const run: RunRecord = {
  id: "run_1",
  service: "checkout",
  incidentId: "inc_1",
  trigger: "watch",
  dryRun: false,
  reason: "probe failed",
  status: "ended",
  outcome: "healed",
  scoreBp: 8_750,
  startedAt: start,
  endedAt: start + 135_400,
  report: "checkout answers again after a restart.",
};

const plan = {
  id: "plan_1",
  runId: "run_1",
  service: "checkout",
  playbook: "process-exited",
  cause: "process-exited",
  fix: "restart",
  title: "Restart checkout",
  class: "restart" as const,
  risk: "low" as const,
  actions: [
    {
      step: 1,
      action: "restart",
      service: "checkout",
      params: { graceMs: 5_000 },
      effect: "repeatable" as const,
    },
  ],
  blastRadius: { services: ["checkout"], downtimeMs: 4_000 },
  hash: "9f3c1ab",
};

export const incident: Incident = {
  runId: "run_1",
  service: "checkout",
  trigger: "watch",
  dryRun: false,
  incidentId: "inc_1",
  signals: [],
  findings: [
    {
      kind: "exited",
      service: "checkout",
      since: start - 3_000,
      at: start,
      severity: "critical",
      summary: "checkout ended with exit code 1",
      signature: "sig_1",
      facts: { exitCode: 1, last: "out of memory" },
      signals: [],
    },
  ],
  strategy: "IMMEDIATE_FIX",
  diagnosis: {
    service: "checkout",
    at: start + 100,
    explanation: "The process of checkout is gone.",
    hypotheses: [
      {
        playbook: "process-exited",
        title: "The process ended",
        service: "checkout",
        cause: "checkout ended with exit code 1",
        checks: [
          {
            check: "exit-code",
            question: "Did it end by itself?",
            verdict: "supports",
            discriminating: true,
            points: 3_500,
            observation: {
              status: "known",
              name: "state",
              params: {},
              at: start,
              value: 1,
              text: "exit code 1",
            },
          },
          {
            check: "port",
            question: "Is its port free?",
            verdict: "unknown",
            discriminating: false,
            points: 0,
            observation: {
              status: "unknown",
              name: "port",
              params: {},
              at: start,
              reason: "no port is configured",
            },
          },
        ],
        addends: [
          { kind: "prior", label: "how often this is the cause", points: 4_500 },
          { kind: "check", label: "exit-code", points: 3_500 },
          { kind: "learning", label: "worked 4 of 4 times here", points: 750 },
        ],
        scoreBp: 8_750,
        discriminated: true,
      },
      {
        playbook: "oom-killed",
        title: "Killed for memory",
        service: "checkout",
        cause: "the kernel killed it",
        checks: [],
        addends: [{ kind: "prior", label: "prior", points: 2_000 }],
        scoreBp: 2_000,
        discriminated: false,
      },
    ],
  },
  plan,
  noPlan: null,
  verdict: {
    version: 1,
    decision: "allow",
    scoreBp: 8_750,
    allowBp: 8_500,
    reasons: [
      { rule: "score", outcome: "pass", text: "87.50 % reaches 85 %" },
      { rule: "mode", outcome: "pass", text: "mode is auto" },
    ],
    at: start + 200,
  },
  approval: null,
  backupId: "backup_20261121_120001",
  application: {
    outcome: "applied",
    appliedAt: start + 3_000,
    steps: [{ step: 1, action: "restart", ok: true, text: "new instance 4711", ms: 2_300 }],
  },
  validation: {
    outcome: "healed",
    summary: "the symptom is gone and nothing got worse",
    watchedMs: 120_000,
    checks: [
      { name: "exited", ok: true, text: "running since 120 s" },
      { name: "error rate", ok: true, text: "0.2 % before, 0.1 % after" },
    ],
  },
  rollback: null,
  attempts: [],
  failure: null,
  learned: "restart healed process-exited on a process: 5 of 5",
  outcome: "healed",
  report: "checkout answers again after a restart.",
};

export const story: RunStory = {
  run,
  steps: [
    { seq: 1, node: "observe", agent: "health monitor", phase: "start", at: start, ms: null, data: {} },
    { seq: 2, node: "observe", agent: "health monitor", phase: "end", at: start + 412, ms: 412, data: {} },
    { seq: 3, node: "detect", agent: "error detector", phase: "end", at: start + 420, ms: 3, data: {} },
  ],
  journal: [
    {
      runId: "run_1",
      planId: "plan_1",
      step: 1,
      action: "restart",
      service: "checkout",
      params: { graceMs: 5_000 },
      state: "verified",
      backupId: "backup_20261121_120001",
      detail: "",
      intentAt: start + 1_000,
      updatedAt: start + 3_500,
    },
  ],
  incident,
  backup: {
    meta: {
      id: "backup_20261121_120001",
      at: start + 1_000,
      runId: "run_1",
      service: "checkout",
      reason: "before restart",
      confidenceBp: 8_750,
      files: ["config/app.json"],
    },
    diff: [{ path: "config/app.json", patch: "--- a\n+++ b\n@@ -1 +1 @@\n-old\n+new\n" }],
  },
  approval: null,
  partOf: null,
};

export const approval: ApprovalRecord = {
  id: "apr_1",
  runId: "run_1",
  service: "checkout",
  planHash: "9f3c1ab",
  summary: "Restart checkout",
  scoreBp: 7_935,
  risk: "low",
  status: "pending",
  requestedAt: start,
  expiresAt: start + 1_800_000,
  decidedAt: null,
  decidedBy: null,
  reason: null,
  link: "http://127.0.0.1:8686/approvals/apr_1",
  diff: "1. restart checkout",
  needs: 1,
  endorsed: null,
};
