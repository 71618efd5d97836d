// Somebody who has just cloned opsmedic: an empty folder, the real program as child processes, nothing configured.
// What they see is what these tests look at; the shop is looked at from outside, too.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, vi } from "vitest";
import { makeHttpOperations } from "../../api/http-operations.ts";
import type { Operations, StatusAnswer } from "../../api/operations.ts";
import { messageOf } from "../../domain/errors.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import { type Folder, makeKnown } from "./known-folder.ts";

const bin = fileURLToPath(new URL("../../bin/opsmedic.js", import.meta.url));
export const demoServices = ["upstream", "web", "stock-1", "stock-2", "stock", "worker"] as const;
/** Generous: many of these machines have two processors and much else to do. */
export const patient = { timeout: 90_000, interval: 500 };
/** To ask the program itself costs a process each time. */
const seldom = { ...patient, interval: 2_000 };

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export interface Serving {
  pid: number;
  /** All that it has printed. */
  out: () => string;
  operations: Operations;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  kill: (signal: NodeJS.Signals) => void;
}

export type Newcomer = Awaited<ReturnType<typeof makeNewcomer>>;

/** Somebody whose server is up, and whose shop is well. */
export async function makeServingNewcomer(
  kind: Folder = "known",
): Promise<{ newcomer: Newcomer; server: Serving }> {
  const newcomer = await makeNewcomer(kind);
  const server = await newcomer.serve();
  await newcomer.allWell();
  return { newcomer, server };
}

async function makeNewcomer(kind: Folder) {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-e2e-"));
  if (kind === "known") await makeKnown(folder);
  const firstPort = await sevenFreePorts();
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
    OPSMEDIC_LISTEN: "127.0.0.1:0",
    OPSMEDIC_DEMO_PORT: String(firstPort),
  };
  const dataDir = join(folder, ".opsmedic");
  const supervisor = makeProcessSupervisor({
    folder: join(dataDir, "processes"),
    clock: systemClock,
    baseEnv: {},
  });
  const servers: ChildProcess[] = [];

  /** `opsmedic <words>` in a second terminal. */
  const run = (...words: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const child = execFile(process.execPath, [bin, ...words], { cwd: folder, env }, (_, out, err) =>
        resolve({ code: child.exitCode, out, err }),
      );
    });

  async function serve(): Promise<Serving> {
    const child = spawn(process.execPath, [bin, "serve"], { cwd: folder, env });
    servers.push(child);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (text += String(part)));
    const ended = once(child, "close").then(() => ({ code: child.exitCode, signal: child.signalCode }));
    const url = await vi.waitFor(() => {
      if (child.exitCode !== null) throw new Error(`serve has ended: ${text}`);
      const [, address] = /opsmedic is up: (\S+)/.exec(text) ?? [];
      if (address === undefined) throw new Error(`serve is not up yet: ${text}`);
      return address;
    }, patient);
    const token = (await readFile(join(dataDir, "admin-token"), "utf8")).trim();
    return {
      pid: child.pid ?? 0,
      out: () => text,
      operations: makeHttpOperations({ url, token }),
      ended,
      kill: (signal) => void child.kill(signal),
    };
  }

  return {
    folder,
    run,
    serve,
    /** Until `opsmedic status` says so of each service. */
    allWell: (): Promise<void> =>
      vi.waitFor(async () => {
        const { out } = await run("status", "--json");
        const { services = [] } = JSON.parse(out) as Partial<StatusAnswer>;
        expect(levelsOf(services)).toEqual(allHealthy);
      }, seldom),
    /** What fails in it fails with what opsmedic shows at that moment: afterwards nobody can look any more. */
    async explained<Answer>(work: () => Promise<Answer>): Promise<Answer> {
      try {
        return await work();
      } catch (error) {
        const shown = await Promise.all([run("status"), run("runs", "ls")]);
        throw new Error([messageOf(error), ...shown.map(({ out, err }) => out + err)].join("\n"), {
          cause: error,
        });
      }
    },
    pids: () => Object.fromEntries(demoServices.map((name) => [name, supervisor.pidOf(name)])),
    /** How often each service was started, ever. */
    starts: (): Record<string, number> =>
      Object.fromEntries(demoServices.map((name) => [name, supervisor.folderOf(name).record()?.starts ?? 0])),
    shopFile: (path: string): string => readFileSync(join(dataDir, "shop", path), "utf8"),
    /** Status of a page of the shop front; 0 where nobody answers in time. */
    page: (path: string): Promise<number> => statusOf(`http://127.0.0.1:${firstPort}${path}`),
    /** What became of those who reserve all the time, since the worker's last start. */
    customers: async (): Promise<{ reserved: number; lost: number }> => {
      const answer = await fetch(`http://127.0.0.1:${firstPort + 2}/healthz`);
      return ((await answer.json()) as { customers: { reserved: number; lost: number } }).customers;
    },
    async [Symbol.asyncDispose]() {
      for (const one of servers) if (one.exitCode === null && one.signalCode === null) one.kill("SIGKILL");
      for (const name of demoServices) await supervisor.stop(name);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export const allHealthy = Object.fromEntries(demoServices.map((name) => [name, "healthy"]));

export function levelsOf(services: StatusAnswer["services"]): Record<string, string> {
  return Object.fromEntries(services.map((one) => [one.name, one.status]));
}

async function statusOf(url: string): Promise<number> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

/** The first of seven in a row, below those that the kernel gives to clients. */
async function sevenFreePorts(): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const free = await Promise.all(Array.from({ length: 7 }, (_, index) => isFree(first + index)));
    if (free.every(Boolean)) return first;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
