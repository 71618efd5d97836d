// What Operations work on, for tests: a real embedded store, a real policy, and hands that only note what they
// were asked to do.
import pino from "pino";
import type { Finding } from "../../domain/finding.ts";
import type { LogRule } from "../../domain/log-rule.ts";
import type { Outage } from "../../domain/outage.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Service } from "../../domain/service.ts";
import { HealError } from "../../domain/errors.ts";
import { subwordEmbedder } from "../../knowledge/embedders/subword.ts";
import { makeKnowledgeBase } from "../../knowledge/knowledge-base.ts";
import type { ApprovalRecord } from "../../knowledge/records.ts";
import { makeTestClock, openTestStore, type TestStore } from "../knowledge/open-test-store.ts";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import type { BackupMeta, Backups } from "../../tools/backup.ts";
import type { CheckOrder, Healer, HealthView } from "../../api/healer.ts";
import type { ReloadAnswer } from "../../api/configuring.ts";
import { makeLiveEvents } from "../../api/live-events.ts";
import { type LocalParts, makeLocalOperations } from "../../api/local-operations.ts";
import type { InfoAnswer, LiveEvent } from "../../api/operations.ts";
import { makeObservers, type Observers } from "../../api/observers.ts";
import { makePolicyHolder } from "../../api/policy-holder.ts";
import { finding } from "../knowledge/sample-findings.ts";
import { allowed } from "../gate/gate-input.ts";
import { judgedSteps } from "./judged-steps.ts";
import { fullIncident } from "./full-incident.ts";
import { z } from "zod";

export const configured: Policy = {
  mode: "approve",
  paused: false,
  gate: { allowBp: 8_500, askBp: 6_000 },
  validate: { forMs: 120_000, maxErrorIncrease: 0.01 },
  breaker: { attempts: 3, withinMs: 300_000, cooldownMs: 600_000, symptomReturnsMs: 600_000 },
  never: [],
  windows: [],
  approvals: { expireMs: 1_800_000 },
  maxBlastServices: 1,
  backupsKeepMs: 2_592_000_000,
  thresholds: {
    cpu: 0.9,
    memory: 0.9,
    disk: 0.9,
    errorRate: 0.05,
    cacheHitRate: 0.8,
    latencyMs: 2_000,
    queryTimeMs: 1_000,
  },
};

export const configuredRule: LogRule = {
  name: "declined",
  match: "card declined",
  severity: "info",
  lines: 1,
  withinMs: 300_000,
};

export const info: InfoAnswer = {
  version: "0.1.0",
  node: "24.21.0",
  store: "embedded",
  queue: "embedded",
  model: "none",
  started_at: "2026-01-05T12:00:00.000Z",
  demo: false,
};

export const backupMeta: BackupMeta = {
  id: "backup_20260105_115900",
  at: Date.parse("2026-01-05T11:59:00Z"),
  runId: "run-1",
  service: "shop",
  reason: "a setting is wrong",
  confidenceBp: 9_235,
  files: ["shop/app.yaml"],
};

const outage: Outage = {
  suspects: [{ service: "cache", confidence: 0.9, because: ["cache has ended"] }],
  kind: null,
  services: [{ service: "cache", since: Date.parse("2026-01-05T11:58:00Z") }],
  next: [{ service: "shop", chance: 0.7, at: Date.parse("2026-01-05T11:59:00Z"), path: ["cache", "shop"] }],
};

export interface Asked {
  checks: CheckOrder[];
  cancelled: string[];
  resumed: ApprovalRecord[];
  restored: { id: string; dryRun: boolean; by: string }[];
}

export interface World extends AsyncDisposable {
  parts: LocalParts;
  opened: TestStore;
  observers: Observers;
  asked: Asked;
  events: LiveEvent[];
}

