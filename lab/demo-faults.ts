// The faults of the demo. Each really happens: a process throws, blocks, leaks, spins, or is killed; a roll-out is
// wrong; a partner changes its limit. Nothing here repairs anything.
import { existsSync } from "node:fs";
import { copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HealError, messageOf } from "../domain/errors.ts";
import { type DemoPaths, demoPaths, type ShopService, shopServices } from "./demo-paths.ts";
import { readPorts } from "./demo-ports.ts";
import { readWebConfig } from "./shop/web-config.ts";
import { readWorkerConfig } from "./shop/worker-config.ts";
import { openProcessFolder } from "../tools/process-folder.ts";
import { isAlive } from "../tools/process-table.ts";

const explanations = {
  crash: "The web server throws an exception that nobody catches, and ends.",
  hang: "The web server waits for ever for a lock: it lives, but answers nothing.",
  "error-spike":
    "Broken prices stay in the web server's cache: 60 % of all checkouts fail until it is restarted.",
  "latency-spike":
    "The web server loses its free places one by one: every answer takes longer, until it is restarted.",
  "cpu-spike":
    "The worker runs loops that never end, and uses all the CPU it may use, until it is restarted.",
  "memory-leak":
    "The web server keeps every session: its memory grows to its limit of 192 MiB in about 25 s.",
  "bad-config":
    "A roll-out writes a wrong value into web.json: the web server ends, and ends again at each start.",
  "rate-limit": "The partner allows fewer calls a second than the worker makes with its present delayMs.",
  "stop-all": "The shop's three processes, upstream, web and worker, are killed with SIGKILL.",
  "slow-replica":
    "One of the two replicas behind the stock's proxy, stock-2, answers slower and slower, until it is restarted.",
} as const;

export type Fault = keyof typeof explanations;
export const faults = Object.keys(explanations) as Fault[];

export interface BreakOptions {
  dataDir: string;
  /** The process that runs a service now; by default what the supervisor knows under `<dataDir>/processes/`. */
  pidOf?: (service: ShopService) => number | undefined | Promise<number | undefined>;
  /** How long the memory leak takes to reach the limit, ms. */
  leakMs?: number;
}

/** Name and one sentence of every fault. */
export function listFaults(): { fault: Fault; text: string }[] {
  return faults.map((fault) => ({ fault, text: explanations[fault] }));
}

/**
 * Breaks the running demo; resolves when the fault has been set off, with a sentence for the reader.
 * HealError "unknown-fault", "demo-not-prepared", "demo-not-running".
 */
export async function breakDemo(fault: string, options: BreakOptions): Promise<string> {
  const known = faults.find((one) => one === fault);
  if (known === undefined) {
    throw new HealError(`There is no fault "${fault}".`, {
      code: "unknown-fault",
      hint: `Known are: ${faults.join(", ")}.`,
    });
  }
  await breakers[known]({ ...options, paths: demoPaths(resolve(options.dataDir)) });
  return explanations[known];
}

/** Turns off what was set off, as far as it is not opsmedic's to repair; a process that is down stays down. */
export async function mendDemo({ dataDir }: { dataDir: string }): Promise<void> {
  const paths = demoPaths(resolve(dataDir));
  await setUpstreamLimit(paths, CALM);
  await putBackWebConfig(paths);
  for (const service of ["web", "worker", "stock-2"] as const) {
    await switchOn(paths, service, "mend").catch(() => undefined);
  }
}

type Breaking = BreakOptions & { paths: DemoPaths };

const inWeb = (name: string) => (breaking: Breaking) => switchOn(breaking.paths, "web", name);

const breakers: Record<Fault, (breaking: Breaking) => Promise<void>> = {
  crash: inWeb("crash"),
  hang: inWeb("hang"),
  "error-spike": inWeb("error-spike"),
  "latency-spike": inWeb("latency-spike"),
  "cpu-spike": ({ paths }) => switchOn(paths, "worker", "cpu-spike"),
  "memory-leak": ({ paths, leakMs = 0 }) => switchOn(paths, "web", "memory-leak", leakMs),
  "bad-config": rollOutBadConfig,
  "rate-limit": lowerUpstreamLimit,
  "stop-all": killAll,
  "slow-replica": ({ paths }) => switchOn(paths, "stock-2", "slow-replica"),
};

