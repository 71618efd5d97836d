// A database service as the product sees it: looked at by the health monitor, judged by all detectors, diagnosed by all
// playbooks with evidence that is asked of the real server.
import { expect } from "vitest";
import { makeDatabaseLooks } from "../../agents/database-looks.ts";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeEvidence } from "../../agents/evidence/make-evidence.ts";
import { makeHealthMonitor } from "../../agents/health-monitor.ts";
import { makePlanner } from "../../agents/planner.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { makeRootCauseAnalyst } from "../../agents/root-cause-analyst.ts";
import { trustFrom } from "../../agents/trust.ts";
import type { Hypothesis } from "../../domain/diagnosis.ts";
import { type Finding, type FindingKind, isSymptom } from "../../domain/finding.ts";
import type { Thresholds } from "../../domain/policy.ts";
import type { Database, Service } from "../../domain/service.ts";
import type { Signal } from "../../domain/signal.ts";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import { noModel } from "../../tools/model.ts";
import { makeProber } from "../../tools/prober.ts";
import { policy } from "../gate/gate-input.ts";
import { catalogue } from "../diagnosis/shop-world.ts";
import { wallClock } from "../observation/service.ts";

const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 150;

export const thresholds: Thresholds = {
  cpu: 0.9,
  memory: 0.9,
  disk: 0.95,
  errorRate: 0.2,
  cacheHitRate: 0.8,
  latencyMs: 5_000,
  queryTimeMs: 100,
};

export function databaseService(name: string, database: Database): Service {
  return {
    name,
    health: [],
    metrics: [],
    logs: [],
    dependsOn: [],
    limits: { maxReplicas: 1 },
    database,
    protected: false,
    discovered: false,
  };
}

export interface Diagnosed {
  finding: Finding;
  hypotheses: Hypothesis[];
  /** What a human is told to do. */
  advice: string;
}

export interface Scene {
  /** Looks once, and says what is found: kinds of symptoms and of what is only told. */
  look(service: Service): Promise<Finding[]>;
  signals(service: Service): Signal[];
  note(signal: Signal): void;
  /** Looks until a symptom of this kind is found, and diagnoses it. Fails after 20 s. */
  diagnosed(service: Service, kind: FindingKind): Promise<Diagnosed>;
  close(): void;
}

export function makeScene(services: readonly Service[], change: Partial<Thresholds> = {}): Scene {
  const clock = wallClock;
  const inspectors = makeDatabaseInspectors({ clock, slowEveryMs: 0 });
  const prober = makeProber({ clock });
  const byName = (name: string) => services.find((one) => one.name === name);
  const host = { use: async () => ({ cpu: 0.1, memory: 0.2, disks: [{ mount: "/", used: 0.3 }] }) };
  const targets = { of: () => undefined };
  const monitor = makeHealthMonitor({
    targets,
    prober,
    host,
    clock,
    inside: makeDatabaseLooks({ inspectors, clock }),
  });
  const detector = makeErrorDetector({ thresholds: () => ({ ...thresholds, ...change }), clock });
  const evidence = makeEvidence({
    targets,
    prober,
    databases: inspectors,
    host,
    clock,
    services: () => services,
    level: () => "healthy",
    window: monitor.window,
    filesOf: () => undefined,
    history: { lastGood: async () => undefined },
    readSettings: () => undefined,
  });
  const analyst = makeRootCauseAnalyst({
    playbooks: shippedPlaybooks,
    evidence,
    trust: trustFrom(async () => []),
    service: byName,
    targetKind: () => "none",
    model: noModel,
    clock,
  });
  const planner = makePlanner({
    actions: catalogue,
    playbooks: shippedPlaybooks,
    service: byName,
    recent: async () => [],
    policy: () => policy(),
    clock,
  });

  const detected = (service: Service, signals: readonly Signal[]): Finding[] =>
    detector({ service, signals, dependencies: [] });

  return {
    note: monitor.note,
    signals: (service) => monitor.window(service.name),
    look: async (service) => detected(service, await monitor.observe(service)),
    async diagnosed(service, kind) {
      const until = clock.now() + PATIENCE_MS;
      for (;;) {
        const signals = await monitor.observe(service);
        const findings = detected(service, signals);
        const finding = findings.find((one) => one.kind === kind && isSymptom(one));
        if (finding === undefined) {
          if (clock.now() > until)
            expect(findings.map((one) => one.summary)).toEqual([`a finding of kind ${kind}`]);
          await clock.sleep(LOOK_EVERY_MS);
          continue;
        }
        const { diagnosis } = await analyst({
          service: service.name,
          findings: [finding],
          signals,
          attempts: [],
        });
        const { noPlan } = await planner({
          runId: "run",
          service: service.name,
          findings: [finding],
          diagnosis,
          attempts: [],
        });
        return { finding, hypotheses: diagnosis.hypotheses, advice: noPlan ?? "" };
      }
    },
    close: inspectors.close,
  };
}

/** The first cause, whether it may act on it, and whether it leaves every rival well behind. */
export function verdictOf({ hypotheses }: Diagnosed): {
  cause: string | undefined;
  sure: boolean;
  clear: boolean;
} {
  const [top, rival] = hypotheses;
  return {
    cause: top?.playbook,
    sure: (top?.scoreBp ?? 0) >= 8_500 && top?.discriminated === true,
    clear: (top?.scoreBp ?? 0) - (rival?.scoreBp ?? 0) >= 2_000,
  };
}
