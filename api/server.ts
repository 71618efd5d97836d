// The server's inner life, without HTTP: jobs, watch loop, schedule, log followers, housekeeping. Starts what
// wire.ts built and stops it in order.
import { type LogSourceStatus, makeLogFollower } from "../agents/log-follower.ts";
import { messageOf } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Service } from "../domain/service.ts";
import type { LogEvent } from "../tools/log-sources/log-source.ts";
import { bringUpEach } from "./bring-up.ts";
import { finishRestores } from "./finish-restores.ts";
import { makeGraphHealer } from "./graph-healer.ts";
import type { Healer } from "./healer.ts";
import { makeHandOn } from "./hand-on.ts";
import { healJobSchema } from "./heal-job.ts";
import { makeHousekeeping } from "./housekeeping.ts";
import { makeLastingTroubles } from "./lasting-troubles.ts";
import { makeOutsideLogs } from "./outside-logs.ts";
import { makePacing } from "./pacing.ts";
import { makeQueue, type Queue } from "./queue.ts";
import { makeTakeLogs } from "./take-logs.ts";
import { makeWatch } from "./watch.ts";
import type { RunRequests } from "./run-requests.ts";
import type { Wired } from "./wire.ts";

export interface Body {
  healer: Healer;
  queue: Queue;
  /** The last word on each log. */
  logSources(): LogSourceStatus[];
  /** Log events that were sent to us; resolves when they are counted and no kill can lose them. */
  takeLogs(events: readonly LogEvent[]): Promise<void>;
  stop(): Promise<void>;
}

const HEALS_AT_ONCE = 16;
const CLOSE_WITHIN_MS = 5_000;
/** A service that died just before our start still has its last words. */
const LOG_LOOK_BACK_MS = 60_000;
/** A log source whose reader was killed is read by another process after this. */
const LOG_LEASE_MS = 30_000;