/** The store holds run-1 (waits, with steps, a journal, an incident and an approval) and run-2 (healed). */
export async function makeWorld(): Promise<World> {
  const clock = makeTestClock();
  const opened = await openTestStore("pglite", { clock });
  await fill(opened);
  const asked: Asked = { checks: [], cancelled: [], resumed: [], restored: [] };
  const events: LiveEvent[] = [];
  const live = makeLiveEvents();
  live.subscribe((event) => events.push(event));
  const { store } = opened;
  const logger = pino({ level: "silent" });
  const observers = await makeObservers({
    clock,
    observations: opened.observations,
    logger,
    goOn: false,
    logRules: [configuredRule],
    thresholds: () => configured.thresholds,
    services: () => [],
  });
  const parts: LocalParts = {
    store,
    knowledge: makeKnowledgeBase({
      db: opened.db,
      kind: opened.kind,
      ...store,
      embedder: subwordEmbedder,
      playbooks: [],
      clock,
      makeId: opened.makeId,
    }),
    observations: opened.observations,
    observer: observers,
    logRules: [configuredRule],
    outages: () => [outage],
    reload: () => Promise.resolve(unchanged),
    logsKeptMs: 7 * 24 * 3_600_000,
    backups,
    databases: makeDatabaseInspectors({ clock }),
    policy: await makePolicyHolder({ configured, settings: store.settings, clock }),
    actions: { get: () => undefined, all: () => [restart] },
    playbooks: [playbook],
    view,
    healer: notingHealer(opened, asked),
    ...runsNothing,
    services: () => [silentDatabase, helper],
    live,
    clock,
    checkEveryMs: 300_000,
    info,
  };
  return { parts, opened, observers, asked, events, [Symbol.asyncDispose]: () => opened.close() };
}

export const localOf = ({ parts }: World) => makeLocalOperations(parts);

async function fill({ store, observations, clock }: TestStore): Promise<void> {
  const seen = { firstSeen: clock.now() - 9, lastSeen: clock.now() - 9, lines: 1 };
  await observations.patterns.note(
    [{ service: "shop", id: "p0", template: "up", level: "info", ...seen, examples: [] }],
    [],
  );
  await observations.rules.put({ ...configuredRule, name: "spare" }, "ada");
  await store.runs.start({ id: "run-2", service: "cache", trigger: "watch", reason: "exited" });
  await store.runs.update("run-2", {
    status: "ended",
    outcome: "healed",
    scoreBp: 9_100,
    endedAt: clock.now() + 5,
    report: "Healed.",
  });
  clock.advance(1_000);
  await store.runs.start({ id: "run-1", service: "shop", trigger: "schedule", reason: "sweep" });
  const incident = await store.incidents.open("shop", [finding("sig-a")], clock.now());
  await store.runs.update("run-1", { status: "waiting", incidentId: incident.id, scoreBp: 7_935 });
  await store.runs.appendStep("run-1", {
    node: "observe",
    agent: "health-monitor",
    phase: "start",
    at: clock.now(),
    ms: null,
    data: null,
  });
  await store.runs.appendStep("run-1", {
    node: "observe",
    agent: "health-monitor",
    phase: "end",
    at: clock.now() + 3,
    ms: 2.5,
    data: { signals: [{ at: 5 }] },
  });
  for (const step of judgedSteps(allowed())) await store.runs.appendStep("run-1", step);
  await store.runs.saveIncident(
    "run-1",
    fullIncident("run-1", { incidentId: incident.id, backupId: backupMeta.id }),
  );
  await store.journal.intend({
    runId: "run-1",
    planId: "plan-1",
    step: 1,
    action: "restart",
    service: "shop",
    params: { at: 7 },
  });
  await store.approvals.request({
    id: "apr-1",
    runId: "run-1",
    service: "shop",
    planHash: "abc",
    summary: "restart shop",
    scoreBp: 7_935,
    risk: "low",
    expiresAt: clock.now() + 60_000,
  });
}

const backups: Backups = {
  take: () => Promise.reject(new Error("nothing is taken here")),
  list: () => Promise.resolve([backupMeta]),
  read: (id) =>
    id === backupMeta.id ? Promise.resolve({ meta: backupMeta, steps: [] }) : Promise.reject(noBackup(id)),
  verify: (id) =>
    id === backupMeta.id ? Promise.resolve({ ok: true, problems: [] }) : Promise.reject(noBackup(id)),
  prune: () => Promise.resolve([]),
};

function noBackup(id: string): HealError {
  return new HealError(`There is no backup ${id}.`, {
    code: "backup-not-found",
    hint: "opsmedic backups ls lists them.",
  });
}

