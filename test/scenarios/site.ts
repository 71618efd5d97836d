// A site for scenarios: opsmedic's own engine, as api/wire.ts builds it, over real processes in a folder of its
// own, with their logs and events followed as the server does. Nothing is faked but how old a process is.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pino from "pino";
import { makeLogFollower } from "../../agents/log-follower.ts";
import { configFromObject } from "../../api/config.ts";
import type { EngineParts, EngineTiming } from "../../api/engine-parts.ts";
import type { LiveEvent } from "../../api/operations.ts";
import { systemIds, wire } from "../../api/wire.ts";
import { type FindingKind, isSymptom } from "../../domain/finding.ts";
import { incidentSchema } from "../../domain/incident.ts";
import type { Service } from "../../domain/service.ts";
import { only, type Signal } from "../../domain/signal.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { type OpenStore, openStore } from "../../knowledge/store.ts";
import { diffOf } from "../../tools/backup-diff.ts";
import { makeGuardedFiles } from "../../tools/guarded-files.ts";
import { embeddedTemplate } from "../knowledge/embedded-template.ts";
import { openTestStore, type StoreKind } from "../knowledge/open-test-store.ts";
import { replayVerdicts, replayWhole } from "./gate-replay.ts";
import { watchLoop } from "./watch-loop.ts";

export interface SiteOptions {
  /** "folder": embedded, on disk, so that a later site can open it again. */
  store?: StoreKind | "folder";
  /** As in opsmedic.yaml. */
  services: (folder: string) => object[];
  healing?: object;
  thresholds?: object;
  /** The language model, as in opsmedic.yaml. */
  model?: object;
  files?: Record<string, string>;
  /** Makes what is more than a text file, before anything starts. */
  prepare?: (folder: string) => void;
  timing?: Partial<EngineTiming>;
  indexTimes?: Partial<EngineParts["indexTimes"]>;
  dockerHost?: string;
  /** Of a site that was left: its processes, files and records are found again. */
  folder?: string;
}

const DEADLINE_MS = 30_000;

