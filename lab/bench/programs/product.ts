// The product in a process of its own, so that its time and memory are its own: everything that api/wire.ts
// builds, driven by messages from the benchmark.
import pino from "pino";
import { sweep } from "../../../agents/sweep.ts";
import { allVariables, configFromObject } from "../../../api/config.ts";
import { makeQueue } from "../../../api/queue.ts";
import { makeWatch } from "../../../api/watch.ts";
import { systemIds, wire, type Wired } from "../../../api/wire.ts";
import { messageOf } from "../../../domain/errors.ts";
import { only } from "../../../domain/signal.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import { openStore, type OpenStore } from "../../../knowledge/store.ts";
import { preciseNow } from "../statistics.ts";
import type { Answers, Ask, Happening, OpenRequest, RunAnswer } from "../product-messages.ts";

let wired: Wired | undefined;
let requestRun: (service: string, reason: string) => Promise<void> = () => Promise.resolve();
const stop = new AbortController();

function here(): Wired {
  if (!wired) throw new Error("open comes first");
  return wired;
}

function tell(happening: Happening): void {
  process.send?.({ happening });
}

async function open({ config, baseDir, url }: OpenRequest): Promise<void> {
  const checked = configFromObject(config, { baseDir, variables: {} });
  const deps = { clock: systemClock, makeId: systemIds };
  const opened = await openStore({ dataDir: checked.dataDir, url }, deps);
  wired = await wire({
    config: checked,
    logger: pino({ level: "silent" }),
    live: { publish: () => undefined, subscribe: () => () => undefined },
    requestRun: (service, reason) => requestRun(service, reason),
    baseEnv: { PATH: allVariables()["PATH"] ?? "" },
    opened: withMarks(opened),
    timing: { validateEveryMs: 100, graceMs: 1_000, provenAfterMs: 200 },
  });
}

/** Tells when the journal says that an action is being applied. */
function withMarks(opened: OpenStore): OpenStore {
  const { journal } = opened.store;
  const marked: typeof journal = {
    ...journal,
    async advance(key, from, to, more) {
      await journal.advance(key, from, to, more);
      if (to === "applying")
        tell({ what: "applying", service: running.get(key.runId) ?? "", at: preciseNow() });
    },
  };
  const { runs } = opened.store;
  const start: typeof runs.start = (run) => {
    running.set(run.id, run.service);
    return runs.start(run);
  };
  return { ...opened, store: { ...opened.store, journal: marked, runs: { ...runs, start } } };
}
const running = new Map<string, string>();

async function start(names: readonly string[]): Promise<number[]> {
  const { targets, supervisor } = here();
  await Promise.all(names.map((name) => targets.of(name)?.start()));
  await Promise.all(names.map(settle));
  return names.map((name) => supervisor.pidOf(name) ?? 0);
}

/** Looks until the service is well, and its files are remembered as good. */
async function settle(name: string): Promise<void> {
  const { engine, services, fileHistory } = here();
  const service = services().find((one) => one.name === name);
  if (!service) throw new Error(`no service ${name}`);
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await systemClock.sleep(100)) {
    const window = await engine.monitor.observe(service);
    const findings = engine.judge(service, window);
    const fine = findings.length === 0 && only(window, "probe").at(-1)?.ok !== false;
    if (fine) await engine.knownGood.noteHealthy(service, only(window, "state").at(-1));
    if (fine && (!service.files || (await fileHistory.lastGood(name)))) return;
  }
  throw new Error(`${name} did not become healthy`);
}

async function run(service: string): Promise<RunAnswer> {
  const { engine, opened } = here();
  const began = preciseNow();
  const done = await engine.runner.run({ service, trigger: "api", reason: "benchmark" });
  const ms = preciseNow() - began;
  if (!done) throw new Error(`${service} was owned by another run`);
  const steps = await opened.store.runs.steps(done.id);
  const incident = await opened.store.runs.incident(done.id);
  return {
    ms,
    outcome: done.outcome ?? done.status,
    nodes: steps.filter((one) => one.phase === "end").map(({ node, ms: took }) => ({ node, ms: took ?? 0 })),
    actionMs: (incident?.application?.steps ?? []).reduce((sum, one) => sum + one.ms, 0),
    report: done.report ?? "",
  };
}

async function watch(through: "directly" | "queue"): Promise<void> {
  const { engine, services, events, opened } = here();
  const heal = async (service: string): Promise<void> => {
    const done = await engine.runner.run({ service, trigger: "watch", reason: "benchmark" }, stop.signal);
    if (done) tell({ what: "ended", service, at: preciseNow(), outcome: done.outcome ?? done.status });
  };
  const pending = new Set<string>();
  const send =
    through === "queue" ? await throughQueue(opened, heal) : async (name: string) => void heal(name);
  requestRun = async (service) => {
    tell({ what: "requested", service, at: preciseNow() });
    pending.add(service);
    await send(service);
  };
  const loop = makeWatch({
    services,
    monitor: engine.monitor,
    detect: (service, signals) => engine.judge(service, signals),
    knownGood: engine.knownGood,
    clock: systemClock,
    everyMs: () => here().config.healing.watchMs,
    requestRun: (service, findings) => requestRun(service, findings[0]?.summary ?? ""),
    onWell: async (service) => void pending.delete(service.name),
    isDue: (service) => !pending.has(service),
    onError: (service, error) => tell({ what: "error", service, at: preciseNow(), text: messageOf(error) }),
  });
  void loop.run(stop.signal);
  void events.follow((event) => loop.onEvent(event, stop.signal), stop.signal);
}

async function throughQueue(opened: OpenStore, heal: (service: string) => Promise<void>) {
  const queue = await makeQueue({
    pool: opened.pool,
    poolKind: opened.kind,
    onError: (error, where) =>
      tell({ what: "error", service: where, at: preciseNow(), text: messageOf(error) }),
  });
  await queue.process("heal", ({ service }) => heal(String(service)), { concurrency: 4 });
  return (service: string) => queue.enqueue("heal", { service }, { dedupe: service });
}

/** Everything once, judged, as a scheduled sweep does. */
async function sweepAll(): Promise<{ ms: number; findings: number }> {
  const { engine, services } = here();
  const began = performance.now();
  const windows = await sweep(engine.monitor, services());
  const findings = services().flatMap((one) => engine.judge(one, windows.get(one.name) ?? []));
  return { ms: performance.now() - began, findings: findings.length };
}

async function close(): Promise<void> {
  stop.abort();
  const { services, supervisor, opened } = here();
  for (const { name, runtime } of services()) if (runtime?.kind === "process") await supervisor.stop(name);
  await opened.close();
}

const asks: { [K in keyof Answers]: (about: never) => Promise<Answers[K]> } = {
  open: (about: OpenRequest) => open(about),
  start: (names: readonly string[]) => start(names),
  run: (service: string) => run(service),
  watch: (through: "directly" | "queue") => watch(through),
  sweep: () => sweepAll(),
  memory: () => Promise.resolve(process.memoryUsage.rss()),
  close,
};

process.on("message", ({ id, ask, about }: Ask) => {
  asks[ask](about as never).then(
    (answer) => process.send?.({ id, answer }),
    (error: unknown) => process.send?.({ id, error: error instanceof Error ? error.stack : String(error) }),
  );
});
process.on("disconnect", () => process.exit(1));