const restart: ReturnType<LocalParts["actions"]["all"]>[number] = {
  name: "restart",
  summary: "Stops and starts the service",
  undoes: "nothing to undo",
  class: "restart",
  effect: "repeatable",
  risk: "low",
  params: z.strictObject({ graceMs: z.int().optional() }) as unknown as z.ZodType<Record<string, never>>,
  downtimeMs: () => 1_000,
  capture: () => Promise.reject(new Error("not here")),
  apply: () => Promise.reject(new Error("not here")),
  verify: () => Promise.reject(new Error("not here")),
  undo: () => Promise.reject(new Error("not here")),
  verifyUndo: () => Promise.reject(new Error("not here")),
};

const playbook: LocalParts["playbooks"][number] = {
  id: "crashed",
  title: "The process ended",
  vocabulary: [],
  predicts: [],
  about: "service",
  appliesTo: ["exited"],
  cause: "It ended.",
  prior: 5_000,
  checks: [
    {
      id: "state",
      question: "Is it down?",
      observe: "state",
      params: {},
      expect: { is: "exited" },
      weight: 1_000,
      against: 0,
      discriminates: [],
    },
  ],
  fixes: [],
};

/** Nothing listens on this port. */
const silentDatabase: Service = {
  name: "orders-db",
  health: [],
  metrics: [],
  logs: [],
  dependsOn: [],
  limits: { maxReplicas: 1 },
  database: { kind: "redis", url: "redis://127.0.0.1:1" },
  protected: false,
  discovered: false,
};

/** Its start and stop are only noted. */
const { database: _none, ...plain } = silentDatabase;
const helper: Service = {
  ...plain,
  name: "helper",
  runtime: { kind: "process", command: ["helper"], cwd: "/", env: {} },
};

const unchanged: ReloadAnswer = {
  added: [],
  changed: [],
  removed: [],
  policy: false,
  switched_mode: null,
  needs_restart: [],
};

const crashed: Finding = finding("sig-a");

const view: HealthView = {
  services: () => [
    {
      service: "cache",
      level: "healthy",
      latencyMs: 3.5,
      findings: [],
      checkedAt: Date.parse("2026-01-05T11:58:00Z"),
    },
    {
      service: "shop",
      level: "critical",
      latencyMs: null,
      findings: [crashed],
      checkedAt: Date.parse("2026-01-05T11:59:30Z"),
    },
    { service: "fresh", level: "unknown", latencyMs: null, findings: [], checkedAt: null },
  ],
  surroundings: () =>
    Promise.resolve({
      database: { status: "healthy", latency_ms: 1, findings: [], checked_at: "2026-01-05T12:00:00.000Z" },
    }),
};

/** What starts and stops processes is tested where some run: test/api/running.test.ts. */
export const runsNothing: Pick<LocalParts, "services" | "supervisor" | "engine"> = {
  services: () => [],
  supervisor: { running: () => undefined, start: () => Promise.resolve(), stop: () => Promise.resolve() },
  engine: { runner: { exclusively: (_service, work) => work() } },
};

function notingHealer({ store }: TestStore, asked: Asked): Healer {
  return {
    check(order) {
      asked.checks.push(order);
      const unknown = order.services?.find((one) => !["shop", "cache"].includes(one));
      if (unknown !== undefined) {
        return Promise.reject(
          new HealError(`There is no service "${unknown}".`, { code: "unknown-service" }),
        );
      }
      const sick = order.services === undefined || order.services.includes("shop");
      return Promise.resolve(
        sick ? { findings: [crashed], runIds: ["run-1"] } : { findings: [], runIds: [] },
      );
    },
    waitFor: () => Promise.resolve(),
    cancel(id) {
      asked.cancelled.push(id);
      return store.runs.get(id);
    },
    resumeApproval(approval) {
      asked.resumed.push(approval);
      return Promise.resolve();
    },
    restore(id, options) {
      if (id !== backupMeta.id) return Promise.reject(noBackup(id));
      asked.restored.push({ id, ...options });
      const steps = [{ step: 1, action: "restart", ok: true, text: "put back" }];
      return Promise.resolve({
        restored: !options.dryRun,
        steps,
        backup_id: options.dryRun ? null : "backup_20260105_120001",
      });
    },
    diff: (id) =>
      id === backupMeta.id
        ? Promise.resolve([{ path: "shop/app.yaml", patch: "-a\n+b\n" }])
        : Promise.reject(noBackup(id)),
  };
}