export async function openScenario(options: SiteOptions) {
  const { services, healing, thresholds = {}, model = {}, files = {}, timing, dockerHost } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "opsmedic-scenario-"));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, content: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  options.prepare?.(folder);
  const config = configFromObject(
    {
      version: 1,
      dataDir: path(".opsmedic"),
      services: services(folder),
      healing: { validate: { for: "2s" }, ...healing },
      thresholds,
      model,
    },
    { baseDir: folder, variables: {} },
  );
  const requested: { service: string; reason: string }[] = [];
  const published: LiveEvent[] = [];
  const asked = { run: async (_service: string): Promise<void> => undefined };
  const wired = await wire({
    config,
    logger: pino({ level: "silent" }),
    live: { publish: (event) => published.push(event), subscribe: () => () => undefined },
    requestRun: async (service, reason) => {
      requested.push({ service, reason });
      await asked.run(service);
    },
    baseEnv: { PATH: process.env["PATH"] ?? "" },
    opened: await openedStore(options.store ?? "pglite", config.dataDir),
    timing: {
      validateEveryMs: 100,
      graceMs: 1_000,
      leaseMs: 2_000,
      provenAfterMs: 200,
      undoPatienceMs: 2_000,
      ...timing,
    },
    ...(options.indexTimes && { indexTimes: options.indexTimes }),
    ...(dockerHost !== undefined && { dockerHost }),
  });
  const { engine, targets, supervisor } = wired;
  const { store } = wired.opened;
  const following = new AbortController();
  const followed = follow(wired, following.signal);
  let left = false;

  const named = (name: string): Service => {
    const service = wired.services().find((one) => one.name === name);
    if (!service) throw new Error(`no service ${name}`);
    return service;
  };
  const look = async (name: string) => {
    const window = await engine.monitor.observe(named(name));
    return { window, findings: engine.judge(named(name), window) };
  };

  async function heal(service: string, more: { dryRun?: boolean } = {}) {
    const run = await engine.runner.run({ service, trigger: "api", reason: "test", ...more });
    if (run) {
      await replayVerdicts(store.runs, run.id);
      await replayWhole(store.runs, run.id, wired);
    }
    return run;
  }

  async function leave(): Promise<void> {
    if (left) return;
    left = true;
    following.abort();
    await followed;
    wired.databases.close();
    await wired.opened.close();
  }

  return {
    ...wired,
    store,
    folder,
    requested,
    published,
    path,
    write,
    read: (name: string): string => readFileSync(path(name), "utf8"),
    exists: (name: string): boolean => existsSync(path(name)),
    service: named,
    look,
    heal,
    leave,
    start: async (name: string) => {
      await targets.of(name)?.start();
    },
    state: (name: string) => {
      const target = targets.of(name);
      if (!target) throw new Error(`nothing of ours runs for ${name}`);
      return target.state();
    },
    /** How often the supervisor has really started it, ever. */
    starts: (name: string): number => supervisor.folderOf(name).record()?.starts ?? 0,
    async kill(name: string, signal: NodeJS.Signals = "SIGKILL") {
      process.kill(supervisor.pidOf(name) ?? Number.NaN, signal);
      if (signal === "SIGKILL") await untilTrue(`${name} is gone`, () => !supervisor.running(name));
    },
    /** As if it had been started this much earlier: what has just been started is judged mildly. */
    age(name: string, byMs: number) {
      const place = supervisor.folderOf(name);
      const record = place.record();
      if (!record) return;
      const startedAt = (record.startedAt - byMs) / 1000;
      utimesSync(join(place.path, `process-${record.starts}`), startedAt, startedAt);
    },
    /** Looks until the service is well, and remembers its files as good. */
    async settle(name: string, { besides = [] }: { besides?: FindingKind[] } = {}) {
      const service = named(name);
      await untilTrue(`${name} is well`, async () => {
        const { window, findings } = await look(name);
        const others = findings.filter((one) => !besides.includes(one.kind));
        const fine = others.length === 0 && only(window, "probe").at(-1)?.ok !== false;
        if (fine) await engine.knownGood.noteHealthy(service, only(window, "state").at(-1));
        return fine && (await areKnownGood(wired, service));
      });
    },
    /** Looks, as the watch loop does, until the detectors see the symptom. */
    async sees(name: string, kind: FindingKind, { everyMs = 150 } = {}) {
      await untilTrue(
        `${name} shows ${kind}`,
        async () => (await look(name)).findings.some((one) => isSymptom(one) && one.kind === kind),
        everyMs,
      );
    },
    /** As the graph holds it, so also while the run waits. */
    incident: async (runId: string | undefined) => {
      const graph = await engine.openGraph();
      const { values } = await graph.getState({ configurable: { thread_id: runId } });
      return incidentSchema.parse(values);
    },
    incidentsOf: (service: string) => store.incidents.list({ service, limit: 50 }),
    casesOf: (service: string) => store.cases.recent({ service, since: 0, limit: 50 }),
    alerts: () => published.filter((one) => one.data["status"] === "ESCALATED"),
    /** The server's loop: looks by itself and runs what is due. */
    watch: () => watchLoop(wired, { heal, onAsked: (run) => (asked.run = run) }),
    /** The same site after a restart of opsmedic. */
    async reopen(more: Partial<SiteOptions> = {}) {
      await leave();
      return openScenario({ ...options, ...more, folder, files: {}, prepare: () => undefined });
    },
    async [Symbol.asyncDispose]() {
      await leave();
      for (const { name, runtime } of wired.services()) {
        if (runtime?.kind === "process") await supervisor.stop(name);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type Scenario = Awaited<ReturnType<typeof openScenario>>;

async function openedStore(kind: StoreKind | "folder", dataDir: string): Promise<OpenStore> {
  return kind === "folder"
    ? openStore(
        { dataDir, warmTemplate: await embeddedTemplate() },
        { clock: systemClock, makeId: systemIds },
      )
    : openTestStore(kind, { clock: systemClock as never, makeId: systemIds });
}

/** Whether the files as they are now are those that are remembered as good. */
async function areKnownGood({ fileHistory }: Wired, service: Service): Promise<boolean> {
  if (service.files === undefined) return true;
  const good = await fileHistory.lastGood(service.name);
  const now = await makeGuardedFiles(service.files).list();
  return good !== undefined && diffOf(good.files, now).length === 0;
}

type Wired = Awaited<ReturnType<typeof wire>>;

/** Log lines and the runtime's announcements, from now on. */
async function follow({ services, targets, events, engine, clock }: Wired, signal: AbortSignal) {
  const note = (one: Signal): void => engine.monitor.note(one);
  const logs = makeLogFollower({ targets, clock, onSignal: note });
  await Promise.all([events.follow(note, signal), ...services().map((one) => logs.follow(one, signal))]);
}

/** Polls with a deadline. */
export async function untilTrue(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  everyMs = 100,
): Promise<void> {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`in ${DEADLINE_MS} ms it did not come true that ${what}`);
    await systemClock.sleep(everyMs);
  }
}
