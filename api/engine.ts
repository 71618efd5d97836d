// The engine: everything that sees, decides and acts, built once from the parts that wire.ts chose. It knows no
// HTTP and no queue; the server, the command line and the tests all drive the same one.
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { dependencyGraph } from "../agents/dependency-graph.ts";
import { makeDatabaseLooks } from "../agents/database-looks.ts";
import { makeErrorDetector } from "../agents/error-detector.ts";
import { makeEvidence } from "../agents/evidence/make-evidence.ts";
import { makeRollBack } from "../agents/backup-manager.ts";
import { type HealthMonitor, makeHealthMonitor } from "../agents/health-monitor.ts";
import { makeResolveIncident } from "../agents/outage-end.ts";
import type { LogObserver } from "../agents/log-observer.ts";
import type { MetricWatch } from "../agents/metric-watch.ts";
import { makeKnownGood } from "../agents/known-good.ts";
import { makePlanner } from "../agents/planner.ts";
import { shippedPlaybooks as playbooks } from "../agents/playbooks/shipped.ts";
import { makeRootCauseAnalyst } from "../agents/root-cause-analyst.ts";
import { makeSuspects } from "../agents/suspects.ts";
import { trustFrom } from "../agents/trust.ts";
import type { Detect } from "../agents/validation.ts";
import { makeWorkbench } from "../agents/workbench.ts";
import type { Clock, MakeId } from "../domain/clock.ts";
import { type Finding, isSymptom, type Level, levelOf } from "../domain/finding.ts";
import type { Incident } from "../domain/incident.ts";
import type { Service } from "../domain/service.ts";
import { only, type Signal } from "../domain/signal.ts";
import { buildGraph } from "../graph/build.ts";
import { openCheckpointer } from "../graph/checkpointer.ts";
import { makeNodes, type Present } from "../graph/nodes.ts";
import { makeReadHistory } from "../graph/read-history.ts";
import { makeRunner } from "../graph/run-incident.ts";
import { makeSupersede } from "../graph/superseding.ts";
import { makeTrace } from "../graph/trace.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { tracedModel } from "../graph/traced-model.ts";
import type { Lease } from "../knowledge/records.ts";
import type { OpenStore } from "../knowledge/store.ts";
import type { Actions } from "../tools/action.ts";
import type { Backups, FileHistory } from "../tools/backup.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import type { Host } from "../tools/host.ts";
import type { Model } from "../tools/model.ts";
import type { Prober } from "../tools/probe.ts";
import type { PrometheusScraper } from "../tools/prometheus-scrape.ts";
import type { ServiceFiles } from "../tools/service-files.ts";
import { readSettings } from "../tools/settings-reader.ts";
import type { Targets } from "../tools/target.ts";
import { restoredBackup } from "./restore-plan.ts";
import type { SeenService } from "./healer.ts";
import type { LiveEvents } from "./operations.ts";
import type { Observers } from "./observers.ts";
import type { PolicyHolder } from "./policy-holder.ts";

export interface EngineParts {
  opened: OpenStore;
  services: () => readonly Service[];
  targets: Targets;
  prober: Prober;
  host: Host;
  metrics: PrometheusScraper;
  /** The inside of databases; absent: only whether they answer is known. */
  databases?: DatabaseInspectors;
  actions: Actions;
  backups: Backups;
  fileHistory: FileHistory;
  filesOf: (service: Service) => ServiceFiles | undefined;
  /** What is remembered: cases are filed in it, and shown where they are alike. */
  knowledge: KnowledgeBase;
  model: Model;
  policy: PolicyHolder;
  live: LiveEvents;
  logger: Logger;
  clock: Clock;
  makeId: MakeId;
  timing: EngineTiming;
  /**
   * Those who watch over time: each signal passes through; what they know of a service, and what is strange just now,
   * is asked for.
   */
  observers: Pick<Observers, "note" | "known" | "noteFindings"> & {
    logs: Pick<LogObserver, "notable">;
    metrics: Pick<MetricWatch, "anomalies">;
  };
  /** The cause of a symptom lies in another service: asks for that one's run. */
  requestRun: (service: string, reason: string) => Promise<void>;
}

export interface EngineTiming {
  /** Between two looks of a validation. */
  validateEveryMs: number;
  /** What a service gets to come up before its symptoms count. */
  graceMs: number;
  leaseMs: number;
  /** How long files must have been in place, and the service well, before they count as good. */
  provenAfterMs: number;
}

