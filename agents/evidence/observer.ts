// What an observation is made with, and the two things it can answer: what was seen, or why nothing could be seen.
import type { Clock } from "../../domain/clock.ts";
import type { Finding, Level } from "../../domain/finding.ts";
import { isSymptom } from "../../domain/finding.ts";
import type { Json, JsonObject } from "../../domain/json.ts";
import type { Outage } from "../../domain/outage.ts";
import type { CleanUpRule, Service } from "../../domain/service.ts";
import type { Signal } from "../../domain/signal.ts";
import type { DatabaseInspectors } from "../../tools/database-inspector.ts";
import type { FileHistory } from "../../tools/backup.ts";
import type { Host } from "../../tools/host.ts";
import type { Machine } from "../../tools/machine.ts";
import type { Network } from "../../tools/network.ts";
import type { Prober } from "../../tools/probe.ts";
import type { Clearable } from "../../tools/clean-up.ts";
import type { UnusedImages } from "../../tools/docker-images.ts";
import type { StoppedContainers } from "../../tools/docker-stopped.ts";
import type { ServiceFiles } from "../../tools/service-files.ts";
import type { Commands, Replaceable, ResourceUse, ServiceState, Target } from "../../tools/target.ts";
import type { Scene } from "../evidence.ts";
import type { DatabaseDisks } from "../database-disks.ts";
import type { IndexWatch } from "../index-watch.ts";
import type { GoodCommand } from "../known-good-command.ts";
import type { GoodImage } from "../known-good-image.ts";

/** One setting of a file, as the editor for its format reads it. `locked`: why it cannot be changed alone. */
export interface ReadSetting {
  pointer: string;
  value: Json;
  locked?: string;
}

/** What may be asked of a runtime: nothing in it starts, stops or changes anything. */
export type ReadableTarget = Pick<Target, "service" | "kind" | "state" | "use" | "describe" | "pids"> & {
  hasVersion?: Replaceable["hasVersion"];
  commands?: Pick<Commands, "present" | "has">;
};

export interface EvidenceParts {
  targets: { of(service: string): ReadableTarget | undefined };
  prober: Prober;
  /** Absent: nobody looks into databases. */
  databases?: Pick<DatabaseInspectors, "of">;
  /** Where databases write; absent: nobody looks it up. */
  databaseDisks?: DatabaseDisks | undefined;
  /** The indexes that opsmedic made; absent: nobody watches them. */
  ownIndexes?: Pick<IndexWatch, "useless" | "wasDropped"> | undefined;
  /** Absent: nothing is known about the machine. */
  host?: Host;
  /** Absent: nothing is known of ports, mounts and processes' insides. */
  machine?: Machine;
  /** Absent: no name and no certificate can be asked for. */
  network?: Network;
  clock: Clock;
  services: () => readonly Service[];
  /** How a service was at the last look; undefined: not looked at yet. */
  level: (service: string) => Level | undefined;
  /** The last minutes of a service, oldest first. */
  window: (service: string) => readonly Signal[];
  /** Where all that is known of all services points, from the side of one with these findings; absent: nobody weighs. */
  outage?: (service: string, findings: readonly Finding[]) => Outage | undefined;
  filesOf: (service: Service) => Pick<ServiceFiles, "list" | "read"> | undefined;
  history: Pick<FileHistory, "lastGood">;
  /** What the rules of a service would clear at a moment; absent: nobody may clear anything. */
  clearable?: ((rules: readonly CleanUpRule[], at: number) => Promise<Clearable | undefined>) | undefined;
  /** Images that no container uses, and where they lie; absent: none may go. */
  images?: Pick<UnusedImages, "list" | "root" | "fileSystem"> | undefined;
  /** Containers that have ended; absent: none may go. */
  containers?: Pick<StoppedContainers, "list" | "fileSystem"> | undefined;
  /** The image with which a service was last well; absent: nobody remembers. */
  goodImage?: (service: string) => Promise<GoodImage | undefined>;
  /** The command with which a process was last well; absent: nobody remembers. */
  goodCommand?: (service: string) => Promise<GoodCommand | undefined>;
  /** undefined when no editor knows the format; may throw when the text is not of its format. */
  readSettings: (path: string, content: string) => readonly ReadSetting[] | undefined;
}

export interface Look {
  scene: Scene;
  params: JsonObject;
  parts: EvidenceParts;
  signal: AbortSignal;
  /** Whether something of ours runs, or should run, there. */
  target: ReadableTarget | undefined;
  /** The runtime's answer of now, else the last one of the window. This and the next are asked once a look and service. */
  state(): Promise<ServiceState | undefined>;
  use(): Promise<ResourceUse | undefined>;
  described(): Promise<JsonObject | undefined>;
  /** Its processes on this machine; undefined where they are not to be seen. */
  pids(): Promise<readonly number[] | undefined>;
}

export type Seen = { value: Json; text: string } | { unseen: string };

/** Read-only. What it throws becomes "unknown" with the error's words. */
export type Observer = (look: Look) => Promise<Seen> | Seen;

export const seen = (value: Json, text: string): Seen => ({ value, text });
export const unseen = (reason: string): Seen => ({ unseen: reason });

/**
 * The signals of the service at fault. A run carries only the newest of them, and only its own service's: what is
 * remembered tells more, but for a program that has just started.
 */
export function signalsOf({ scene, parts }: Pick<Look, "scene" | "parts">): readonly Signal[] {
  const own = scene.signals.filter((one) => one.service === scene.service.name);
  const remembered = parts.window(scene.service.name);
  return remembered.length > own.length ? remembered : own;
}

/** When the trouble began, by the earliest symptom of the run. */
export function symptomBegan({ findings, finding }: Scene): number {
  return Math.min(finding.since, ...findings.filter(isSymptom).map((one) => one.since));
}

export function numberParam(params: JsonObject, name: string, fallback: number): number {
  const value = params[name];
  return typeof value === "number" ? value : fallback;
}

export function textParam(params: JsonObject, name: string, fallback: string): string {
  const value = params[name];
  return typeof value === "string" ? value : fallback;
}

export function textsParam(params: JsonObject, name: string): string[] {
  const value = params[name];
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one) => typeof one === "string");
}

// oxlint-disable-next-line no-control-regex -- colours of a terminal and control characters are what is removed
const TERMINAL = /\u001b\[[0-9;]*[A-Za-z]|[\u0000-\u001f\u007f-\u009f]+/g;
/** Ends of lines and marks that turn the direction of writing. */
const TURNING = /[\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** Words from outside on one bounded line, without control characters. */
export function plainLine(text: string, most = 200): string {
  const line = text.replaceAll(TERMINAL, " ").replaceAll(TURNING, " ").replaceAll(/ {2,}/g, " ").trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

export function inWords(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

export function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
