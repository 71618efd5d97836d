// One episode of a recorded history, written through the store's own interfaces as the spine writes it: incident,
// run with its trace, the gate's input, journal, approval, case.
import { planHash } from "../../agents/plan-hash.ts";
import { percent, reportOf } from "../../agents/report.ts";
import type { CheckResult, Hypothesis } from "../../domain/diagnosis.ts";
import type { Finding, FindingKind } from "../../domain/finding.ts";
import type { Incident, RunOutcome } from "../../domain/incident.ts";
import type { Json } from "../../domain/json.ts";
import type { Decision, FixPlan, PlannedAction } from "../../domain/plan.ts";
import type { CaseRecord, IncidentRecord } from "../../knowledge/records.ts";
import type { TestStore } from "../knowledge/open-test-store.ts";

export interface Episode {
  run: string;
  service: string;
  at: number;
  kind: FindingKind;
  summary: string;
  signature: string;
  severity?: Finding["severity"];
  playbook: string;
  title: string;
  cause: string;
  /** The service at fault, where it is another. */
  faulty?: string;
  /** Check id, question, what was seen, points; below 0 it speaks against. */
  checks: readonly (readonly [id: string, question: string, text: string, points: number])[];
  prior: number;
  learned?: { successes: number; total: number; points: number };
  rival?: { playbook: string; title: string; scoreBp: number };
  plan?: {
    fix: string;
    title: string;
    class: FixPlan["class"];
    action: string;
    params?: Record<string, Json>;
  };
  decision?: Decision;
  approval?: {
    status: "approved" | "rejected" | "expired" | "pending";
    by?: string;
    reason?: string;
    /** After it was asked for. */
    afterMs?: number;
    expiresInMs?: number;
  };
  backup?: string;
  ended?: "healed" | "not-healed";
  healMs?: number;
  validation?: string;
  outcome: RunOutcome | null;
  incident: IncidentRecord["status"];
  /** After the symptom began. */
  closedAfterMs?: number;
  noPlan?: string;
}

/** Every number in the record adds up as the gate would demand. */
export async function write({ store, clock }: TestStore, one: Episode): Promise<IncidentRecord> {
  clock.advance(one.at - clock.now());
  const { service, run } = one;
  await store.runs.start({ id: run, service, trigger: "watch", reason: one.summary });
  const found = findingOf(one);
  const record = await store.incidents.open(service, [found], one.at);
  const incident = incidentOf(one, found, record.id);
  if (one.faulty !== undefined) await store.incidents.blame(record.id, one.faulty, one.at);
  await steps(store, one, incident);
  const approval = await approvalOf(store, clock, one, incident);
  incident.approval = approval;
  await store.runs.saveIncident(run, { ...incident, report: reportOf(incident) });
  await fixed(store, one, incident, record.id);
  const endedAt = one.at + (one.closedAfterMs ?? 5_000);
  clock.advance(Math.max(0, endedAt - clock.now()));
  await store.runs.update(run, {
    incidentId: record.id,
    scoreBp: incident.diagnosis?.hypotheses[0]?.scoreBp ?? 0,
    report: reportOf(incident),
    ...(one.outcome === null
      ? { status: "waiting" as const }
      : { status: "ended" as const, outcome: one.outcome, endedAt }),
  });
  if (one.incident !== "ACTIVE") await store.incidents.close(record.id, one.incident, endedAt);
  return record;
}

function findingOf({ kind, service, at, severity = "critical", summary, signature }: Episode): Finding {
  return { kind, service, since: at, at: at + 2_000, severity, summary, signature, facts: {}, signals: [] };
}

