// The nodes of the machine: each agent's function over the slice of the incident that it reads.
import type { BackupManagerParts } from "../agents/backup-manager.ts";
import { makeBackUp, makeRollBack } from "../agents/backup-manager.ts";
import {
  type CoordinatorParts,
  deferredTo,
  faultyOther,
  isPassing,
  isNotNow,
  makeAskHuman,
  makeBlame,
  makeOpen,
  makeReport,
} from "../agents/coordinator.ts";
import { type FixEngineerParts, makeApply } from "../agents/fix-engineer.ts";
import { type CounterfactualParts, makeConfirm } from "../agents/counterfactual.ts";
import type { HealthMonitor } from "../agents/health-monitor.ts";
import type { ScoreKeeper } from "../agents/score-keeper.ts";
import { type LearningAgentParts, makeLearn } from "../agents/learning-agent.ts";
import type { makePlanner } from "../agents/planner.ts";
import { makeStandingWatch } from "../agents/standing-watch.ts";
import type { makeRootCauseAnalyst } from "../agents/root-cause-analyst.ts";
import { makeValidate, type ValidationParts } from "../agents/validation.ts";
import { HealError } from "../domain/errors.ts";
import type { Incident, RunOutcome } from "../domain/incident.ts";
import type { Service } from "../domain/service.ts";
import { canonicalJson, type JsonObject } from "../domain/json.ts";
import { only, type Signal, type StateSignal } from "../domain/signal.ts";
import type { Nodes } from "./build.ts";
import { gate, type GateInput, mayProceed } from "./gate.ts";
import { sceneOf } from "./replay/scene.ts";
import type { ReadHistory } from "./read-history.ts";
import type { Trace } from "./trace.ts";

/** Without what led to a repair that was proved to help: that trouble is over. */
export type Present = (service: string, signals: readonly Signal[]) => Signal[];

export interface NodeParts
  extends CoordinatorParts,
    FixEngineerParts,
    BackupManagerParts,
    LearningAgentParts,
    ValidationParts,
    CounterfactualParts {
  monitor: HealthMonitor;
  analyse: ReturnType<typeof makeRootCauseAnalyst>;
  planner: ReturnType<typeof makePlanner>;
  present: Present;
  readHistory: ReadHistory;
  /** Remembers what was decided, and scores it by what happens. */
  scores: ScoreKeeper;
  trace: Trace;
  /** A run was handed to a human: the alert goes out from here. */
  onEscalate: (incident: Incident) => Promise<void>;
  /** What was seen before this moment belongs to a trouble that is over. */
  onHealed: (service: string, appliedAt: number) => void;
  /** The cause lies in another service: its own run is asked for. */
  requestRun: (service: string, reason: string) => Promise<void>;
}

export function makeNodes(parts: NodeParts): Nodes {
  const open = makeOpen(parts);
  const blame = makeBlame(parts);
  const askHuman = makeAskHuman(parts);
  const report = makeReport(parts);
  const backUp = makeBackUp(parts);
  const rollBack = makeRollBack(parts);
  const apply = makeApply(parts);
  const validate = makeValidate(parts);
  const learn = makeLearn(parts);
  const standingWatch = makeStandingWatch(parts);
  return {
    observe: async ({ service }, signal) => ({
      signals: bounded(parts.present(service, await look(parts, known(parts, service), signal))),
    }),
    detect: async ({ service, signals }) => ({ findings: parts.detect(known(parts, service), signals) }),
    open,
    async diagnose(incident, signal) {
      await noteScene(parts, incident);
      return parts.analyse(incident, signal);
    },
    decide: async (incident) => {
      const decided = { ...afresh, ...(await parts.planner(incident)) };
      await blame({ ...incident, ...decided });
      return decided;
    },
    gate: (incident, signal) => judge(parts, incident, signal),
    askHuman,
    confirm: makeConfirm(parts),
    backUp: async (incident, signal) => {
      mustProceed(incident);
      return backUp(incident, signal);
    },
    apply: async (incident, signal) => {
      mustProceed(incident);
      return apply(incident, signal);
    },
    validate,
    rollBack: async ({ runId, plan }, signal) => ({
      rollback: plan ? await rollBack(runId, plan.id, signal) : { outcome: "nothing-to-undo", steps: [] },
    }),
    learn,
    escalate: async (incident) => {
      await parts.onEscalate(incident);
      return {};
    },
    close: async (incident) => {
      const faulty = faultyOther(incident);
      if (faulty !== undefined && !incident.dryRun) {
        await parts.requestRun(
          faulty,
          `${incident.service} suffers from it: ${incident.diagnosis?.hypotheses[0]?.cause}`,
        );
      }
      // What nothing could be done about comes again, too; where something was done, it was watched when it was learned.
      if (incident.attempts.length === 0 && !isDeferred(incident)) await standingWatch(incident);
      const closed = await report(incident);
      const well = closed.outcome !== null && WELL.includes(closed.outcome);
      if (!incident.dryRun) await parts.scores.settle(incident.service, { well });
      if (closed.outcome === "healed" && incident.application) {
        parts.onHealed(incident.service, incident.application.appliedAt);
      }
      return closed;
    },
  };
}

/** The service was seen well at the end of such a run. */
const WELL: readonly RunOutcome[] = ["healthy", "healed", "no-longer-needed"];

