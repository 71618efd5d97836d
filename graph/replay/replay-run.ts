// Judges a recorded run again, from its record alone, with other playbooks, thresholds, mode or model: the same analyst,
// planner and gate that ran then, over the observations that were made then.
import { makePlanner } from "../../agents/planner.ts";
import { makeRootCauseAnalyst } from "../../agents/root-cause-analyst.ts";
import type { TrustIn } from "../../agents/trust.ts";
import type { Diagnosis, Hypothesis } from "../../domain/diagnosis.ts";
import type { Incident } from "../../domain/incident.ts";
import type { FixPlan, Verdict } from "../../domain/plan.ts";
import type { Playbook } from "../../domain/playbook.ts";
import { ALLOW_FLOOR_BP, type Policy } from "../../domain/policy.ts";
import type { Mode, Service } from "../../domain/service.ts";
import type { CaseRecord, Cases, RunExport } from "../../knowledge/records.ts";
import type { Actions } from "../../tools/action.ts";
import type { Model } from "../../tools/model.ts";
import { gate } from "../gate.ts";
import type { GateHistory } from "../gate-history.ts";
import { type Comparison, compared } from "./compare.ts";
import { recordedEvidence } from "./recorded-evidence.ts";
import { type Round, roundsOf } from "./rounds.ts";
import { recordedModel } from "./recorded-model.ts";
import { type ScenePast, serviceOf } from "./scene.ts";

export interface ReplayChanges {
  /** Basis points; never below 8,500. */
  allowBp?: number;
  askBp?: number;
  mode?: Mode;
  /** Absent: the answers that the record holds. */
  model?: Model;
}

export interface ReplayParts {
  playbooks: readonly Playbook[];
  actions: Actions;
}

/** What one round came to. */
export interface Judgement {
  cause: { playbook: string; title: string; service: string; scoreBp: number } | null;
  /** The likeliest rival. */
  rival: { playbook: string; service: string; scoreBp: number } | null;
  plan: Pick<FixPlan, "fix" | "title" | "class" | "hash"> | null;
  noPlan: string | null;
  verdict: Verdict | null;
}

export interface ReplayedRound extends Comparison {
  recorded: Judgement;
  replayed: Judgement;
}

/** One for each look of the run that led to a diagnosis, in order; empty where it found nothing. */
export async function replayWith(
  { steps, incident, run }: Pick<RunExport, "steps" | "incident" | "run">,
  parts: ReplayParts,
  changes: ReplayChanges = {},
): Promise<ReplayedRound[]> {
  const replayed: ReplayedRound[] = [];
  for (const round of roundsOf(steps)) {
    const attempts = (incident?.attempts ?? []).filter((one) => one.at <= round.diagnosis.at);
    const before = judgementOf(round);
    const after = await judgeAgain(round, { runId: run.id, service: run.service, attempts }, parts, changes);
    replayed.push({ recorded: before, replayed: after, ...compared(before, after) });
  }
  return replayed;
}

type About = Pick<Incident, "runId" | "service" | "attempts">;

async function judgeAgain(
  round: Round,
  about: About,
  { playbooks, actions }: ReplayParts,
  changes: ReplayChanges,
): Promise<Judgement> {
  const { findings, diagnosis: before } = round;
  const clock = { now: () => before.at, sleep: () => Promise.resolve() };
  const services = servicesOf(round);
  const service = (name: string) => services.get(name);
  const policy = changedPolicy(round, changes);
  const analyse = makeRootCauseAnalyst({
    playbooks,
    evidence: recordedEvidence(before),
    trust: recordedTrust(before),
    service,
    targetKind: (name) => services.get(name)?.runtime?.kind ?? "none",
    model: changes.model ?? recordedModel(before.opinion),
    askBp: () => policy.gate.askBp,
    atMost: ({ playbook, service: { name } }) =>
      before.beyond?.find((one) => one.playbook === playbook.id && one.service === name)?.scoreBp,
    clock,
  });
  const { diagnosis } = await analyse({ ...about, findings, signals: [] });
  const plan = makePlanner({
    actions,
    playbooks,
    service,
    recent: pastOf(round),
    policy: () => policy,
    clock,
  });
  const decided = await plan({ ...about, findings, diagnosis });
  const now = round.gateInput?.now ?? before.at;
  const verdict =
    decided.plan && gate({ diagnosis, plan: decided.plan, policy, history: historyOf(round, actions), now });
  return judgementOf({ ...round, ...decided, diagnosis, verdict: verdict ?? undefined });
}

