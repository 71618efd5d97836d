// A small shop as the detectors and the runtime would describe it, in plain data: all is well until a scenario
// changes something. Nothing here decides anything.
import { z } from "zod";
import type { Evidence } from "../../agents/evidence.ts";
import { makeEvidence } from "../../agents/evidence/make-evidence.ts";
import type { EvidenceParts } from "../../agents/evidence/observer.ts";
import type { GoodCommand } from "../../agents/known-good-command.ts";
import type { GoodImage } from "../../agents/known-good-image.ts";
import { makePlanner } from "../../agents/planner.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { makeRootCauseAnalyst } from "../../agents/root-cause-analyst.ts";
import { trustFrom } from "../../agents/trust.ts";
import type { Finding, FindingKind, Level } from "../../domain/finding.ts";
import type { Attempt } from "../../domain/incident.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { Outage } from "../../domain/outage.ts";
import type { Effect } from "../../domain/plan.ts";
import type { Runtime, Service } from "../../domain/service.ts";
import type { Signal } from "../../domain/signal.ts";
import type { CaseRecord, OutcomeCount } from "../../knowledge/records.ts";
import type { Action, Actions } from "../../tools/action.ts";
import type { Clearable } from "../../tools/clean-up.ts";
import { type Model, noModel } from "../../tools/model.ts";
import { probeName } from "../../tools/probe.ts";
import type { Replaceable, ServiceState, Commands, PresentCommand, Target } from "../../tools/target.ts";
import { policy } from "../gate/gate-input.ts";
import { machineOf, MAIN_PID, type ShopMachine, wellMachine } from "./shop-machine.ts";

export const NOW = Date.UTC(2026, 2, 11, 12);
export const SECOND = 1_000;
export const MINUTE = 60_000;
export const MB = 1024 * 1024;

const runtime: Runtime = {
  kind: "process",
  command: ["node", "shop.js"],
  cwd: "/srv/shop",
  env: {},
};

export function outside(name: string, change: Partial<Service> = {}): Service {
  return {
    name,
    health: [
      { kind: "http", url: `http://${name}:8080/healthz`, everyMs: 5_000, timeoutMs: 2_000, expect: {} },
    ],
    metrics: [],
    logs: [],
    dependsOn: [],
    limits: { maxReplicas: 3 },
    protected: false,
    discovered: false,
    ...change,
  };
}

export function service(name: string, change: Partial<Service> = {}): Service {
  return outside(name, { runtime, ...change });
}

const CONFIG = JSON.stringify({ port: 8080, partner: { delayMs: 800, timeoutMs: 1_000 }, batchSize: 40 });

export interface World {
  services: Service[];
  states: Record<string, Partial<ServiceState>>;
  use: Record<string, { cpu: number; memoryBytes: number; memoryLimitBytes?: number }>;
  /** How a probe of the service fails; absent: it answers. */
  failing: Record<string, string>;
  /** Whether the port accepts connections though the probe fails. */
  listening: Record<string, boolean>;
  levels: Record<string, Level>;
  files: Record<string, Record<string, string>>;
  knownGood: Record<string, string>;
  signals: Signal[];
  findings: Finding[];
  host: { cpu: number; memory: number; disks: { mount: string; used: number }[] };
  records: Record<string, OutcomeCount>;
  cases: CaseRecord[];
  /** Where all that is known of all services points. */
  outage?: Outage;
  machine: ShopMachine;
  /** Mounts of checkout's container, as the engine describes them. */
  mounts?: JsonObject[];
  /** What the rules of a service would clear. */
  clearable?: Clearable;
  unusedImages?: EvidenceParts["images"];
  stoppedContainers?: EvidenceParts["containers"];
  /** With which image checkout was well, and which it runs, of those that are there. */
  images?: { good: GoodImage; now: string; there: string[] };
  /** With which command checkout was well, and with which it is started, of those that are known. */
  commands?: { good: GoodCommand; now: Partial<PresentCommand>; known: string[] };
}

/** checkout needs orders-db (ours) and partner (not ours); search is a neighbour. All well for ten minutes. */
export function shop(): World {
  return {
    services: [
      service("checkout", {
        dependsOn: ["orders-db", "partner"],
        files: { root: "/srv/shop", editable: ["config/**"], afterEdit: "restart" },
        limits: { maxReplicas: 3, maxMemoryBytes: 1_024 * MB },
      }),
      service("orders-db"),
      service("search"),
      outside("partner", {
        health: [
          {
            kind: "http",
            url: "https://api.partner.example/status",
            everyMs: 5_000,
            timeoutMs: 2_000,
            expect: {},
          },
        ],
      }),
    ],
    states: {},
    use: { checkout: { cpu: 0.1, memoryBytes: 100 * MB } },
    failing: {},
    listening: {},
    levels: { checkout: "critical", "orders-db": "healthy", search: "healthy", partner: "healthy" },
    files: { checkout: { "config/app.json": CONFIG } },
    knownGood: { checkout: "good-1" },
    signals: requestLog("checkout", NOW - 10 * MINUTE, NOW, 10),
    findings: [],
    host: { cpu: 0.2, memory: 0.4, disks: [{ mount: "/", used: 0.3 }] },
    records: {},
    cases: [],
    machine: wellMachine(),
  };
}