function incidentOf(one: Episode, found: Finding, incidentId: string): Incident {
  const hypotheses = hypothesesOf(one);
  const scoreBp = hypotheses[0]?.scoreBp ?? 0;
  const plan = planOf(one);
  const decision = one.decision ?? "allow";
  return {
    runId: one.run,
    service: one.service,
    trigger: "watch",
    dryRun: false,
    incidentId,
    signals: [],
    findings: [found],
    strategy: "IMMEDIATE_FIX",
    diagnosis: { service: one.service, at: one.at + 3_000, hypotheses, explanation: one.cause },
    plan,
    noPlan: one.noPlan ?? null,
    verdict: plan && {
      version: 1,
      decision,
      scoreBp,
      allowBp: 8_500,
      reasons: [
        {
          rule: "score",
          outcome: decision === "allow" ? "pass" : decision,
          text: `${percent(scoreBp)} sure, ${decision === "allow" ? "85 % needed" : decision === "ask" ? "below 85 %" : "below the 60 % from which to ask"}`,
        },
        { rule: "breaker", outcome: "pass", text: "0 fixes in the last 5 minutes" },
      ],
      at: one.at + 3_500,
      planHash: plan.hash,
    },
    approval: null,
    backupId: one.backup ?? null,
    application: one.ended
      ? {
          outcome: "applied",
          appliedAt: one.at + 5_000,
          steps: [{ step: 1, action: one.plan?.action ?? "", ok: true, text: "done", ms: 2_300 }],
        }
      : null,
    validation: one.ended
      ? {
          outcome: one.ended,
          summary: one.validation ?? "The symptom is gone and nothing got worse for 120 s.",
          watchedMs: 120_000,
          checks: [],
        }
      : null,
    rollback:
      one.ended === "not-healed"
        ? {
            outcome: "undone",
            steps: [{ step: 1, action: one.plan?.action ?? "", ok: true, text: "undone" }],
          }
        : null,
    attempts: [],
    learned: null,
    failure: null,
    outcome: one.outcome,
    report: null,
  };
}

function hypothesesOf(one: Episode): Hypothesis[] {
  const checks = one.checks.map(
    ([check, question, text, points], index): CheckResult => ({
      check,
      question,
      verdict: points > 0 ? "supports" : points < 0 ? "contradicts" : "unknown",
      discriminating: index === 0,
      points,
      observation:
        points === 0
          ? { status: "unknown", name: check, params: {}, at: one.at, reason: text }
          : { status: "known", name: check, params: {}, at: one.at, value: true, text },
    }),
  );
  const addends: Hypothesis["addends"] = [
    { kind: "prior", label: "how often this is the cause of such a symptom", points: one.prior },
    ...checks.map(({ check, points }) => ({ kind: "check" as const, label: check, points })),
  ];
  const { learned } = one;
  if (learned) {
    const label = `healed ${learned.successes} of ${learned.total} times before`;
    addends.push({ kind: "learning", label, points: learned.points });
  }
  const scoreBp = addends.reduce((sum, { points }) => sum + points, 0);
  const { playbook, title, cause } = one;
  const service = one.faulty ?? one.service;
  const top = { playbook, title, service, cause, checks, addends, scoreBp, discriminated: true };
  if (!one.rival) return [top];
  const prior = { kind: "prior" as const, label: "prior", points: one.rival.scoreBp };
  return [
    top,
    { ...top, ...one.rival, cause: one.rival.title, checks: [], addends: [prior], discriminated: false },
  ];
}

function planOf({ plan, run, service, playbook, cause, faulty }: Episode): FixPlan | null {
  if (!plan) return null;
  const actions: PlannedAction[] = [
    {
      step: 1,
      action: plan.action,
      service: faulty ?? service,
      params: plan.params ?? {},
      effect: "reversible",
    },
  ];
  const { fix, title, class: fixClass } = plan;
  return {
    id: `plan_${run}`,
    runId: run,
    service: faulty ?? service,
    playbook,
    cause,
    fix,
    title,
    class: fixClass,
    risk: "low",
    actions,
    blastRadius: { services: [faulty ?? service], downtimeMs: 4_000 },
    hash: planHash(actions),
  };
}

