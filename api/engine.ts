// The engine: everything that sees, decides and acts, built once from the parts that wire.ts chose. It knows no
// HTTP and no queue; the server, the command line and the tests all drive the same one.
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import { dependencyGraph } from "../agents/dependency-graph.ts";
import { makeDatabaseLooks } from "../agents/database-looks.ts";
import { type IndexWatchParts, makeIndexWatch } from "../agents/index-watch.ts";
import type { EvidenceParts } from "../agents/evidence/observer.ts";
import { makeEvidence } from "../agents/evidence/make-evidence.ts";
import { makeRollBack } from "../agents/backup-manager.ts";
import { makeHealthMonitor } from "../agents/health-monitor.ts";
import { makeResolveIncident } from "../agents/outage-end.ts";
import type { LogObserver } from "../agents/log-observer.ts";
import type { MetricWatch } from "../agents/metric-watch.ts";
import type { CallWatch } from "../agents/call-watch.ts";
import { makeFindEarlySign } from "../agents/early-signs.ts";
import { makePlanner } from "../agents/planner.ts";
import { makeScoreKeeper } from "../agents/score-keeper.ts";
import { makeRootCauseAnalyst } from "../agents/root-cause-analyst.ts";
import { makeSuspects } from "../agents/suspects.ts";
import { trustFrom } from "../agents/trust.ts";
import { makeWorkbench } from "../agents/workbench.ts";
import type { Clock, MakeId } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Playbook } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import { buildGraph } from "../graph/build.ts";
import { openCheckpointer } from "../graph/checkpointer.ts";
import { makeNodes } from "../graph/nodes.ts";
import { makeReadHistory, reached } from "../graph/read-history.ts";
import { makeRunner } from "../graph/run-incident.ts";
import { makeNoLongerNeeded, makeSupersede } from "../graph/superseding.ts";
import { makeTrace } from "../graph/trace.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { tracedModel } from "../graph/traced-model.ts";
import type { Lease } from "../knowledge/records.ts";
import type { OpenStore } from "../knowledge/store.ts";
import type { Actions } from "../tools/action.ts";
import type { Backups, FileHistory } from "../tools/backup.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import type { Host } from "../tools/host.ts";
import type { Machine } from "../tools/machine.ts";
import type { Model } from "../tools/model.ts";
import type { Network } from "../tools/network.ts";
import type { Prober } from "../tools/probe.ts";
import type { PrometheusScraper } from "../tools/prometheus-scrape.ts";
import type { ServiceFiles } from "../tools/service-files.ts";
import { readSettings } from "../tools/settings-reader.ts";
import type { Targets } from "../tools/target.ts";
import { restoredBackup } from "./restore-plan.ts";
import { makeGoods } from "./goods.ts";
import { makeJudging } from "./judging.ts";
import type { LiveEvents } from "./operations.ts";
import type { Observers } from "./observers.ts";
import type { PolicyHolder } from "./policy-holder.ts";
import { makeTelling } from "./telling.ts";

export interface EngineParts {
  opened: OpenStore;
  services: () => readonly Service[];
  targets: Targets;
  prober: Prober;
  host: Host;
  machine: Machine;
  network: Network;
  playbooks: readonly Playbook[];
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
  /** Calls between services, as their traces show them. */
  calls: Pick<CallWatch, "dependencies" | "evidence">;
  /** What the owner's rules would clear; absent: nothing is cleared. */
  clearable?: EvidenceParts["clearable"];
  /** The engine's images that no container uses. */
  images?: EvidenceParts["images"];
  /** The cause of a symptom lies in another service: asks for that one's run. */
  requestRun: (service: string, reason: string) => Promise<void>;
  /** When the indexes that were made are looked at, and judged. */
  indexTimes: IndexWatchParts["times"];
  /** Where people reach this server. */
  publicUrl: string;
}

export interface EngineTiming {
  /** Between two looks of a validation. */
  validateEveryMs: number;
  /** What a service gets to come up before its symptoms count. */
  graceMs: number;
  leaseMs: number;
  /** How long files must have been in place, and the service well, before they count as good. */
  provenAfterMs: number;
  /** How long an undo is tried again whose hindrance says that it will pass. */
  undoPatienceMs: number;
}

export type Engine = Awaited<ReturnType<typeof makeEngine>>;

