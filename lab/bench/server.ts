// The product as people start it, `opsmedic serve` in a process of its own, driven from outside: over its API, and
// by breaking what it watches.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { RunRecord } from "../../knowledge/records.ts";
import type { RunStory } from "../../api/operations.ts";
import { openProcessFolder, type ProcessRecord } from "../../tools/process-folder.ts";
import type { StoreChoice } from "./benchmark.ts";

/** As `npm start` runs it. */
const COMMAND = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const TOKEN = "only-for-benchmarks-and-long-enough";
const UP_WITHIN_MS = 120_000;

/** The records as the API gives them: every time of `…At` and `at` is a text (ISO 8601). */
export type Over<T> = T extends readonly (infer Item)[]
  ? Over<Item>[]
  : T extends object
    ? { [K in keyof T]: K extends "at" | `${string}At` ? Exclude<T[K], number> | string : Over<T[K]> }
    : T;

/** Parts of opsmedic.yaml. */
export interface ServerConfig {
  services: object[];
  healing?: object;
}

export type Server = Awaited<ReturnType<typeof startServer>>;

/** An empty folder and a server over it. Disposing stops it and what it started, and removes the folder. */
export async function startServer(
  store: StoreChoice,
  configOf: (folder: string) => Promise<ServerConfig> | ServerConfig,
  { onOneCore = false } = {},
) {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-bench-"));
  const file = join(folder, "opsmedic.yaml");
  writeFileSync(file, JSON.stringify(complete(await configOf(folder), store))); // JSON is YAML
  const [program, ...before] = onOneCore ? pinned(process.execPath) : [process.execPath];
  const child = spawn(program, [...before, COMMAND, "serve", "--config", file], {
    cwd: folder,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", OPSMEDIC_LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await addressOf(child);

  async function api<Answer>(path: string, body?: object): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      ...(body && { method: "POST", body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 500)}`);
    return JSON.parse(text) as Answer;
  }

  return {
    folder,
    url,
    token: TOKEN,
    api,
    /** The first run of a service that began after `since` (Unix ms), once it has ended, with its whole story. */
    async ended(service: string, since: number, withinMs = 120_000): Promise<Over<RunStory>> {
      for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(100)) {
        const { runs } = await api<{ runs: Over<RunRecord>[] }>(`/api/runs?service=${service}`);
        const run = runs.findLast((one) => Date.parse(one.startedAt) >= Math.floor(since));
        if (run?.status === "ended") return api<Over<RunStory>>(`/api/runs/${run.id}`);
      }
      throw new Error(`no run of ${service} ended in time`);
    },
    pidOf: (service: string): number => recordOf(folder, service).pid,
    /** Waits until the files of these services are kept as good: from then on a look costs what it costs for ever. */
    async settled(count: number, withinMs = 120_000): Promise<void> {
      const refs = join(folder, ".opsmedic", "backups.git", "refs", "good");
      for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(200)) {
        if (namesIn(refs).length >= count) return;
      }
      throw new Error("the services were not found healthy in time");
    },
    /** Resident set size, bytes; proc(5). */
    memory: (): number =>
      Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) * 1024,
    /** CPU time of the process so far, user and system, ms; fields 14 and 15 of proc(5) stat, in ticks of 10 ms. */
    cpuMs(): number {
      const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async [Symbol.asyncDispose]() {
      await stop(child);
      for (const service of namesIn(join(folder, ".opsmedic", "processes"))) killGroup(folder, service);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** On the last core, since a machine's own work likes the first; anywhere where taskset is missing (it is Linux's). */
function pinned(program: string): [string, ...string[]] {
  const found = spawnSync("taskset", ["--version"]).status === 0;
  return found ? ["taskset", "--cpu-list", String(availableParallelism() - 1), program] : [program];
}

function complete({ services, healing }: ServerConfig, store: StoreChoice): object {
  return {
    version: 1,
    dataDir: ".opsmedic",
    server: { listen: "127.0.0.1:0", adminToken: TOKEN },
    storage: { url: store.url ?? "" },
    queue: { url: "" },
    discover: { docker: false },
    services,
    healing: { validate: { for: "3s" }, ...healing },
  };
}

/** From the server's own greeting. */
async function addressOf(child: ChildProcess): Promise<string> {
  const limit = AbortSignal.timeout(UP_WITHIN_MS);
  child.once("exit", (code, signal) => {
    if (!limit.aborted && code !== 0) process.stderr.write(`the server ended (${code ?? signal})\n`);
  });
  if (!child.stdout) throw new Error("the server has no output");
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    limit.throwIfAborted();
    const url = /^opsmedic is up: (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return url;
  }
  throw new Error("the server ended before it was up");
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(patience);
}

function recordOf(folder: string, service: string): ProcessRecord {
  const record = openProcessFolder(join(folder, ".opsmedic", "processes", service)).record();
  if (record === undefined) throw new Error(`${service} was never started`);
  return record;
}

/** What opsmedic starts outlives it; benchmarks leave nothing behind. */
function killGroup(folder: string, service: string): void {
  try {
    process.kill(-recordOf(folder, service).groupPid, "SIGKILL");
  } catch {
    // gone already
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