/** As the graph's trace writes them: a start and an end each, and the gate's whole input as a note. */
async function steps({ runs }: TestStore["store"], one: Episode, incident: Incident): Promise<void> {
  const { findings, diagnosis, plan, noPlan, verdict, backupId, application, validation, rollback } =
    incident;
  const done: [string, string, unknown][] = [
    ["observe", "health-monitor", {}],
    ["detect", "error-detector", { findings }],
    ["diagnose", "root-cause-analyst", { diagnosis }],
    ["decide", "fix-engineer", { plan, noPlan }],
    ...(verdict ? [["gate", "gate", { verdict }] as [string, string, unknown]] : []),
    ...(backupId ? [["backUp", "backup-manager", { backupId }] as [string, string, unknown]] : []),
    ...(application ? [["apply", "fix-engineer", { application }] as [string, string, unknown]] : []),
    ...(validation ? [["validate", "health-monitor", { validation }] as [string, string, unknown]] : []),
    ...(rollback ? [["rollBack", "backup-manager", { rollback }] as [string, string, unknown]] : []),
  ];
  for (const [index, [node, agent, data]] of done.entries()) {
    const at = one.at + 1_000 * index;
    await runs.appendStep(one.run, { node, agent, phase: "start", at, ms: null, data: null });
    await runs.appendStep(one.run, { node, agent, phase: "end", at: at + 400, ms: 400, data: data as Json });
  }
}

async function approvalOf(
  { approvals }: TestStore["store"],
  clock: TestStore["clock"],
  { approval, run }: Episode,
  { plan, diagnosis }: Incident,
): Promise<Incident["approval"]> {
  if (!approval || !plan) return null;
  const scoreBp = diagnosis?.hypotheses[0]?.scoreBp ?? 0;
  const { id } = await approvals.request({
    id: `apr_${run}`,
    runId: run,
    service: plan.service,
    planHash: plan.hash,
    summary: plan.title,
    scoreBp,
    risk: plan.risk,
    expiresAt: clock.now() + (approval.expiresInMs ?? 1_800_000),
  });
  const { status, by = "", reason = "" } = approval;
  if (status === "pending") return null;
  clock.advance(status === "expired" ? 1_800_001 : (approval.afterMs ?? 60_000));
  if (status === "expired") {
    await approvals.expire(clock.now());
    return { decision: "expired", planHash: plan.hash, by: "", reason: "" };
  }
  const decision = status === "approved" ? ("approve" as const) : ("reject" as const);
  await approvals.decide(id, { decision, by, reason, planHash: plan.hash });
  return { decision, planHash: plan.hash, by, reason };
}

async function fixed(
  { journal, cases }: TestStore["store"],
  one: Episode,
  { plan, diagnosis }: Incident,
  incidentId: string,
): Promise<void> {
  if (!plan || !one.ended) return;
  const key = { runId: one.run, planId: plan.id, step: 1 };
  const [action] = plan.actions;
  await journal.intend({
    ...key,
    action: action?.action ?? "",
    service: plan.service,
    params: action?.params ?? {},
  });
  await journal.advance(
    key,
    ["intent"],
    "captured",
    one.backup === undefined ? {} : { backupId: one.backup },
  );
  await journal.advance(key, ["captured"], "applying");
  await journal.advance(key, ["applying"], "applied", { detail: "done" });
  if (one.ended === "healed") await journal.advance(key, ["applied"], "verified");
  else {
    await journal.advance(key, ["applied"], "undoing");
    await journal.advance(key, ["undoing"], "undone");
  }
  const filed: CaseRecord = {
    id: `case_${plan.id}`,
    runId: one.run,
    incidentId,
    service: one.service,
    targetKind: "docker",
    signature: one.signature,
    symptom: one.summary,
    playbook: plan.playbook,
    fix: plan.fix,
    fixClass: plan.class,
    planHash: plan.hash,
    undone: one.ended === "not-healed",
    strategy: "IMMEDIATE_FIX",
    outcome: one.ended,
    scoreBp: diagnosis?.hypotheses[0]?.scoreBp ?? 0,
    healMs: one.ended === "healed" ? (one.healMs ?? 60_000) : null,
    at: one.at + 130_000,
  };
  await cases.file(filed);
}