export async function makeEngine(parts: EngineParts) {
  const { services, clock, makeId, policy, targets, live, logger, timing, opened, actions, backups } = parts;
  const { playbooks } = parts;
  const { store, pool } = opened;
  const byName = (name: string): Service | undefined => services().find((one) => one.name === name);
  const { databases } = parts;
  const goods = makeGoods({ ...parts, ...timing, settings: store.settings });
  const ownIndexes =
    databases &&
    makeIndexWatch({
      ...store,
      databases,
      backups,
      clock,
      times: parts.indexTimes,
      onProblem: (service, error) => logger.debug({ service, error: messageOf(error) }, "own indexes"),
    });
  const monitor = makeHealthMonitor({
    targets,
    prober: parts.prober,
    host: parts.host,
    metrics: parts.metrics,
    clock,
    changes: goods.changes,
    read: parts.observers.note,
    ...(databases &&
      ownIndexes && { inside: makeDatabaseLooks({ inspectors: databases, ownIndexes, clock }) }),
    onBlind: (blind) => logger.debug(blind, "a look failed"),
  });
  const judging = makeJudging({ service: byName, monitor, observers: parts.observers, policy, clock });
  const { levels, seen, present, detect, judge } = judging;
  const suspects = makeSuspects({
    services,
    findings: (name) => seen.get(name)?.findings,
    anomalies: parts.observers.metrics.anomalies,
    patterns: parts.observers.logs.notable,
    calls: parts.calls,
    clock,
  });
  const evidence = makeEvidence({
    ...parts,
    ownIndexes,
    outage: suspects.of,
    level: (name) => levels.get(name),
    window: (name) => present(name, monitor.window(name)),
    history: parts.fileHistory,
    goodImage: goods.imageOf,
    readSettings,
  });
  const telling = makeTelling({ live, logger, clock });
  const trace = makeTrace({
    runs: store.runs,
    clock,
    onStep: telling.onStep,
    onProgress: telling.onProgress,
  });
  const model = tracedModel(parts.model, trace);
  const workbench = makeWorkbench({
    actions,
    journal: store.journal,
    surroundings: (name) => {
      const service = byName(name);
      return service && { service, target: targets.of(name), files: parts.filesOf(service), databases };
    },
  });
  // Called only while a run goes on or after one, when the runner exists.
  const wellNow = (name: string): Promise<boolean> => judging.wellNow(name, (one) => runner.isBusy(one));
  const targetKind = (name: string): string => targets.of(name)?.kind ?? "none";
  const holder = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`;
  // Called only while a run goes on, when the runner exists.
  const checkLease = (runId: string): Promise<Lease> => runner.checkLease(runId);
  const scores = makeScoreKeeper({ ...store, workbench, policy: policy.get, clock });
  const dependencies = () => dependencyGraph(services(), parts.calls.dependencies());
  const nodes = makeNodes({
    ...store,
    knowledge: parts.knowledge,
    workbench,
    backups,
    playbooks,
    evidence,
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
    earlySign: makeFindEarlySign({
      observations: opened.observations,
      incidents: store.incidents,
      service: byName,
      clock,
    }),
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
      dependants: (name) => reached(name, dependencies().callers),
      clock,
    }),
    scores,
    readHistory: makeReadHistory({
      standing: scores.standing,
      dependencies,
      suffers: (name) => (levels.get(name) ?? "healthy") !== "healthy",
      cases: store.cases,
      runs: store.runs,
      actions,
      services,
      policy: policy.get,
    }),
    checkLease,
    undoPatienceMs: timing.undoPatienceMs,
    wellNow,
    dependencies,
    onHealed: judging.healed,
    approvalLink: (id) => `${parts.publicUrl.replace(/\/$/, "")}/approvals/${encodeURIComponent(id)}`,
    onAsk: telling.asked,
    onEscalate: telling.human,
    requestRun: parts.requestRun,
  });
  const rollBack = makeRollBack({ workbench, backups, clock, checkLease, ...timing });
  const checkpointer = await openCheckpointer(pool, checkLease);
  const graph = buildGraph({
    nodes,
    trace,
    checkpointer,
    step: (runId, work) => runner.step(runId, work),
    modelMs: model.mostMsPerRun ?? 0,
  });
  const waiting = { ...store, clock, onWithdrawn: telling.approval };
  const runner = makeRunner({
    ...store,
    graph,
    holder,
    leaseMs: timing.leaseMs,
    clock,
    makeId,
    rollBack,
    noLongerNeeded: makeNoLongerNeeded(waiting),
    supersede: makeSupersede({
      ...waiting,
      async look(name) {
        const service = byName(name);
        return service ? detect(service, await monitor.observe(service)) : [];
      },
    }),
    plansOf: async (runId) => {
      const entries = await store.journal.ofRun(runId);
      const ids = entries.toReversed().map((one) => one.planId);
      // What a person restored by hand is no step of the run, and is not taken back with it.
      return [...new Set(ids)].filter((id) => restoredBackup(id) === undefined);
    },
  });

  return {
    store,
    /** Tells this process from others, in leases. */
    holder,
    monitor,
    detect,
    knownGood: goods.all,
    runner,
    graph,
    rollBack,
    workbench,
    levels,
    /** How each service was at its last look. */
    seen,
    judge,
    scores,
    /** What goes on at several services, where it comes from, and who is hit next. */
    outages: suspects.outages,
    /** Closes an incident of a service that is well, and those of dependants that are well again with it. */
    resolveIncident: makeResolveIncident({ incidents: store.incidents, wellNow, clock }),
  };
}
