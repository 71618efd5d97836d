// Operations without a server: the command line opens the embedded store itself, runs what it is asked to run in
// this process, and closes it again.
import pino from "pino";
import { expectShortLife } from "../knowledge/short-life.ts";
import { allVariables, type Config, readEnvironment } from "./config.ts";
import { modelText } from "./config/model-settings.ts";
import { packageVersion } from "./cli/version.ts";
import { finishRestores } from "./finish-restores.ts";
import { makeGraphHealer } from "./graph-healer.ts";
import { makeHealthView } from "./health-view.ts";
import { makeLiveEvents } from "./live-events.ts";
import { embeddedOperations } from "./embedded-operations.ts";
import { makeLocalOperations } from "./local-operations.ts";
import { makeLook } from "./look.ts";
import type { Operations } from "./operations.ts";
import { processEnv, wire } from "./wire.ts";

export async function openEmbedded(
  config: Config,
): Promise<{ operations: Operations; close(): Promise<void> }> {
  const environment = readEnvironment();
  const logger = pino({ level: environment.OPSMEDIC_LOG_LEVEL ?? "silent" });
  const live = makeLiveEvents();
  const stop = new AbortController();
  const jobs = new Set<Promise<unknown>>();
  expectShortLife();
  const wired = await wire({
    config,
    logger,
    live,
    requestRun: (service) => launch(service),
    baseEnv: processEnv(allVariables()),
    followsLogs: false,
    ...(environment.DOCKER_HOST !== undefined && { dockerHost: environment.DOCKER_HOST }),
  });
  const { engine, opened, clock } = wired;
  await wired.discovered?.refresh(stop.signal).catch(() => undefined); // without Docker there is nothing to find

  /** What a queue does in the server: at once, and one after the other for a service. */
  function launch(service: string): Promise<void> {
    const job = runAll(service).finally(() => jobs.delete(job));
    jobs.add(job);
    return Promise.resolve();
  }

  async function runAll(service: string): Promise<void> {
    try {
      // What a crash left behind is finished before anything new is begun; looking alone begins nothing.
      await finishRestores(wired, service);
      while (!stop.signal.aborted) {
        const run = await engine.runner.run(
          { service, trigger: "cli", reason: "asked on the command line" },
          stop.signal,
        );
        const left = await opened.store.runs.unfinished(service);
        if (!run || !left.some((one) => one.status === "running")) return;
      }
    } catch (error) {
      if (!stop.signal.aborted) logger.error(error, "a run broke");
    }
  }

  const local = makeLocalOperations({
    ...wired,
    store: opened.store,
    observations: opened.observations,
    recall: wired.knowledge,
    scores: wired.engine.scores,
    logRules: config.logRules,
    outages: wired.engine.outages,
    logsKeptMs: config.retention.logsMs,
    view: makeHealthView(wired),
    healer: makeGraphHealer(wired, launch),
    checkEveryMs: config.healing.everyMs,
    info: {
      version: packageVersion(),
      node: process.version,
      store: opened.kind,
      queue: "embedded",
      model: modelText(config.model),
      started_at: new Date(clock.now()).toISOString(),
      demo: false,
    },
  });
  return {
    operations: embeddedOperations(local, {
      wired,
      look: makeLook(wired),
      settled: async () => void (await Promise.allSettled(jobs)),
      signal: stop.signal,
    }),
    /** A run that goes on is left to its checkpoint, and taken up by whoever comes next. */
    async close() {
      stop.abort(new Error("the command has ended"));
      await Promise.allSettled(jobs);
      wired.databases.close();
      await opened.close();
    },
  };
}
