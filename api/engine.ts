// The engine: everything that sees, decides and acts, built once from the parts that wire.ts chose. It knows no
// HTTP and no queue; the server, the command line and the tests all drive the same one.
import { hostname } from "node:os";
import { randomUUID } from "node:crypto";
import { dependencyGraph } from "../agents/dependency-graph.ts";
import { makeDatabaseDisks } from "../agents/database-disks.ts";
import { makeDatabaseLooks } from "../agents/database-looks.ts";
import { makeIndexWatch } from "../agents/index-watch.ts";
import { makeEvidence } from "../agents/evidence/make-evidence.ts";
import { makeRollBack } from "../agents/backup-manager.ts";
import { makeHealthMonitor } from "../agents/health-monitor.ts";
import { makeLastWords } from "../agents/last-words.ts";
import { makeResolveIncident } from "../agents/outage-end.ts";
import { makeFindEarlySign } from "../agents/early-signs.ts";
import { makePlanner } from "../agents/planner.ts";
import { makeScoreKeeper } from "../agents/score-keeper.ts";
import { makeRootCauseAnalyst } from "../agents/root-cause-analyst.ts";
import { makeSuspects } from "../agents/suspects.ts";
import { trustFrom } from "../agents/trust.ts";
import { makeWorkbench } from "../agents/workbench.ts";
import { messageOf } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { makeNodes } from "../graph/nodes.ts";
import { makeOpenGraph } from "../graph/open-graph.ts";
import { makeReadHistory, reached } from "../graph/read-history.ts";
import { makeRunner } from "../graph/run-incident.ts";
import { makeNoLongerNeeded, makeSupersede } from "../graph/superseding.ts";
import { makeTrace } from "../graph/trace.ts";
import { tracedModel } from "../graph/traced-model.ts";
import type { Lease } from "../knowledge/records.ts";
import { readSettings } from "../tools/settings-reader.ts";
import type { EngineParts } from "./engine-parts.ts";
import { restoredBackup } from "./restore-plan.ts";
import { makeGoods } from "./goods.ts";
import { makeJudging } from "./judging.ts";
import { makeTelling } from "./telling.ts";

export type Engine = ReturnType<typeof makeEngine>;

export function makeEngine(parts: EngineParts) {
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
  const databaseDisks =
    databases && makeDatabaseDisks({ inspectors: databases, machine: parts.machine, targets, clock });
  const monitor = makeHealthMonitor({
    targets,
    prober: parts.prober,
    host: parts.host,
    metrics: parts.metrics,
    clock,
    changes: goods.changes,
    read: parts.observers.note,
    lastWords: makeLastWords({ targets, clock, followed: parts.logsFollowed }),
    ...(databases &&
      ownIndexes &&
      databaseDisks && {
        inside: makeDatabaseLooks({ inspectors: databases, ownIndexes, disks: databaseDisks, clock }),
      }),
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
    databaseDisks,
    outage: suspects.of,
    level: (name) => levels.get(name),
    window: (name) => present(name, monitor.window(name)),
    history: parts.fileHistory,
    goodImage: goods.imageOf,
    goodCommand: goods.commandOf,
    readSettings,
  });
  const telling = makeTelling({ live, logger, clock, store, reminders: parts.reminders });
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
  const openGraph = makeOpenGraph({
    pool,
    mayWrite: checkLease,
    nodes,
    trace,
    step: (runId, work) => runner.step(runId, work),
    modelMs: model.mostMsPerRun ?? 0,
  });
  const waiting = { ...store, clock, onWithdrawn: telling.approval };
  const runner = makeRunner({
    ...store,
    openGraph,
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
    /** LangGraph and its tables are there after it; without it they come with the first run. */
    openGraph,
    rollBack,
    workbench,
    levels,
    /** How each service was at its last look. */
    seen,
    judge,
    scores,
    /** Tells the end of what a person was told and has been resolved since. */
    tellOver: telling.over,
    /** What goes on at several services, where it comes from, and who is hit next. */
    outages: suspects.outages,
    /** Closes an incident of a service that is well, and those of dependants that are well again with it. */
    resolveIncident: makeResolveIncident({ incidents: store.incidents, wellNow, clock }),
  };
}