/** checkout answers nobody any more, needs all its memory and all of a core: several causes fit nearly equally well. */
export function twoCauses(): World {
  const world = shop();
  world.use["checkout"] = { cpu: 0.99, memoryBytes: 1_000 * MB, memoryLimitBytes: 1_024 * MB };
  world.failing["checkout"] = "timeout";
  world.listening["checkout"] = true;
  world.states["checkout"] = { status: "running", health: "unhealthy" };
  world.signals.push(
    ...metrics(
      "memory-bytes",
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => n * 100 * MB),
    ),
  );
  world.findings = [finding("memory", { value: 0.97 }), finding("hung"), finding("unhealthy")];
  return world;
}

export function finding(kind: FindingKind, facts: JsonObject = {}, change: Partial<Finding> = {}): Finding {
  return {
    kind,
    service: "checkout",
    since: NOW - MINUTE,
    at: NOW,
    severity: "critical",
    summary: `${kind} on checkout`,
    signature: `sig-${kind}`,
    facts,
    signals: [],
    ...change,
  };
}

export function log(text: string, at: number, level: "info" | "error" = "error", name = "checkout"): Signal {
  return { kind: "log", service: name, at, level, text, source: "runtime" };
}

/** `perMinute` ordinary lines a minute. */
export function requestLog(name: string, from: number, to: number, perMinute: number): Signal[] {
  const count = Math.floor(((to - from) / MINUTE) * perMinute);
  return Array.from({ length: count }, (_, n) =>
    log("GET / 200 12ms", from + (n * MINUTE) / perMinute, "info", name),
  );
}

export function metrics(
  name: "memory-bytes" | "cpu" | "memory" | "request-rate",
  values: number[],
): Signal[] {
  return values.map((value, index) => ({
    kind: "metric",
    service: "checkout",
    at: NOW - (values.length - 1 - index) * 10 * SECOND,
    name,
    value,
    of: "service",
  }));
}

const RUNNING: ServiceState = {
  status: "running",
  health: "none",
  instance: "1",
  oomKilled: false,
  startedAt: NOW - 60 * MINUTE,
  restartCount: 0,
  stoppedByOperator: false,
  replicas: 1,
};

const runs = (world: World, name: string): boolean => stateOf(world, name).status === "running";

function useOf({ use, machine }: World, name: string) {
  return use[name] && { ...machine.allowances, ...use[name] };
}

function stateOf(world: World, name: string): ServiceState {
  return { ...RUNNING, ...world.states[name] };
}

function commandsOf({ now, known }: NonNullable<World["commands"]>): Commands {
  return {
    present: () => Promise.resolve({ id: "", shown: "", since: 0, ...now }),
    has: (id: string) => Promise.resolve(known.includes(id)),
  } as Partial<Commands> as Commands;
}

export function evidenceParts(world: World): EvidenceParts {
  const targets = new Map(
    world.services
      .filter((one) => one.runtime)
      .map(({ name }) => [
        name,
        {
          service: name,
          kind: "process",
          state: () => Promise.resolve(stateOf(world, name)),
          describe: () =>
            Promise.resolve({
              kind: "process",
              ...(world.images && { imageId: world.images.now, commandId: "sha256:command" }),
              ...(world.mounts && { mounts: world.mounts }),
            }),
          replaceable: {
            hasVersion: ({ imageId = "" }) => Promise.resolve(world.images?.there.includes(imageId) === true),
          } as Partial<Replaceable> as Replaceable,
          ...(world.commands && { commands: commandsOf(world.commands) }),
          use: () => Promise.resolve(runs(world, name) ? useOf(world, name) : undefined),
          pids: () => Promise.resolve(runs(world, name) ? [MAIN_PID] : []),
        } as Partial<Target> as Target,
      ]),
  );
  return {
    targets: { of: (name) => targets.get(name) },
    prober: {
      probe: ({ name }, probe) => {
        const failure = probe.kind === "tcp" && world.listening[name] ? undefined : world.failing[name];
        const seen = { kind: "probe", service: name, at: NOW, probe: probeName(probe) } as const;
        const told = { ...seen, ...world.machine.answers[name] };
        return Promise.resolve(
          failure ? { ...told, ok: false, failure } : { latencyMs: 5, ...told, ok: true },
        );
      },
      database: ({ name }) =>
        Promise.resolve({ kind: "probe", service: name, at: NOW, probe: "database", ok: true }),
    },
    host: { use: () => Promise.resolve(world.host) },
    ...machineOf(world.machine),
    clock: { now: () => NOW, sleep: () => Promise.resolve() },
    services: () => world.services,
    level: (name) => world.levels[name],
    window: (name) => world.signals.filter((one) => one.service === name),
    filesOf: ({ name }) => {
      const files = world.files[name];
      if (!files) return undefined;
      const all = Object.entries(files).map(([path, content]) => ({
        path,
        content,
        modifiedAt: 0,
        mode: 0o644,
      }));
      return {
        list: () => Promise.resolve(all),
        read: (path) => Promise.resolve(all.find((one) => one.path === path)),
        write: () => Promise.reject(new Error("evidence is read-only")),
      };
    },
    outage: () => world.outage,
    clearable: () => Promise.resolve(world.clearable),
    images: world.unusedImages,
    containers: world.stoppedContainers,
    goodCommand: () => Promise.resolve(world.commands?.good),
    goodImage: () => Promise.resolve(world.images?.good),
    history: {
      lastGood: (name) => {
        const version = world.knownGood[name];
        return Promise.resolve(version ? { version, at: 0, files: [] } : undefined);
      },
    },
    readSettings: (path, content) =>
      path.endsWith(".json") ? leaves(JSON.parse(content) as JsonObject, "") : undefined,
  };
}