function judgementOf({
  diagnosis: { hypotheses },
  plan,
  noPlan,
  verdict,
}: Pick<Round, "diagnosis" | "plan" | "noPlan" | "verdict">): Judgement {
  const [top, rival] = hypotheses;
  return {
    cause: top ? pick(top) : null,
    rival: rival ? pick(rival) : null,
    plan: plan && { fix: plan.fix, title: plan.title, class: plan.class, hash: plan.hash },
    noPlan,
    verdict: verdict ?? null,
  };
}

function pick(one: Hypothesis): NonNullable<Judgement["cause"]> {
  const { playbook, title, service, scoreBp } = one;
  return { playbook, title, service, scoreBp };
}

function servicesOf({ scene, gateInput, diagnosis }: Round): Map<string, Service> {
  const noted = scene?.services.map(serviceOf);
  const judged = gateInput?.history.services.map((one) =>
    serviceOf({ ...one, afterEdit: null, limits: { maxReplicas: 1, maxMemoryBytes: null } }),
  );
  const alone = { name: diagnosis.service, runtime: null, dependsOn: [], mode: null, protected: false };
  const bare = serviceOf({ ...alone, afterEdit: null, limits: { maxReplicas: 1, maxMemoryBytes: null } });
  return new Map((noted ?? judged ?? [bare]).map((one) => [one.name, one]));
}

/** A threshold can be raised by whoever replays, never lowered below the floor: a replay shows what would happen. */
function changedPolicy({ scene, gateInput }: Round, { allowBp, askBp, mode }: ReplayChanges): Policy {
  const policy = gateInput?.policy ?? scene?.policy ?? OBSERVE_ONLY;
  return {
    ...policy,
    ...(mode !== undefined && { mode }),
    gate: {
      allowBp: Math.max(allowBp ?? policy.gate.allowBp, ALLOW_FLOOR_BP),
      askBp: askBp ?? policy.gate.askBp,
    },
  };
}

/** For records of a time before policies were written down. */
const OBSERVE_ONLY = {
  mode: "observe",
  gate: { allowBp: ALLOW_FLOOR_BP, askBp: 6_000 },
  breaker: { attempts: 3, withinMs: 300_000, cooldownMs: 120_000, symptomReturnsMs: 1_800_000 },
} as Policy;

/** What was counted then, for the causes that were looked at then. */
function recordedTrust({ hypotheses }: Diagnosis): TrustIn {
  return (playbook, _fix, { service }) =>
    Promise.resolve(hypotheses.find((one) => one.playbook === playbook && one.service === service)?.trust);
}

/** As far as the record tells: enough for what the planner asks of it. */
function pastOf({ scene, gateInput, diagnosis }: Round): Cases["recent"] {
  const past =
    scene?.past ?? gateInput?.history.fixes.map((one) => ({ ...one, signature: one.signatures[0] ?? "" }));
  return ({ playbook, since }) =>
    Promise.resolve(
      (past ?? [])
        .filter((one) => one.at >= since && (playbook === undefined || one.playbook === playbook))
        .map((one) => ({ ...UNTOLD, service: diagnosis.service, ...one, outcome: tried(one.outcome) })),
    );
}

const tried = (outcome: ScenePast["outcome"] | "unknown"): CaseRecord["outcome"] =>
  outcome === "unknown" ? "not-healed" : outcome;

/** What a replay does not ask of a case. */
const UNTOLD = {
  id: "",
  runId: "",
  incidentId: null,
  targetKind: "",
  symptom: "",
  fix: "",
  planHash: "",
  undone: false,
  strategy: "AI_POWERED",
  scoreBp: 0,
  healMs: null,
} as const;

function historyOf({ gateInput, scene, findings }: Round, actions: Actions): GateHistory {
  if (gateInput) return gateInput.history;
  return {
    services: scene?.services ?? [],
    actions: actions.all().map(({ name, effect }) => ({ name, effect })),
    signatures: findings.map((one) => one.signature),
    fixes: [],
    undonePlans: [],
    activeRuns: [],
  };
}
