// `opsmedic serve`: the whole program. Configuration or demo, engine, queue, watch loop, HTTP; and an orderly end.
import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setFlagsFromString } from "node:v8";
import pino, { type Logger } from "pino";
import { collectDefaultMetrics, Registry } from "prom-client";
import { HealError } from "../domain/errors.ts";
import type { Mode } from "../domain/service.ts";
import { systemClock } from "../domain/system-clock.ts";
import { makeIntake } from "../tools/log-sources/intake.ts";
import { makeApp } from "./app.ts";
import { EXIT, type ExitCode } from "./cli/exit-codes.ts";
import { announceServer, writeAdminToken } from "./cli/server-file.ts";
import type { Terminal } from "./cli/terminal.ts";
import { packageVersion } from "./cli/version.ts";
import { allVariables, type Config, loadConfig, readEnvironment } from "./config.ts";
import { modelText } from "./config/model-settings.ts";
import { demoConfig } from "./demo.ts";
import { makeHealthView } from "./health-view.ts";
import { makeLiveEvents } from "./live-events.ts";
import { makeLocalOperations } from "./local-operations.ts";
import { makeReload } from "./reload.ts";
import { makeRunRequests } from "./run-requests.ts";
import { type Body, startServer } from "./server.ts";
import { exportRuns, type StopFollowing } from "./telemetry/follow-runs.ts";
import { processEnv, wire, type Wired } from "./wire.ts";

export interface ServeOptions {
  config?: string;
  cwd: string;
  signal: AbortSignal;
  terminal: Terminal;
}

/** Resolves when the server has stopped, after `signal`. */
export async function serve({ config: path, cwd, signal, terminal }: ServeOptions): Promise<ExitCode> {
  const environment = readEnvironment();
  const { config, demo } = await configOrDemo(path, cwd);
  const logger = makeLogger(environment.OPSMEDIC_LOG_LEVEL ?? "warn");
  const live = makeLiveEvents((error) => logger.warn({ error }, "a listener failed"));
  const requests = makeRunRequests();
  const wired = await wire({
    config,
    logger,
    live,
    requestRun: requests.request,
    watches: true,
    baseEnv: processEnv(allVariables()),
    ...(environment.DOCKER_HOST !== undefined && { dockerHost: environment.DOCKER_HOST }),
    ...(demo && { timing: { provenAfterMs: 3_000, graceMs: 5_000, validateEveryMs: 1_000 } }),
  });
  growFor(wired);
  const token = await adminToken(wired);
  const body = await startServer(wired, requests);
  const http = await listen(wired, body, { demo, logger }).catch(async (error: unknown) => {
    // Nobody would find a server that watches and acts, and cannot be asked.
    await body.stop();
    throw error;
  });
  const url = addressOf(http, config);
  const stopExport = exportTraces(wired, logger);
  const withdraw = await announceServer(config.dataDir, { url, pid: process.pid });
  greet(terminal, { url, token, demo, services: wired.services().map((one) => one.name), ...modes(wired) });
  await untilAborted(signal);
  await close(http);
  await withdraw();
  await body.stop();
  await stopExport();
  return EXIT.ok;
}

function exportTraces({ config, live, opened }: Wired, logger: Logger): StopFollowing {
  const { otlp } = config.raw.telemetry;
  if (!otlp) return () => Promise.resolve();
  return exportRuns({ ...otlp, version: packageVersion(), live, store: opened.store, logger });
}

/** Without a named file and without an opsmedic.yaml, the shop that comes with opsmedic is watched. */
async function configOrDemo(
  path: string | undefined,
  cwd: string,
): Promise<{ config: Config; demo: boolean }> {
  try {
    return { config: loadConfig({ cwd, ...(path !== undefined && { path }) }), demo: false };
  } catch (error) {
    const named = path !== undefined || readEnvironment().OPSMEDIC_CONFIG !== undefined;
    if (named || !(error instanceof HealError) || error.code !== "config-not-found") throw error;
    return { config: await demoConfig(cwd), demo: true };
  }
}

function readAgain({ file, baseDir }: Config): Config {
  if (file !== null) return loadConfig({ cwd: baseDir, path: file });
  throw new HealError("This server watches the demo shop, which has no opsmedic.yaml to read again.", {
    code: "not-supported",
    hint: "Write one (opsmedic init), and start the server anew.",
  });
}

/** Secrets never reach the log: tokens and passwords are cut out wherever they stand. */
function makeLogger(level: string): Logger {
  return pino({
    level,
    redact: {
      paths: ["*.token", "*.password", "*.authorization", "*.apiKey", "headers.authorization"],
      censor: "«secret»",
    },
  });
}

/** undefined: it exists already and was shown at the first start. */
async function adminToken({ config, opened }: Wired): Promise<string | undefined> {
  const { tokens } = opened.store;
  const { adminToken: configured } = config.server;
  if (configured !== undefined) {
    await tokens.put("admin", "admin", configured);
    await writeAdminToken(config.dataDir, configured);
    return undefined;
  }
  if (await tokens.has("admin")) return undefined;
  const token = `opsmedic_${randomBytes(32).toString("base64url")}`;
  await tokens.put("admin", "admin", token);
  await writeAdminToken(config.dataDir, token);
  return token;
}

