// The server under test: `opsmedic serve` as a child process over a configuration that the lab has written, and what it
// tells over its API, with the time at which the lab heard of it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { makeHttpOperations } from "../../api/http-operations.ts";
import type { Actor, Operations } from "../../api/operations.ts";
import { messageOf } from "../../domain/errors.ts";
import type { IncidentRecord, RunRecord } from "../../knowledge/records.ts";
import type { Operator } from "./fault.ts";

const UP_WITHIN_MS = 120_000;
const POLL_EVERY_MS = 200;
const MOST = 500;
export const LAB: Actor = { name: "lab", role: "admin", door: "api" };
const TOKEN = "only-for-the-lab-and-long-enough";

export interface Heard<T> {
  /** Unix ms of the first answer that held it. */
  at: number;
  now: T;
}

export interface LabServer {
  operations: Operations;
  operator: Operator;
  /** By id, as last told. */
  incidents: ReadonlyMap<string, Heard<IncidentRecord>>;
  runs: ReadonlyMap<string, Heard<RunRecord>>;
  /** Resolves after the next answer. */
  heardNext: () => Promise<void>;
  stop: () => Promise<void>;
}

export interface ServerChoices {
  folder: string;
  services: readonly object[];
  watch: string;
  signal: AbortSignal;
}

/** Times as in the demo: short enough to try many faults, everything else as it is delivered. */
function configOf({ services, watch }: Pick<ServerChoices, "services" | "watch">): object {
  return {
    version: 1,
    dataDir: ".opsmedic",
    server: { listen: "127.0.0.1:0", adminToken: TOKEN },
    storage: { url: "" },
    queue: { url: "" },
    discover: { docker: false },
    services,
    thresholds: { queryTime: "10ms" }, // of a table that is small enough to be made in a moment
    healing: {
      watch,
      validate: { for: "4s" },
      breaker: { attempts: 5, within: "1m", cooldown: "1s", symptomReturns: "10s" },
    },
  };
}

export async function startLabServer(choices: ServerChoices): Promise<LabServer> {
  const { folder, signal } = choices;
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "opsmedic.yaml");
  writeFileSync(file, JSON.stringify(configOf(choices), null, 1)); // JSON is YAML
  const child = spawn(process.execPath, [programFile(), "serve", "--config", file], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, OPSMEDIC_LOG_LEVEL: "warn" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { text: "" };
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (said.text += String(part)));
  const stopping = new AbortController();
  try {
    const url = await addressOf(child, said, signal);
    const operations = makeHttpOperations({ url, token: TOKEN });
    const listening = listen(operations, stopping.signal);
    return {
      operations,
      operator: operatorOf(operations, file),
      ...listening.heard,
      async stop() {
        stopping.abort();
        await listening.ended;
        await end(child);
      },
    };
  } catch (error) {
    await end(child);
    throw error;
  }
}

const written = z.looseObject({
  services: z.array(
    z.looseObject({
      name: z.string(),
      runtime: z
        .looseObject({ process: z.looseObject({ command: z.array(z.string()) }).optional() })
        .optional(),
    }),
  ),
});

/** By the file and the API, as a person would do it. */
function operatorOf(operations: Operations, file: string): Operator {
  return {
    async changeCommand(name, change) {
      const config = written.parse(JSON.parse(readFileSync(file, "utf8")));
      const process = config.services.find((one) => one.name === name)?.runtime?.process;
      if (!process) throw new Error(`${name} is no process of ${file}`);
      process.command = change(process.command);
      writeFileSync(file, JSON.stringify(config, null, 1));
      await operations.reloadConfig({}, LAB);
      await operations.stopService(name, LAB);
      await operations.startService(name, LAB);
    },
  };
}

/** Of a checkout its starter, of a build the one file beside it. */
function programFile(): string {
  const source = fileURLToPath(new URL("../../bin/opsmedic.js", import.meta.url));
  return existsSync(source) ? source : fileURLToPath(new URL("../../cli.js", import.meta.url));
}

async function addressOf(child: ChildProcess, said: { text: string }, signal: AbortSignal): Promise<string> {
  for (const deadline = Date.now() + UP_WITHIN_MS; Date.now() < deadline; await sleep(50)) {
    signal.throwIfAborted();
    const url = /opsmedic is up: (\S+)/.exec(said.text)?.[1];
    if (url !== undefined) return url;
    if (child.exitCode !== null) break;
  }
  throw new Error(`the server is not up: ${said.text.slice(-2_000)}`);
}

/** One question for all faults, again and again. */
function listen(operations: Operations, signal: AbortSignal) {
  const incidents = new Map<string, Heard<IncidentRecord>>();
  const runs = new Map<string, Heard<RunRecord>>();
  let next = Promise.withResolvers<void>();

  async function poll(): Promise<void> {
    const [told, made] = await Promise.all([
      operations.incidents({ limit: MOST }),
      operations.runs({ limit: MOST }),
    ]);
    const at = Date.now();
    for (const one of told) incidents.set(one.id, { at: incidents.get(one.id)?.at ?? at, now: one });
    for (const one of made.runs) runs.set(one.id, { at: runs.get(one.id)?.at ?? at, now: one });
  }

  async function loop(): Promise<void> {
    while (!signal.aborted) {
      await poll().catch((error: unknown) => {
        if (!signal.aborted) process.stderr.write(`lab: the server does not answer: ${messageOf(error)}\n`);
      });
      const heard = next;
      next = Promise.withResolvers<void>();
      heard.resolve();
      await sleep(POLL_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    next.resolve();
  }

  return { heard: { incidents, runs, heardNext: () => next.promise }, ended: loop() };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(patience);
}
