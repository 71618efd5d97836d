// A container's state in the words that all targets share.
import type { Inspected } from "./docker-engine.ts";
import { wasWanted } from "./docker-ending.ts";
import type { DockerEvent } from "./docker-event-stream.ts";
import type { ContainerHistory } from "./docker-history.ts";
import { REPLACES } from "./docker-like.ts";
import type { OwnRestarts } from "./own-restarts.ts";
import type { CopyState, ServiceState } from "./target.ts";

/** What is told of a replica: the original's whole story (who stopped it, what killed it) is not asked for it. */
export function copyStateOf(info: Inspected): Omit<CopyState, "number"> {
  const status = statusOf(info);
  const startedAt = timeOf(info.State.StartedAt);
  return { status, health: healthOf(info, status === "running"), instance: instanceOf(info), startedAt };
}

/** How long a running container that the engine restarted keeps the word of its OOM kill. */
const OOM_REMEMBERED_MS = 10 * 60_000;
/** "stop" follows "die" within milliseconds: it is waited for until this long after the end. */
const SETTLE_MS = 150;
/** An end further in the future than this is a clock that is wrong, not one that is a little ahead. */
const JUST_NOW_MS = 2_000;

export const absent: ServiceState = {
  status: "absent",
  health: "none",
  instance: "",
  oomKilled: false,
  restartCount: 0,
  stoppedByOperator: false,
  replicas: 0,
};

export const instanceOf = (info: Inspected): string => `${info.Id.slice(0, 12)}:${info.State.StartedAt}`;

export async function stateOf(
  info: Inspected,
  {
    service,
    history,
    ownRestarts,
    replicas,
    now,
    signal,
  }: {
    service: string;
    history: ContainerHistory;
    ownRestarts: OwnRestarts;
    replicas: number;
    now: number;
    signal: AbortSignal | undefined;
  },
): Promise<ServiceState> {
  const status = statusOf(info);
  const [startedAt, finishedAt] = [timeOf(info.State.StartedAt), timeOf(info.State.FinishedAt)];
  const up = status === "running" || status === "paused";
  const common = {
    status,
    health: healthOf(info, up),
    instance: startedAt === undefined ? info.Id.slice(0, 12) : instanceOf(info),
    restartCount: info.RestartCount,
    ...(startedAt !== undefined && { startedAt }),
    replicas,
  };
  if (up) {
    const oomKilled = info.RestartCount > 0 && (await diedOfMemory(info, history, now, signal));
    const isReplacement = info.Config.Labels[REPLACES] !== undefined;
    const goneBackTo = isReplacement && { goneBackTo: info.Config.Image };
    return { ...common, ...goneBackTo, oomKilled, stoppedByOperator: false };
  }
  const ended = { ...common, ...(startedAt !== undefined && { exitCode: info.State.ExitCode }) };
  if (startedAt === undefined || finishedAt === undefined || status === "created") {
    // Nobody has started it yet (compose waits for its dependencies), unless a start has failed.
    const { Error: startError } = info.State;
    const createdAt = timeOf(info.Created);
    return {
      ...ended,
      ...(startedAt === undefined && createdAt !== undefined && { createdAt }),
      oomKilled: false,
      stoppedByOperator: startError === "",
      ...(startError !== "" && { startError, exitCode: info.State.ExitCode }),
    };
  }
  const known = await history.since(info.Id, 0, {
    waitMs: settling(now - finishedAt),
    signal,
  });
  const events = known.filter((one) => one.at >= startedAt);
  return {
    ...ended,
    finishedAt,
    ...(info.State.Error !== "" && { startError: info.State.Error }),
    oomKilled: endedByMemory(info, events, known),
    stoppedByOperator:
      status === "exited" &&
      // Somebody wanted it up again, and the engine could not.
      info.State.Error === "" &&
      wasWanted({
        exitCode: info.State.ExitCode,
        finishedAt,
        events: events.map(withSignal),
        stopSignal: (info.Config as { StopSignal?: string }).StopSignal, // missing in the types
        restartPolicy: info.HostConfig.RestartPolicy?.Name ?? "no",
        ownRestart: ownRestarts.replacing(service) === instanceOf(info),
      }),
  };
}

/** What is left to wait: a healing reads the state several times, and only the first may have to. */
function settling(sinceEndMs: number): number {
  return sinceEndMs <= -JUST_NOW_MS ? 0 : Math.min(Math.max(SETTLE_MS - sinceEndMs, 0), SETTLE_MS);
}

/** The engine's own word may be left over from an earlier run of the container (seen with 20.10); an event is not. */
function endedByMemory(
  info: Inspected,
  inThisRun: readonly DockerEvent[],
  known: readonly DockerEvent[],
): boolean {
  return inThisRun.some(isOom) || (info.State.OOMKilled && !known.some(isOom));
}

/** The engine brought it back (RestartCount is 0 again after a start by hand), and the end before was by memory. */
async function diedOfMemory(
  info: Inspected,
  history: ContainerHistory,
  now: number,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const events = await history.since(info.Id, now - OOM_REMEMBERED_MS, { signal });
  return events.some(isOom);
}

const isOom = (one: DockerEvent): boolean => one.action === "oom";

const withSignal = ({ action, at, attributes }: DockerEvent) => ({
  action,
  at,
  signal: attributes["signal"],
});

function statusOf({ State: state }: Inspected): ServiceState["status"] {
  if (state.Restarting) return "restarting";
  if (state.Paused) return "paused";
  if (state.Running) return "running";
  return state.Status === "created" ? "created" : "exited";
}

function healthOf({ State: state }: Inspected, up: boolean): ServiceState["health"] {
  const health = state.Health?.Status;
  return up && (health === "healthy" || health === "unhealthy" || health === "starting") ? health : "none";
}

/** The engine writes the year 1 for "never". */
function timeOf(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}