/**
 * How far the heap may grow before it is swept, in percent of what is alive. bin/start.js begins with a tenth. With the
 * database in this process a third costs some 30 MB of 400 and takes half as many log lines more (docs/benchmarks.md).
 */
const EMBEDDED_GROWTH = 30;

/** A heap for which somebody else has set the growth stays as it is. */
function growFor({ opened }: Wired): void {
  const isOurs = process.execArgv.includes("--heap-growing-percent=10");
  if (opened.kind === "embedded" && isOurs) setFlagsFromString(`--heap-growing-percent=${EMBEDDED_GROWTH}`);
}

async function listen(
  wired: Wired,
  body: Body,
  { demo, logger }: { demo: boolean; logger: Logger },
): Promise<Server> {
  const { config, opened, clock } = wired;
  const metrics = makeMetrics();
  const view = makeHealthView(wired, {
    queue: body.queue,
    askApi: (signal) => askHealth(`${addressOf(server, config)}/health`, signal),
  });
  const operations = makeLocalOperations({
    ...wired,
    store: opened.store,
    observations: opened.observations,
    logSources: body.logSources,
    observer: wired.observers,
    recall: wired.knowledge,
    scores: wired.engine.scores,
    logRules: config.logRules,
    outages: wired.engine.outages,
    logsKeptMs: config.retention.logsMs,
    view,
    healer: body.healer,
    reload: makeReload(wired, () => readAgain(config)),
    checkEveryMs: config.healing.everyMs,
    info: {
      version: packageVersion(),
      node: process.version,
      store: opened.kind,
      queue: body.queue.kind,
      model: modelText(config.model),
      started_at: new Date(clock.now()).toISOString(),
      demo,
    },
  });
  const app = makeApp({
    operations,
    intake: makeIntake({ onEvents: body.takeLogs }),
    takeSpans: wired.calls.take,
    tokens: opened.store.tokens,
    audit: opened.store.audit,
    live: wired.live,
    logger,
    version: packageVersion(),
    ready: () => ready(wired),
    metrics,
    mcpAllow: config.raw.mcp.allow,
    allowedHosts: [new URL(config.server.publicUrl).hostname],
    clock: systemClock,
  });
  const server = createServer(app);
  // Who sends logs holds connections; one must not be closed under a request that is already on its way.
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(cannotListen(config, error)));
    server.listen(config.server.port, config.server.host, resolve);
  });
  return server;
}

const KEEP_ALIVE_MS = 65_000;

async function askHealth(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
  if (!response.ok) throw new HealError(`${url} answered ${response.status}`, { code: "api-answer" });
}

async function ready({ opened }: Wired): Promise<{ ok: boolean; reasons: string[] }> {
  try {
    await opened.db.query("select 1");
    return { ok: true, reasons: [] };
  } catch {
    return { ok: false, reasons: ["the store does not answer"] };
  }
}

/** promtool refuses three of the library's own gauges, whose names end like counters. */
function makeMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const kind of ["handles", "requests", "resources"])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`);
  return registry;
}

function addressOf(server: Server, { server: { host } }: Config): string {
  const { port } = server.address() as AddressInfo;
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${shown.includes(":") ? `[${shown}]` : shown}:${port}`;
}

interface Greeting {
  url: string;
  token: string | undefined;
  demo: boolean;
  services: string[];
  /** What counts, and what the file says. */
  mode: Mode;
  configuredMode: Mode;
}

const modes = ({ policy }: Wired): Pick<Greeting, "mode" | "configuredMode"> => ({
  mode: policy.get().mode,
  configuredMode: policy.configured().mode,
});

function greet(terminal: Terminal, about: Greeting): void {
  const lines = [
    `opsmedic is up: ${about.url} (API: ${about.url}/api/docs)`,
    about.token && `Admin token, shown this once: ${about.token}`,
    `Watching: ${about.services.join(", ") || "nothing yet"}${about.demo ? " (the demo shop, as there is no opsmedic.yaml)" : ""}`,
    about.mode !== about.configuredMode &&
      `Mode: ${about.mode}, as it was switched (the configuration says ${about.configuredMode}; opsmedic mode changes it)`,
    about.demo &&
      "Break it from a second terminal:  npx opsmedic demo break crash   then:  npx opsmedic runs ls",
  ];
  terminal.out(`${lines.filter(Boolean).join("\n")}\n`);
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Event streams never end by themselves. */
async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

function cannotListen({ server: { host, port } }: Config, error: NodeJS.ErrnoException): HealError {
  return new HealError(`The server cannot listen on ${host}:${port}: ${error.message}`, {
    code: "cannot-listen",
    hint:
      error.code === "EADDRINUSE"
        ? "Another program, perhaps another opsmedic, has this port: stop it, or set server.listen."
        : "Set server.listen to an address of this machine and a free port.",
    cause: error,
  });
}