/** `requestRun` of wire.ts is bound here: the engine exists before the queue does. */
export async function startServer(wired: Wired, requests: RunRequests): Promise<Body> {
  const { config, clock, logger, engine, events, services, opened, policy, targets } = wired;
  await engine.openGraph(); // a store that cannot carry runs is told at the start, not at the first trouble
  const stop = new AbortController();
  const queue = await makeQueue({
    redisUrl: config.queue.url,
    pool: opened.pool,
    poolKind: opened.kind,
    onError: (error, where) => logger.warn({ error: messageOf(error), where }, "queue"),
  });
  const troubles = makeLastingTroubles(logger);
  const pacing = makePacing({ clock, cooldownMs: () => policy.get().breaker.cooldownMs });
  const perhapsOpen = new Set(
    (await opened.store.incidents.list({ status: "ACTIVE", limit: 500 })).map((one) => one.service),
  );

  let standing = new Set<string>();
  /** Services whose decisions wait for what becomes of them. */
  let undecided = new Set<string>();
  /** Services with a run that waits for an answer, and since when each service is well without a break. */
  let asking = new Set<string>();
  /** Services with an incident that was handed to a person, and not seen to be over. */
  let handedOver = new Set<string>();
  const wellSince = new Map<string, number>();

  const sendJob = (service: string, more: JsonObject = {}): Promise<void> =>
    queue.enqueue("heal", { service, ...more }, { dedupe: service });
  requests.bind((service, reason) => sendJob(service, { trigger: "watch", reason }));
  /** For a run that is in the store already: where it has ended meanwhile, nothing is left to do. */
  const takeUp = (service: string): Promise<void> => sendJob(service, { takeUpOnly: true });
  const healer = makeGraphHealer(wired, takeUp);
  const isService = (name: string): boolean => services().some((one) => one.name === name);
  const handOn = makeHandOn({ isService, queue, logger });

  await queue.process("heal", (data, job) => heal(data, AbortSignal.any([job.signal, stop.signal])), {
    concurrency: HEALS_AT_ONCE,
  });
  await queue.process("sweep", () => sweep(), { concurrency: 1 });

  /** One run, and whatever else of this service was left unfinished. */
  async function heal(data: JsonObject, signal: AbortSignal): Promise<void> {
    const job = healJobSchema.parse(data);
    const { service } = job;
    if (opened.kind === "postgres" && (await handOn(job))) return;
    await finishRestores(wired, service);
    if (job.takeUpOnly && (await opened.store.runs.unfinished(service)).length === 0) return;
    do {
      const run = await engine.runner.run(job, signal);
      if (!run) return;
      pacing.ended(run);
      perhapsOpen.add(service);
      undecided.add(service);
      wired.live.publish({ topic: "run", at: clock.now(), data: { ...run } });
    } while (
      (await opened.store.runs.unfinished(service)).some((one) => one.status === "running") &&
      !signal.aborted
    );
  }

  async function sweep(): Promise<void> {
    await healer.check({ services: undefined, dryRun: false, trigger: "schedule", reason: "the full sweep" });
  }

  /** What is well for as long as a repair would be watched needs none any more, and no person. */
  async function wellForGood(service: string): Promise<void> {
    const since = wellSince.get(service) ?? clock.now();
    wellSince.set(service, since);
    if (clock.now() - since < policy.get().validate.forMs) return;
    if (asking.has(service) && (await engine.runner.withdrawNeedless(service))) asking.delete(service);
    if (!handedOver.has(service) || engine.runner.isBusy(service)) return;
    handedOver.delete(service);
    await resolveAll({ open: true, service });
  }

  async function resolveAll(which: { service: string; open?: true; status?: "ACTIVE" }): Promise<void> {
    for (const { id } of await opened.store.incidents.list({ ...which, limit: 50 }))
      await engine.resolveIncident(id);
  }

  async function readHandedOver(): Promise<Set<string>> {
    const open = await opened.store.incidents.list({ open: true, status: "ESCALATED", limit: 500 });
    return new Set(open.map((one) => one.service));
  }

  const watch = makeWatch({
    services,
    monitor: engine.monitor,
    detect: (service, signals) => engine.judge(service, [...signals]),
    knownGood: engine.knownGood,
    clock,
    everyMs: (service) => {
      const usual = Math.min(config.healing.watchMs, ...service.health.map((one) => one.everyMs));
      // A standing watch: what came twice is looked at twice as often.
      return standing.has(service.name) ? usual / 2 : usual;
    },
    isDue(service, findings) {
      wellSince.delete(service);
      return !engine.runner.isBusy(service) && pacing.isDue(service, findings);
    },
    async requestRun(service, findings) {
      pacing.asked(service, findings);
      await sendJob(service, { trigger: "watch", reason: findings[0]?.summary ?? "" });
    },
    async onWell(service) {
      await wellForGood(service.name);
      if (undecided.has(service.name) && !engine.runner.isBusy(service.name)) {
        await engine.scores.settle(service.name, { well: true });
        undecided.delete(service.name);
      }
      if (!perhapsOpen.has(service.name) || engine.runner.isBusy(service.name)) return;
      perhapsOpen.delete(service.name);
      await resolveAll({ status: "ACTIVE", service: service.name });
    },
    onError: (service, error) => logger.warn({ service, error: messageOf(error) }, "a look failed"),
    onBlind: ({ name: service }, finding) => {
      const summary = finding?.summary ?? "All that is watched of it can be seen again.";
      logger.warn({ service, summary }, finding ? "a source is down" : "its sources are back");
      const type = finding ? "source-down" : "source-back";
      wired.live.publish({ topic: "alert", at: clock.now(), data: { type, service, summary } });
    },
  });
  const follower = makeLogFollower({
    targets,
    clock,
    onSignal: watch.note,
    lookBackMs: LOG_LOOK_BACK_MS,
    onSource: (status) => engine.monitor.noteSource({ ...status, source: `log ${status.source}` }),
  });

  const takeLogs = makeTakeLogs({
    services: () => new Set(services().map((one) => one.name)),
    note: watch.note,
    observe: wired.observers.note,
    took: wired.observers.logs.took,
    reached: wired.observers.logs.reached,
    saving: wired.observers.savingLogs,
    stored: opened.observations.taken,
    accepted: wired.acceptedLogs,
    shared: opened.kind === "postgres",
    clock,
  });
  const outside = makeOutsideLogs({
    logs: config.logs,
    take: takeLogs,
    taken: opened.observations.taken,
    leases: opened.store.leases,
    holder: engine.holder,
    leaseMs: LOG_LEASE_MS,
    isService,
    onSource: (status) => engine.monitor.noteSource({ ...status, source: `log ${status.source}` }),
    onNews: ({ source, ok, text }) => {
      logger.warn({ source, text }, ok ? "a log source is back" : "a log source is down");
      const summary = ok ? `${source} can be read again.` : `Not seen: ${source} (${text}).`;
      const data = { type: ok ? "source-back" : "source-down", service: "", summary };
      wired.live.publish({ topic: "alert", at: clock.now(), data });
    },
    onError: (source, error) => logger.warn({ source, error: messageOf(error) }, "outside logs"),
    clock,
  });

  await wired.discovered?.refresh(stop.signal).catch(() => undefined); // without Docker there is nothing to find
  await bringUpEach(wired, services());
  await finishRestores(wired).catch((error: unknown) => logger.warn({ error: messageOf(error) }, "restores"));
  await takeUpUnfinished();
  // What cannot be read now is read before the first that comes.
  await takeLogs.begin().catch((error: unknown) => logger.warn({ error: messageOf(error) }, "accepted logs"));
  // Not before: a sweep must not find missing what is just being brought up.
  await queue.every("sweep", { everyMs: config.healing.everyMs }, "sweep", {});
  const watched = new Map<Service, AbortController>();
  const loops: Promise<void>[] = [];
  loops.push(
    repeat("joining services", JOIN_EVERY_MS, joinServices),
    events.follow((event) => watch.onEvent(event, stop.signal), stop.signal),
    ...(wired.discovered ? [wired.discovered.run(stop.signal)] : []),
    repeat("housekeeping", config.retention.cleanupEveryMs, makeHousekeeping(wired)),
    repeat("reading the store", STORE_EVERY_MS, readStore),
    tendKnowledge(),
    wired.observers.run(stop.signal),
    outside.run(stop.signal),
  );

  /** Services found by label come and go; what goes is no longer looked at. */
  function joinServices(): Promise<void> {
    for (const [service, end] of watched) {
      if (services().includes(service)) continue;
      end.abort();
      watched.delete(service);
    }
    for (const service of services()) {
      if (watched.has(service)) continue;
      const end = new AbortController();
      const signal = AbortSignal.any([stop.signal, end.signal]);
      watched.set(service, end);
      loops.push(watch.watch(service, signal), follower.follow(service, signal));
    }
    return Promise.resolve();
  }

  /** What a crash or a shutdown left behind goes on. */
  async function takeUpUnfinished(): Promise<void> {
    for (const { service } of await opened.store.runs.unfinished()) await takeUp(service);
  }

  /** What may have changed in the store. An approval that nobody decided ends its run: never into a yes. */
  async function readStore(): Promise<void> {
    await policy.reload();
    await finishRestores(wired);
    standing = new Set((await opened.store.watches.list()).map((one) => one.service));
    undecided = new Set(await opened.store.decisions.waiting());
    handedOver = await readHandedOver();
    const pending = await opened.store.approvals.list({ status: "pending", limit: 500 });
    asking = new Set(pending.map((one) => one.service));
    for (const one of await opened.store.approvals.expire(clock.now())) await takeUp(one.service);
    await engine.tellOver();
  }

  /** Not at the start, when everything else is to be done: the first starter pack, indexes, vectors. */
  async function tendKnowledge(): Promise<void> {
    await clock.sleep(KNOWLEDGE_AFTER_MS, stop.signal).catch(() => undefined);
    await repeat("tending knowledge", KNOWLEDGE_EVERY_MS, async () => {
      while (!(await wired.knowledge.tend(stop.signal))) await clock.sleep(KNOWLEDGE_PAUSE_MS, stop.signal);
    });
  }

  async function repeat(what: string, everyMs: number, work: () => Promise<void>): Promise<void> {
    while (!stop.signal.aborted) {
      await troubles.around(what, work);
      await clock.sleep(everyMs, stop.signal).catch(() => undefined);
    }
  }

  return {
    healer,
    queue,
    logSources: () => [...follower.sources(), ...outside.sources()],
    takeLogs: takeLogs.accept,
    async stop() {
      stop.abort(new Error("opsmedic is shutting down"));
      await Promise.allSettled(loops);
      // What the followers had in hand when they ended.
      await takeLogs.saved().catch((error: unknown) => logger.warn({ error: messageOf(error) }, "logs"));
      await wired.acceptedLogs?.close();
      await queue.close({ withinMs: CLOSE_WITHIN_MS });
      wired.databases.close();
      await opened.close();
    },
  };
}

const KNOWLEDGE_AFTER_MS = 60_000;
const KNOWLEDGE_EVERY_MS = 60_000;
const KNOWLEDGE_PAUSE_MS = 1_000;
const JOIN_EVERY_MS = 2_000;
const STORE_EVERY_MS = 5_000;