function leaves(value: JsonObject, prefix: string): { pointer: string; value: JsonObject[string] }[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    inner !== null && typeof inner === "object" && !Array.isArray(inner)
      ? leaves(inner, `${prefix}${key}.`)
      : [{ pointer: `${prefix}${key}`, value: inner }],
  );
}

function action(name: string, effect: Effect, params: z.ZodType): Action {
  return { name, effect, params, risk: "low", downtimeMs: () => 1_000 } as Partial<Action> as Action;
}

const EDIT = z.strictObject({ path: z.string(), pointer: z.string(), from: z.json(), to: z.json() });

/** Names and parameters of the catalogue, without what the actions do. */
export const catalogue: Actions = ((all: Action[]) => ({
  get: (name: string) => all.find((one) => one.name === name),
  all: () => all,
}))([
  action("start", "repeatable", z.strictObject({})),
  { ...action("restart", "repeatable", z.strictObject({})), needsTarget: true },
  action("reload", "repeatable", z.strictObject({ signal: z.string() })),
  action("scale", "reversible", z.strictObject({ replicas: z.int().min(1) })),
  action("set-memory-limit", "reversible", z.strictObject({ bytes: z.int() })),
  action("edit-setting", "reversible", EDIT),
  action("edit-settings", "reversible", z.strictObject({ edits: z.array(EDIT) })),
  action("restore-files", "reversible", z.strictObject({ version: z.string(), paths: z.array(z.string()) })),
  action("roll-back-image", "reversible", z.strictObject({ from: z.string(), to: z.string() })),
  action("remove-images", "reversible", z.strictObject({ at: z.int(), images: z.array(z.object({})) })),
  action(
    "remove-containers",
    "reversible",
    z.strictObject({ at: z.int(), containers: z.array(z.object({})) }),
  ),
  action("free-space", "reversible", z.strictObject({ at: z.int(), items: z.array(z.object({})) })),
]);

/** Diagnoses and plans in this world, as a run on `name` would. */
export async function diagnose(
  world: World,
  name = "checkout",
  attempts: Attempt[] = [],
  model: Model = noModel,
  askBp = 6_000,
  evidence: Evidence = makeEvidence(evidenceParts(world)),
) {
  const parts = evidenceParts(world);
  const find = (wanted: string) => world.services.find((one) => one.name === wanted);
  const analyst = makeRootCauseAnalyst({
    playbooks: shippedPlaybooks,
    evidence,
    trust: trustFrom((playbook, fix) => {
      const record = world.records[`${playbook} ${fix}`];
      const day = Math.floor(NOW / (24 * 60 * MINUTE));
      return Promise.resolve(record ? [{ nearness: "kind" as const, day, ...record }] : []);
    }),
    service: find,
    targetKind: () => "process",
    model,
    askBp: () => askBp,
    clock: parts.clock,
  });
  const decide = makePlanner({
    actions: catalogue,
    playbooks: shippedPlaybooks,
    service: find,
    recent: () => Promise.resolve(world.cases),
    policy: () => policy(),
    clock: parts.clock,
  });
  const { findings, signals } = world;
  const { diagnosis } = await analyst({ service: name, findings, signals, attempts });
  const decided = await decide({ runId: "run-1", service: name, findings, diagnosis, attempts });
  return { diagnosis, ...decided };
}