const isDeferred = (incident: Incident): boolean =>
  deferredTo(incident) !== undefined || isPassing(incident) || isNotNow(incident.verdict);

/** What an attempt leaves behind must not be read as the next one's. */
const afresh = {
  verdict: null,
  backupId: null,
  application: null,
  validation: null,
  rollback: null,
  learned: null,
} as const;

function known(parts: NodeParts, name: string): Service {
  const service = parts.service(name);
  if (service) return service;
  throw new HealError(`No service "${name}" is configured or labelled.`, {
    code: "unknown-service",
    hint: "Run `opsmedic status` for the names that are watched.",
  });
}

/** A look that saw neither the process nor any answer of the service must not pass for "nothing is wrong". */
async function look({ monitor, clock }: NodeParts, service: Service, signal: AbortSignal): Promise<Signal[]> {
  const since = clock.now();
  const window = await monitor.observe(service, signal);
  const unseen = monitor.unseen(service.name).find((one) => one.source === "state");
  const sawSome = window.some((one) => one.at >= since && (one.kind === "state" || one.kind === "probe"));
  if (unseen === undefined || sawSome) return window;
  throw new HealError(`Nothing could be seen of ${service.name}: ${unseen.error}`, {
    code: "service-unseen",
    retryable: true,
  });
}

/** What the diagnosis takes from its surroundings goes into the trace, so that it can be made again elsewhere. */
async function noteScene(parts: NodeParts, { runId, service }: Incident): Promise<void> {
  const now = parts.clock.now();
  const scene = await sceneOf(service, now, { ...parts, recent: parts.cases.recent });
  const data = JSON.parse(JSON.stringify({ scene }));
  await parts.trace.append(
    { runId, service },
    { node: "diagnose", agent: "root-cause-analyst", phase: "note", at: now, ms: null, data },
  );
}

/** The whole input goes into the trace, so that `opsmedic gate replay` can judge again from the record alone. */
async function judge(
  parts: NodeParts,
  incident: Incident,
  signal: AbortSignal,
): Promise<Pick<Incident, "verdict">> {
  const { diagnosis, plan, runId, service, findings } = incident;
  if (!diagnosis || !plan) throw new HealError("The gate needs a diagnosis and a plan.", { code: "no-plan" });
  // What came back since takes autonomy away before it is counted on.
  if (parts.policy().autonomy?.grant === "earned") await parts.scores.settle(service);
  const now = parts.clock.now();
  const history = await parts.readHistory(
    plan,
    findings.map((one) => one.signature),
    now,
  );
  const input: GateInput = { diagnosis, plan, policy: parts.policy(), history, now };
  const data = JSON.parse(JSON.stringify({ gateInput: input }));
  await parts.trace.append(
    { runId, service },
    { node: "gate", agent: "gate", phase: "note", at: now, ms: null, data },
  );
  const verdict = gate(input);
  // A wrong moment says nothing about the plan, and a look alone decides nothing.
  if (!incident.dryRun && !isNotNow(verdict)) await parts.scores.note({ ...incident, plan, verdict }, signal);
  return { verdict };
}

/** The last door before anything is touched, at both acting nodes: no route, however wrong, leads around the gate. */
function mustProceed({
  verdict,
  plan,
  approval,
  confirmation,
}: Pick<Incident, "verdict" | "plan" | "approval" | "confirmation">): void {
  if (!verdict || !plan) throw new HealError("Nothing is done without a verdict.", { code: "no-verdict" });
  const { go, reason } = mayProceed({ verdict, plan, approval });
  if (!go) throw new HealError(`The plan is not carried out: ${reason}.`, { code: "not-allowed" });
  if (confirmation?.planId === plan.id && confirmation.outcome === "refuted")
    throw new HealError("The plan is not carried out: what its cause predicts does not hold.", {
      code: "not-confirmed",
    });
}

/** How many signals of a kind a run keeps: enough for every check, few enough for a checkpoint. */
const KEPT: Record<Signal["kind"], number> = {
  probe: 200,
  state: 60,
  metric: 300,
  log: 100,
  event: 60,
  change: 20,
  source: 20,
  database: 60,
};
const LONGEST_LINE = 2_000;

/** What the watch loop judged must lead to the same findings here: only what says nothing new is left out. */
function bounded(window: readonly Signal[]): Signal[] {
  const left = { ...KEPT };
  return withoutSameStates(window)
    .reverse()
    .filter((one) => left[one.kind]-- > 0)
    .reverse()
    .map((one) =>
      one.kind === "log" && one.text.length > LONGEST_LINE
        ? { ...one, text: one.text.slice(0, LONGEST_LINE) }
        : one,
    );
}

/** A state that is as the one before and the one after it tells nothing. */
function withoutSameStates(window: readonly Signal[]): Signal[] {
  const states = only(window, "state");
  const dull = new Set<Signal>(
    states.filter((one, index) => {
      const [before, after] = [states[index - 1], states[index + 1]];
      return (
        before !== undefined && after !== undefined && isSameState(before, one) && isSameState(one, after)
      );
    }),
  );
  return window.filter((one) => !dull.has(one));
}

function isSameState({ at: _one, ...before }: StateSignal, { at: _other, ...after }: StateSignal): boolean {
  return canonicalJson(before as JsonObject) === canonicalJson(after as JsonObject);
}
