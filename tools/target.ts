// What may be seen of and done to one service. A container and a process look the same here.
// A Target is bound to its service when it is made, so an action can address nothing else.
import type { EventSignal, StateSignal } from "../domain/signal.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Copies as KeptCopies } from "./set-aside.ts";

export type ServiceState = Omit<StateSignal, "kind" | "service" | "at">;

export interface ResourceUse {
  /** Share of one allowed core set: 1 = all that the service may use. */
  cpu: number;
  memoryBytes: number;
  /** Absent: no limit but the host's memory. */
  memoryLimitBytes?: number;
  /** Of the process that is nearest its limit. Absent where it may not be read, or nothing limits it. */
  openFiles?: Allowance;
  threads?: Allowance;
  /** Children that ended and were never collected. */
  zombies?: number;
}

export interface Allowance {
  used: number;
  limit: number;
}

export interface LogLine {
  at: number;
  stream: "stdout" | "stderr" | "file";
  text: string;
}

/** A replica of ours beside the original. */
export interface CopyState extends Pick<StateSignal, "status" | "health" | "instance"> {
  /** 2 is the first. */
  number: number;
  startedAt?: number | undefined;
}

/** Where a service runs more than once, each can be handled alone. */
export interface Copies {
  /** By number; empty where only the original runs. */
  list(signal?: AbortSignal): Promise<CopyState[]>;
  /** Stops (gracefully, then by force) and starts one; one that is gone is left gone. */
  restart(number: number, signal?: AbortSignal): Promise<void>;
}

export interface Target {
  readonly service: string;
  readonly kind: "docker" | "process";

  /** `absent` when nothing of that name exists; throws HealError only when the runtime itself cannot be asked. */
  state(signal?: AbortSignal): Promise<ServiceState>;
  /** undefined when it does not run. */
  use(signal?: AbortSignal): Promise<ResourceUse | undefined>;
  /** Lines since a time, oldest first; frames of Docker's stream never show. */
  logs(options: { since: number; limit: number }, signal?: AbortSignal): Promise<LogLine[]>;
  /** Calls back for every new line, across restarts of the service, until aborted. Resolves then. */
  followLogs(onLine: (line: LogLine) => void, options: { since: number }, signal: AbortSignal): Promise<void>;

  /** Brings up what is down; does nothing to what runs. */
  start(signal?: AbortSignal): Promise<void>;
  /** Stops (gracefully, then by force) and starts. Also finishes a restart that was cut off between the two. */
  restart(signal?: AbortSignal): Promise<void>;
  /** Sends e.g. SIGHUP to the main process. */
  reload(name: NodeJS.Signals, signal?: AbortSignal): Promise<void>;
  /** Absolute number of replicas, the original included (>= 1). Replicas are labelled as ours. */
  scale(replicas: number, signal?: AbortSignal): Promise<void>;
  /** Absent where the runtime knows no replicas. */
  readonly copies?: Copies;
  /** Absolute limit in bytes; undefined lifts it. Throws HealError code "not-supported" where the runtime has none. */
  setMemoryLimit(bytes: number | undefined, signal?: AbortSignal): Promise<void>;
  /** What a backup keeps of the runtime: container inspect, command, limits, replicas. Plain data. */
  describe(signal?: AbortSignal): Promise<JsonObject>;
  /**
   * The processes that run for it, by their numbers on this machine, the main one first. Empty when it does not run;
   * absent (or undefined) where they are not to be seen from here, as in a container of another machine.
   */
  pids?(signal?: AbortSignal): Promise<readonly number[] | undefined>;
  /** Absent where nothing runs in a container. */
  readonly replaceable?: Replaceable;
  /** Absent where opsmedic does not start the service by a command of its configuration. */
  readonly commands?: Commands;
}

/** The commands with which a service was started, by ids (sha256:…). All is absolute and repeatable. */
export interface Commands {
  /** Of the last start, also of one that failed; undefined: it was started before this was noted, or never. */
  present(signal?: AbortSignal): Promise<PresentCommand | undefined>;
  has(id: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * What is started from now on, until the configuration names another command than now; undefined: the configured one.
   * HealError "command-unknown".
   */
  choose(id: string | undefined, signal?: AbortSignal): Promise<void>;
  /** Runs by what is chosen, each replica: what runs so already goes on. */
  renew(signal?: AbortSignal): Promise<void>;
  /** Does not run, as if it had ended by itself. */
  halt(signal?: AbortSignal): Promise<void>;
}

export interface PresentCommand {
  id: string;
  /** As a person would type it, without secrets. */
  shown: string;
  /** Since when it is started so, Unix ms. */
  since: number;
  /** How it was started before that; absent: never otherwise. */
  replaced?: string | undefined;
  /** What is started instead of the configured command; absent: the configured one. */
  chosen?: string | undefined;
}

/** A container that another one, made like it, may take the place of. `copies`: where one of compose is kept meanwhile. */
export interface Replaceable {
  /**
   * The worst off, and the others of the service that run the same image and that nobody has stopped.
   * HealError "container-missing", "not-supported" where it could not be had back.
   */
  present(
    signal?: AbortSignal,
  ): Promise<ContainerVersion & { original: KeptOriginal; others: KeptOriginal[] }>;
  /** Remembers the command of what runs now, so that it can be gone back to. */
  keepCommand(signal?: AbortSignal): Promise<{ id: string; shown: string }>;
  /** The image is on this machine, and the command, where one is named, is known. */
  hasVersion(version: Partial<ContainerVersion>, signal?: AbortSignal): Promise<boolean>;
  /** Absolute and repeatable, also after it was cut off anywhere. Without a command: the original's. */
  replace(
    original: KeptOriginal,
    version: Pick<ContainerVersion, "imageId"> & Partial<ContainerVersion>,
    copies: KeptCopies,
    signal?: AbortSignal,
  ): Promise<void>;
  bringBack(original: KeptOriginal, copies: KeptCopies | undefined, signal?: AbortSignal): Promise<void>;
  /** The very container, or one made again that is like it in everything. */
  isBack(original: KeptOriginal, copies: KeptCopies | undefined, signal?: AbortSignal): Promise<boolean>;
}

/** Ids (sha256:…) of what was rolled out. */
export interface ContainerVersion {
  imageId: string;
  /** Of the command that it runs, the image's own or not. */
  commandId: string;
}

/** The container that was replaced, as it comes back. */
export interface KeptOriginal {
  id: string;
  name: string;
  restartPolicy: { Name: string; MaximumRetryCount: number };
  ran: boolean;
}

/** All targets of the configuration and by label, by service name. */
export interface Targets {
  of(service: string): Target | undefined;
}

/** The runtime's announcements as they happen (Docker's event stream, process exits), for known services only. */
export interface RuntimeEvents {
  /** Reconnects by itself, catches up on what it missed; resolves when aborted. */
  follow(onEvent: (event: EventSignal) => void, signal: AbortSignal): Promise<void>;
}
