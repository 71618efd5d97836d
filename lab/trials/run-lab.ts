// Runs the faults of the lab: in waves, each with one server over the worlds of its faults, some faults at once.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { messageOf } from "../../domain/errors.ts";
import type { Recording } from "../fault-calibration.ts";
import type { Fault, Ground, Scene } from "./fault.ts";
import { openPartner } from "./partner.ts";
import { recordingsOf } from "./recordings.ts";
import { type Score, scoreOf } from "./score.ts";
import { type LabServer, startLabServer } from "./server.ts";
import { tryFault, withoutTrial } from "./trial.ts";

export interface LabChoices {
  faults: readonly Fault[];
  /** Time between two looks of the server, as in opsmedic.yaml. */
  watch: string;
  /** Faults of a wave that run at the same time. */
  atOnce: number;
  /** Worlds of one server. */
  waveSize: number;
  say: (text: string) => void;
  /** Told of each fault as soon as it is over. */
  record: (recordings: readonly Recording[]) => void;
  signal: AbortSignal;
}

export interface LabRun {
  scores: Score[];
  recordings: Recording[];
  /** The whole run, ms. */
  tookMs: number;
}

/** What runs for less is judged mildly, and its files count as good only after this long. */
const WARM_UP_MS = 40_000;
const SETTLED_WITHIN_MS = 90_000;

export async function runLab(choices: LabChoices): Promise<LabRun> {
  const began = Date.now();
  const run: Omit<LabRun, "tookMs"> = { scores: [], recordings: [] };
  process.setMaxListeners(0); // each database server asks to be ended with this process
  const root = mkdtempSync(join(tmpdir(), "opsmedic-lab-"));
  try {
    const waves = wavesOf(choices.faults, choices.waveSize);
    for (const [index, wave] of waves.entries()) {
      choices.say(`wave ${index + 1} of ${waves.length}: ${wave.length} faults`);
      const folder = join(root, `wave-${index + 1}`);
      mkdirSync(folder, { mode: 0o755 });
      await runWave(wave, folder, choices, run);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
  } finally {
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
  return { ...run, tookMs: Date.now() - began };
}

function wavesOf(faults: readonly Fault[], size: number): Fault[][] {
  const count = Math.max(1, Math.ceil(faults.length / size));
  const each = Math.ceil(faults.length / count);
  return Array.from({ length: count }, (_, index) => faults.slice(index * each, (index + 1) * each));
}

interface Staged {
  fault: Fault;
  scene: Scene;
}

async function runWave(
  faults: readonly Fault[],
  folder: string,
  { watch, atOnce, say, record, signal }: LabChoices,
  run: Omit<LabRun, "tookMs">,
): Promise<void> {
  await using disposables = new AsyncDisposableStack();
  const staged: Staged[] = [];
  for (const [index, fault] of faults.entries()) {
    signal.throwIfAborted();
    const place = join(folder, `world-${index + 1}`);
    mkdirSync(place, { mode: 0o755 });
    const ground = groundAt(place, index + 1, disposables, signal);
    staged.push({ fault, scene: await fault.stage(ground) });
  }
  // Worlds share a server: if one of them is cut off from its partner, the others' network still works.
  const { service: bystander } = await openPartner(groundAt(folder, 0, disposables, signal));
  const services = [bystander, ...staged.flatMap(({ scene }) => scene.services)];
  const server = await startLabServer({ folder: join(folder, "server"), services, watch, signal });
  disposables.defer(server.stop);
  const ill = await settled(server, staged, signal);

  async function tryOne({ fault, scene }: Staged): Promise<void> {
    signal.throwIfAborted();
    const trial = ill.has(fault.name)
      ? withoutTrial("its world was not well before anything was broken")
      : await tryFault(fault, scene, { server, signal }).catch((error: unknown) => {
          signal.throwIfAborted();
          return withoutTrial(messageOf(error));
        });
    const score = scoreOf(fault, scene.names, trial);
    run.scores.push(score);
    const recordings = recordingsOf(fault, scene.names, trial.runs);
    run.recordings.push(...recordings);
    record(recordings);
    say(lineOf(score));
  }

  const limit = pLimit(atOnce);
  const [alone, others] = [staged.filter((one) => one.fault.alone), staged.filter((one) => !one.fault.alone)];
  await Promise.all(others.map((one) => limit(() => tryOne(one))));
  for (const one of alone) await tryOne(one);
  const order = new Map(faults.map((one, index) => [one.name, index]));
  run.scores.sort((a, b) => (order.get(a.fault) ?? -1) - (order.get(b.fault) ?? -1));
}

function groundAt(
  folder: string,
  number: number,
  disposables: AsyncDisposableStack,
  signal: AbortSignal,
): Ground {
  return {
    folder,
    nameOf: (role) => `s${String(number).padStart(2, "0")}-${role}`,
    freePort,
    disposables,
    signal,
  };
}

/** Below those that the kernel gives to clients: a service may come up long after its port was chosen. */
const PORTS = { first: 20_000, last: 32_000 };
let nextPort = PORTS.first + ((process.pid * 97) % 10_000);

/** Free when asked, and given to nobody else of this run. */
async function freePort(): Promise<number> {
  for (;;) {
    nextPort = nextPort >= PORTS.last ? PORTS.first : nextPort + 1;
    const probe = createServer().listen(nextPort, "127.0.0.1");
    const free = await new Promise<boolean>((resolve) => {
      probe.once("listening", () => resolve(true)).once("error", () => resolve(false));
    });
    if (!free) continue;
    const port = nextPort;
    await new Promise((resolve) => probe.close(resolve));
    return port;
  }
}

/** Until all are well, by the lab's own look and the server's, and have been for a while. Names those that never are. */
async function settled(
  server: LabServer,
  staged: readonly Staged[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const upAt = Date.now();
  for (;;) {
    signal.throwIfAborted();
    const ill = new Set<string>();
    const { services } = await server.operations.status();
    const unknown = new Set(services.filter((one) => one.status === "unknown").map((one) => one.name));
    for (const { fault, scene } of staged) {
      const seen = !Object.values(scene.names).some((name) => unknown.has(name));
      if (!seen || !(await scene.well().catch(() => false))) ill.add(fault.name);
    }
    const age = Date.now() - upAt;
    if ((ill.size === 0 && age >= WARM_UP_MS) || age > SETTLED_WITHIN_MS) return ill;
    await sleep(500, undefined, { signal });
  }
}

const seconds = (ms: number | null): string => (ms === null ? "–" : `${(ms / 1_000).toFixed(1)} s`);

function lineOf({ passed, fault, detectedMs, wellMs, cause, why }: Score): string {
  const rest = [cause?.right && `cause ${cause.named}`, why].filter(Boolean);
  return `${passed ? "✓" : "✗"} ${fault}: seen after ${seconds(detectedMs)}, well after ${seconds(wellMs)}; ${rest.join("; ")}`;
}