async function rollOutBadConfig(breaking: Breaking): Promise<void> {
  const { paths } = breaking;
  const before = await readFile(paths.webConfig, "utf8").catch(() => notPrepared(paths.webConfig));
  // Somebody must read what is rolled out, or nothing would break.
  if (!(await signal(breaking, "web", 0))) throw notRunning("web does not run");
  if (isGood(paths.webConfig)) await copyFile(paths.webConfig, paths.keptWebConfig);
  // A duration with its unit, where a number is wanted: the kind of thing that passes a review.
  const after = before.replace(/"upstreamTimeoutMs": *\d+/, '"upstreamTimeoutMs": "800ms"');
  await replaceFile(paths.webConfig, after);
  await signal(breaking, "web", "SIGHUP");
}

/** Between the worker's present pace and two thirds of it: half as much delay again is enough. */
const SHARE_OF_PACE = 0.73;
const CALM = { ordersPerSecond: 20, burst: 2 };

async function lowerUpstreamLimit({ paths }: Breaking): Promise<void> {
  const { delayMs } = readWorkerConfig(paths.workerConfig);
  const pace = 1_000 / delayMs;
  await setUpstreamLimit(paths, {
    ordersPerSecond: Math.round(pace * SHARE_OF_PACE * 1_000) / 1_000,
    burst: 2,
  });
}

async function setUpstreamLimit(paths: DemoPaths, limit: typeof CALM): Promise<void> {
  if (!existsSync(paths.upstreamConfig)) notPrepared(paths.upstreamConfig);
  await replaceFile(paths.upstreamConfig, `${JSON.stringify(limit)}\n`);
}

async function killAll(breaking: Breaking): Promise<void> {
  let killed = 0;
  for (const service of shopServices) killed += (await signal(breaking, service, "SIGKILL")) ? 1 : 0;
  if (killed === 0) throw notRunning("none of the three processes runs");
}

/** false: it does not run. */
async function signal(
  { pidOf, dataDir }: Breaking,
  service: ShopService,
  which: NodeJS.Signals | 0,
): Promise<boolean> {
  const pid = await (pidOf ?? supervisedPid(dataDir))(service);
  try {
    return pid !== undefined && process.kill(pid, which);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** As the supervisor of plain processes knows it. */
function supervisedPid(dataDir: string) {
  return (service: ShopService): number | undefined => {
    const folder = join(resolve(dataDir), "processes", service);
    const record = existsSync(folder) ? openProcessFolder(folder).record() : undefined;
    return record && isAlive(record) ? record.pid : undefined;
  };
}

async function putBackWebConfig(paths: DemoPaths): Promise<void> {
  if (!existsSync(paths.keptWebConfig)) return;
  if (!isGood(paths.webConfig)) await copyFile(paths.keptWebConfig, paths.webConfig);
  await rm(paths.keptWebConfig);
}

function isGood(webConfig: string): boolean {
  try {
    readWebConfig(webConfig);
    return true;
  } catch {
    return false;
  }
}

const SWITCH_LIMIT_MS = 3_000;

/** Through the control door of a running shop process. */
async function switchOn(
  paths: DemoPaths,
  service: "web" | "worker" | "stock-2",
  name: string,
  amount = 0,
): Promise<void> {
  const token = (await readFile(paths.token, "utf8").catch(() => notPrepared(paths.token))).trim();
  const ports = (await readPorts(paths)) ?? notPrepared(paths.ports);
  const url = `http://127.0.0.1:${ports[service]}/__lab/${name}?amount=${amount}`;
  const headers = { "x-lab-token": token, connection: "close" };
  const response = await fetch(url, {
    method: "POST",
    headers,
    signal: AbortSignal.timeout(SWITCH_LIMIT_MS),
  }).catch((cause: unknown) => {
    throw notRunning(`${service} does not answer (${messageOf(cause)})`);
  });
  if (response.status !== 202)
    throw notRunning(`something else answers at port ${ports[service]} (${response.status})`);
}

async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

function notPrepared(path: string): never {
  throw new HealError(`There is no demo shop here: ${path} is missing.`, {
    code: "demo-not-prepared",
    hint: "Start it with: opsmedic demo up (or npm start without an opsmedic.yaml).",
  });
}

function notRunning(why: string): HealError {
  return new HealError(`The demo shop cannot be broken: ${why}.`, {
    code: "demo-not-running",
    retryable: true,
    hint: "Wait until opsmedic has repaired it (opsmedic status), or start it with: opsmedic demo up.",
  });
}