export type Engine = Awaited<ReturnType<typeof makeEngine>>;

export async function makeEngine(parts: EngineParts) {
  const { services, clock, makeId, policy, targets, live, logger, timing, opened, actions, backups } = parts;
  const { store, pool } = opened;
  const byName = (name: string): Service | undefined => services().find((one) => one.name === name);
  const knownGood = makeKnownGood({
    history: parts.fileHistory,
    filesOf: parts.filesOf,
    clock,
    provenAfterMs: timing.provenAfterMs,
  });
  const monitor = makeHealthMonitor({
    targets,
    prober: parts.prober,
    host: parts.host,
    metrics: parts.metrics,
    clock,
    changes: knownGood.changes,
    read: parts.observers.note,
    ...(parts.databases && { inside: makeDatabaseLooks({ inspectors: parts.databases, clock }) }),
    onBlind: (blind) => logger.debug(blind, "a look failed"),
  });
  const errorDetector = makeErrorDetector({ thresholds: () => policy.get().thresholds, clock });
  const levels = new Map<string, Level>();
  const seen = new Map<string, SeenService>();
  const healedAt = new Map<string, number>();
  const present: Present = (name, signals) => {
    const since = healedAt.get(name) ?? 0;
    // A file that was changed stays changed, whatever was healed since.
    return signals.filter((one) => one.at >= since || one.kind === "change");
  };
  const detect: Detect = (service, signals, since = 0) => {
    const dependencies = service.dependsOn.map((name) => ({
      name,
      level: levels.get(name) ?? "healthy",
    }));
    // What led to a repair that was proved to help must not be found again in the window's older part.
    const known = parts.observers.known(service.name, { healedAt: healedAt.get(service.name) ?? 0, since });
    return errorDetector({ service, signals: present(service.name, signals), dependencies, ...known });
  };
  const suspects = makeSuspects({
    services,
    findings: (name) => seen.get(name)?.findings,
    anomalies: parts.observers.metrics.anomalies,
    patterns: parts.observers.logs.notable,
    clock,
  });
  const evidence = makeEvidence({
    ...parts,
    outage: suspects.of,
    level: (name) => levels.get(name),
    window: (name) => present(name, monitor.window(name)),
    history: parts.fileHistory,
    readSettings,
  });
  const trace = makeTrace({
    runs: store.runs,
    clock,
    onStep: (runId, service, step) => {
      logger.info(
        { runId, service, node: step.node, agent: step.agent, phase: step.phase, ms: step.ms },
        "step",
      );
      live.publish({ topic: "run.step", at: step.at, data: { runId, service, step: { ...step } } });
    },
    onProgress: (at, progress) =>
      live.publish({ topic: "run", at: clock.now(), data: { type: "model.text", ...at, ...progress } }),
  });
  const model = tracedModel(parts.model, trace);
  const workbench = makeWorkbench({
    actions,
    journal: store.journal,
    surroundings: (name) => {
      const service = byName(name);
      return service && { service, target: targets.of(name), files: parts.filesOf(service) };
    },
  });
  const targetKind = (name: string): string => targets.of(name)?.kind ?? "none";
  const holder = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  // Called only while a run goes on, when the runner exists.
  const checkLease = (runId: string): Promise<Lease> => runner.checkLease(runId);
  const nodes = makeNodes({
    ...store,
    knowledge: parts.knowledge,
    workbench,
    backups,
    monitor,
    detect,
    present,
    clock,
    trace,
    service: byName,
    neighbours: (name) => services().filter((one) => one.dependsOn.includes(name)),
    policy: policy.get,
    everyMs: timing.validateEveryMs,
    graceMs: timing.graceMs,
    targetKind,
    analyse: makeRootCauseAnalyst({
      playbooks,
      evidence,
      trust: trustFrom(store.cases.history),
      service: byName,
      targetKind,
      outage: suspects.of,
      recall: parts.knowledge.atHand,
      model,
      askBp: () => policy.get().gate.askBp,
      clock,
    }),
    planner: makePlanner({
      actions,
      playbooks,
      service: byName,
      recent: store.cases.recent,
      policy: policy.get,
      clock,
    }),
    readHistory: makeReadHistory({
      cases: store.cases,
      runs: store.runs,
      actions,
      services,
      policy: policy.get,
    }),
    checkLease,
    wellNow,
    dependencies: () => dependencyGraph(services()),
    onHealed: (name, appliedAt) => void healedAt.set(name, appliedAt),
    onEscalate: (incident) => tellHuman(incident),
    requestRun: parts.requestRun,
  });
  const rollBack = makeRollBack({ workbench, backups, clock, checkLease });
  const checkpointer = await openCheckpointer(pool, checkLease);
  const graph = buildGraph({
    nodes,
    trace,
    checkpointer,
    step: (runId, work) => runner.step(runId, work),
    modelMs: model.mostMsPerRun ?? 0,
  });
  const runner = makeRunner({
    ...store,
    graph,
    holder,
    leaseMs: timing.leaseMs,
    clock,
    makeId,
    rollBack,
    supersede: makeSupersede({
      ...store,
      clock,
      async look(name) {
        const service = byName(name);
        return service ? detect(service, await monitor.observe(service)) : [];
      },
      onWithdrawn: (approval) =>
        live.publish({ topic: "approval", at: clock.now(), data: { type: approval.status, ...approval } }),
    }),
    plansOf: async (runId) => {
      const entries = await store.journal.ofRun(runId);
      const ids = entries.toReversed().map((one) => one.planId);
      // What a person restored by hand is no step of the run, and is not taken back with it.
      return [...new Set(ids)].filter((id) => restoredBackup(id) === undefined);
    },
  });

  function tellHuman(incident: Incident): Promise<void> {
    const { runId, service, incidentId, findings, verdict } = incident;
    logger.error(
      { runId, service, incidentId, findings: findings.map((one) => one.summary) },
      "a human is needed",
    );
    live.publish({
      topic: "incident",
      at: clock.now(),
      data: { runId, service, incidentId, status: "ESCALATED", decision: verdict?.decision ?? null },
    });
    return Promise.resolve();
  }

  /** Judges a window and remembers the answer, for dependants and for whoever asks how things are. */
  function judge(service: Service, signals: Parameters<Detect>[1]): Finding[] {
    const findings = detect(service, signals);
    parts.observers.noteFindings(service.name, findings);
    const level = levelOf(findings);
    levels.set(service.name, level);
    const blind = blindness(monitor, service.name, signals);
    const latencyMs = only(signals, "probe").at(-1)?.latencyMs ?? null;
    seen.set(service.name, {
      service: service.name,
      level: blind !== undefined && findings.every(isBlindness) ? "unknown" : level,
      latencyMs,
      findings,
      ...(blind !== undefined && { blind }),
      checkedAt: clock.now(),
    });
    return findings;
  }

  /** A dependant whose cause was healed: what it shows from now on counts, what it suffered before is over. */
  async function wellNow(name: string): Promise<boolean> {
    const service = byName(name);
    if (service === undefined || runner.isBusy(name)) return false;
    const began = clock.now();
    const window = await monitor.observe(service).catch(() => []);
    const fresh = window.filter((one) => one.at >= began || one.kind === "change");
    const failed = only(fresh, "probe").some((one) => !one.ok);
    if (failed || blindness(monitor, name, fresh) !== undefined) return false;
    if (detect(service, fresh).some(isSymptom)) return false;
    healedAt.set(name, began);
    judge(service, window);
    return true;
  }

  return {
    store,
    /** Tells this process from others, in leases. */
    holder,
    monitor,
    detect,
    knownGood,
    runner,
    graph,
    rollBack,
    workbench,
    levels,
    /** How each service was at its last look. */
    seen,
    judge,
    /** What goes on at several services, where it comes from, and who is hit next. */
    outages: suspects.outages,
    /** Closes an incident of a service that is well, and those of dependants that are well again with it. */
    resolveIncident: makeResolveIncident({ incidents: store.incidents, wellNow, clock }),
  };
}

/** Says no more of the service than that it cannot be seen. */
const isBlindness = ({ kind }: Finding): boolean => kind === "source-down";

/** Why a look saw neither the service nor an answer of it: then "nothing was found" does not mean that it is well. */
function blindness(monitor: HealthMonitor, name: string, signals: readonly Signal[]): string | undefined {
  const unseen = monitor.unseen(name).find((one) => one.source === "state");
  if (only(signals, "probe").length > 0 || (!unseen && only(signals, "state").length > 0)) return undefined;
  if (unseen) return [unseen.error, unseen.hint].filter((one) => one !== undefined).join(" ");
  return "it has neither a runtime nor health checks, so there is nothing to look at";
}
