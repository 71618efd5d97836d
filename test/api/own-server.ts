// The server's inner life as api/serve.ts starts it, over real processes, without HTTP. It can be stopped in order and
// started again on the same folder.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { configFromObject } from "../../api/config.ts";
import type { EngineTiming } from "../../api/engine-parts.ts";
import type { LiveEvent } from "../../api/operations.ts";
import { makeRunRequests } from "../../api/run-requests.ts";
import { startServer } from "../../api/server.ts";
import { systemIds, wire } from "../../api/wire.ts";
import type { Clock } from "../../domain/clock.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { openStore } from "../../knowledge/store.ts";
import { embeddedTemplate } from "../knowledge/embedded-template.ts";
import { openTestStore } from "../knowledge/open-test-store.ts";
import { untilTrue } from "../scenarios/site.ts";

export interface ServerOptions {
  services: (folder: string) => object[];
  healing?: object;
  more?: object;
  /** "folder": on disk, so that the next server finds what this one left. */
  store?: "pglite" | "folder";
  clock?: Clock;
  timing?: Partial<EngineTiming>;
  dockerHost?: string;
  /** Told what the server logs as a warning or worse. */
  onLog?: (line: string) => void;
  /** Of a server that was stopped. */
  folder?: string;
}

export async function openServer(options: ServerOptions) {
  const { clock = systemClock, store = "pglite" } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "opsmedic-server-"));
  const dataDir = join(folder, ".opsmedic");
  const config = configFromObject(
    {
      version: 1,
      dataDir,
      services: options.services(folder),
      discover: { docker: false },
      healing: { validate: { for: "2s" }, watch: "200ms", every: "1h", ...options.healing },
      ...options.more,
    },
    { baseDir: folder, variables: {} },
  );
  const requests = makeRunRequests();
  const published: LiveEvent[] = [];
  const deps = { clock, makeId: systemIds };
  const wired = await wire({
    config,
    logger: options.onLog ? pino({ level: "warn" }, { write: options.onLog }) : pino({ level: "silent" }),
    live: { publish: (event) => published.push(event), subscribe: () => () => undefined },
    requestRun: requests.request,
    baseEnv: { PATH: process.env["PATH"] ?? "" },
    opened:
      store === "folder"
        ? await openStore({ dataDir, warmTemplate: await embeddedTemplate() }, deps)
        : await openTestStore("pglite", deps as never),
    timing: { validateEveryMs: 100, graceMs: 500, leaseMs: 5_000, provenAfterMs: 200, ...options.timing },
    clock,
    ...(options.dockerHost !== undefined && { dockerHost: options.dockerHost }),
  });
  const body = await startServer(wired, requests);
  let left = false;
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopped ??= body.stop());

  return {
    ...wired,
    body,
    folder,
    published,
    store: wired.opened.store,
    stop,
    /** Every job that was taken has ended, and none is taken any more; the records can still be read. */
    stopJobs: () => body.queue.close(),
    path: (name: string): string => join(folder, name),
    runsOf: async (service: string) => (await wired.opened.store.runs.list({ service, limit: 50 })).runs,
    findingsOf: (service: string) => wired.engine.seen.get(service)?.findings ?? [],
    starts: (service: string): number => wired.supervisor.folderOf(service).record()?.starts ?? 0,
    async well(service: string): Promise<void> {
      await untilTrue(`${service} is seen well`, () => {
        const seen = wired.engine.seen.get(service);
        return seen?.level === "healthy" && seen.checkedAt !== null;
      });
    },
    async killService(service: string): Promise<void> {
      process.kill(wired.supervisor.pidOf(service) ?? Number.NaN, "SIGKILL");
      await untilTrue(`${service} is gone`, () => wired.supervisor.running(service) === undefined);
    },
    /** In order, and up again: another engine on the same folder. */
    async restarted(more: Partial<ServerOptions> = {}) {
      await stop();
      left = true;
      return openServer({ ...options, ...more, folder });
    },
    async [Symbol.asyncDispose]() {
      await stop();
      if (left) return;
      for (const { name, runtime } of config.services)
        if (runtime?.kind === "process") await wired.supervisor.stop(name);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
export type OwnServer = Awaited<ReturnType<typeof openServer>>;

/** A process that runs until it is stopped, and says so. */
export const sleeper = (name: string, more: object = {}): object => ({
  name,
  runtime: { process: { command: ["/bin/sh", "-c", "echo up; exec sleep 3600"] } },
  ...more,
});
