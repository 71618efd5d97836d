// The demo's real processes, started directly, and looked at from outside: real checks, /proc, their output. Stands
// for opsmedic's supervisor and watch loop, and uses its prober and all of its detectors.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import type { Finding } from "../../domain/finding.ts";
import type { Service } from "../../domain/service.ts";
import type { LogSignal, MetricSignal, Signal, StateSignal } from "../../domain/signal.ts";
import { type DemoPorts, demoPorts, prepareDemo } from "../../lab/demo.ts";
import { proportionalMemory } from "../../tools/process-table.ts";
import { makeProber } from "../../tools/prober.ts";
import { thresholds } from "../detection/view.ts";
import { wallClock } from "../observation/service.ts";

export type Shop = Awaited<ReturnType<typeof startShop>>;

interface Running {
  child: ChildProcess;
  signals: Signal[];
  cpu?: { at: number; seconds: number };
}

/** Ticks of /proc a second, on every Linux that Node runs on. */
const TICKS = 100;
const prober = makeProber({ clock: wallClock });

/** Those of the demo's services that a test is about. Without the stock its customers wait until it opens. */
export async function startShop(names: readonly string[]) {
  const dataDir = mkdtempSync(join(tmpdir(), "opsmedic-demo-"));
  const all = await prepareDemo({ dataDir, ports: await freePorts() });
  const services = all.filter((one) => names.includes(one.name));
  const running = new Map<string, Running>();
  for (const service of services) running.set(service.name, { child: start(service), signals: [] });
  for (const [name, one] of running) follow(name, one);

  const serviceOf = (name: string): Service => {
    const found = services.find((one) => one.name === name);
    if (!found) throw new Error(`no service ${name}`);
    return found;
  };
  const runningOf = (name: string): Running => {
    const found = running.get(name);
    if (!found) throw new Error(`${name} was not started`);
    return found;
  };
  const pidOf = (name: string): number | undefined => {
    const { child } = runningOf(name);
    return child.exitCode === null && child.signalCode === null ? child.pid : undefined;
  };

  /** Looks once, and says what the detectors find in all that was seen so far. */
  async function look(
    name: string,
    dependencies: Parameters<ReturnType<typeof makeErrorDetector>>[0]["dependencies"] = [],
  ): Promise<Finding[]> {
    const service = serviceOf(name);
    const one = runningOf(name);
    const answers = await Promise.all(service.health.map((probe) => prober.probe(service, probe)));
    one.signals.push(...answers, ...use(service, one), stateOf(name, one));
    const detect = makeErrorDetector({ thresholds: () => thresholds, clock: wallClock });
    return detect({ service, signals: one.signals.toSorted((a, b) => a.at - b.at), dependencies });
  }

  return {
    dataDir,
    services,
    pidOf,
    look,
    lookKinds: async (name: string): Promise<string[]> => (await look(name)).map((one) => one.kind),
    signals: (name: string): readonly Signal[] => runningOf(name).signals,
    exitCode: (name: string): number | null => runningOf(name).child.exitCode,
    /** What a restart is: a new process with the same definition, and nothing of the old one's state. */
    async restart(name: string): Promise<void> {
      await end(runningOf(name).child);
      const next = { child: start(serviceOf(name)), signals: [] };
      running.set(name, next);
      follow(name, next);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.values()].map((one) => end(one.child)));
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function start({ runtime }: Service): ChildProcess {
  if (runtime?.kind !== "process") throw new Error("the demo's services are processes");
  const [program = "", ...args] = runtime.command;
  return spawn(program, args, { cwd: runtime.cwd, env: { PATH: "/usr/bin:/bin", ...runtime.env } });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** A line of stdout is an event; what comes at once on stderr (an exception with its stack) is one. */
function follow(name: string, { child, signals }: Running): void {
  const add = (text: string): void => {
    if (text.trim() === "") return;
    signals.push({
      kind: "log",
      service: name,
      at: Date.now(),
      level: levelIn(text),
      text,
      source: "stdout",
    });
  };
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => chunk.split("\n").forEach(add));
  child.stderr?.setEncoding("utf8").on("data", add);
}

function levelIn(text: string): LogSignal["level"] {
  const word = /"level":"(\w+)"|^\S+ ([A-Z]+) /.exec(text);
  const level = (word?.[1] ?? word?.[2])?.toLowerCase();
  return (["debug", "info", "warn", "error", "fatal"] as const).find((one) => one === level) ?? "unknown";
}

function stateOf(name: string, { child }: Running): StateSignal {
  const ended = child.exitCode !== null || child.signalCode !== null;
  return {
    kind: "state",
    service: name,
    at: Date.now(),
    status: ended ? "exited" : "running",
    health: "none",
    instance: String(child.pid),
    oomKilled: false,
    restartCount: 0,
    stoppedByOperator: false,
    replicas: 1,
    ...(child.exitCode !== null && { exitCode: child.exitCode }),
  };
}

/** As the process target measures: CPU as a share of the processors it may use, memory of its limit. */
function use({ name, limits }: Service, one: Running): MetricSignal[] {
  const { pid } = one.child;
  if (pid === undefined || one.child.exitCode !== null || one.child.signalCode !== null) return [];
  const at = Date.now();
  const metric = (what: MetricSignal["name"], value: number): MetricSignal => ({
    kind: "metric",
    service: name,
    at,
    name: what,
    value,
    of: "service",
  });
  const { seconds, processors, bytes } = usage(pid);
  const before = one.cpu;
  one.cpu = { at, seconds };
  const share =
    before && at > before.at ? [(seconds - before.seconds) / ((at - before.at) / 1_000) / processors] : [];
  return [
    ...share.map((value) => metric("cpu", value)),
    ...(limits.maxMemoryBytes ? [metric("memory", bytes / limits.maxMemoryBytes)] : []),
  ];
}

export function usage(pid: number): { seconds: number; processors: number; bytes: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const [first = 0, last = first] = (/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? "0")
    .split("-")
    .map(Number);
  return {
    seconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    processors: last - first + 1,
    bytes: proportionalMemory(pid) ?? 0,
  };
}

async function freePorts(): Promise<DemoPorts> {
  const ports = Object.keys(demoPorts).map(async (name) => [name, await freePort()] as const);
  return Object.fromEntries(await Promise.all(ports)) as DemoPorts;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
