// What happens to the services' containers, as it happens. The connection may break at any time: it is made again,
// and what was missed is asked for, without saying anything twice.
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { EventSignal } from "../domain/signal.ts";
import { type DockerRuntime, isOf } from "./docker-binding.ts";
import type { DockerApi } from "./docker-engine.ts";
import { type DockerEvent, engineTime, readEvents } from "./docker-event-stream.ts";
import type { ContainerHistory } from "./docker-history.ts";
import type { RuntimeEvents } from "./target.ts";

export interface DockerEventParts {
  api: DockerApi;
  clock: Clock;
  /** Configured and discovered ones; events of other containers are not passed on. */
  services: () => readonly Service[];
  /** Remembers what the engine forgets: the one that the targets use. */
  history: ContainerHistory;
  /** A container was made or removed: a look by discovery may be worth it. Where given, Docker is followed even without services. */
  onContainersChanged?: () => void;
  /** The engine does not answer; it is tried again. undefined: it answers again. */
  onProblem?: (problem: unknown) => void;
  retry?: { firstMs: number; mostMs: number };
}

/** A connection that died without a word would never end: it is renewed this often, which loses nothing. */
const RENEW_MS = 5 * 60_000;
const LOOK_FOR_SERVICES_MS = 2_000;
const REMEMBERED_EVENTS = 512;
/** SIGHUP, SIGUSR1, SIGUSR2, SIGCONT, SIGWINCH: a message to the program, not its end. */
const HARMLESS_SIGNALS = new Set(["1", "10", "12", "18", "28"]);
const NAMED_HARMLESS = /^(SIG)?(HUP|USR1|USR2|CONT|WINCH)$/;

export function makeDockerEvents(parts: DockerEventParts): RuntimeEvents {
  const { api, clock, services, history, onContainersChanged, onProblem } = parts;
  const { firstMs, mostMs } = parts.retry ?? { firstMs: 250, mostMs: 10_000 };
  const wanted = (): boolean =>
    onContainersChanged !== undefined || services().some((one) => dockerRuntimeOf(one) !== undefined);

  async function follow(onEvent: (event: EventSignal) => void, signal: AbortSignal): Promise<void> {
    const isNew = onceEach();
    let since = engineTime(clock.now());
    let waitMs = firstMs;
    let troubled = false;
    const take = (event: DockerEvent): void => {
      if (!isNew(event)) return;
      since = engineTime(event.nano);
      history.note(event);
      if (event.action === "create" || event.action === "destroy") onContainersChanged?.();
      const told = signalFrom(event, services());
      if (told) onEvent(told);
    };
    const opened = (): void => {
      waitMs = firstMs;
      if (troubled) onProblem?.(undefined);
      troubled = false;
    };
    while (!signal.aborted) {
      if (!wanted()) {
        await clock.sleep(LOOK_FOR_SERVICES_MS, signal).catch(() => undefined);
        continue;
      }
      const renew = AbortSignal.timeout(RENEW_MS);
      try {
        await readEvents(api, { since }, take, AbortSignal.any([signal, renew]), opened);
      } catch (error) {
        if (!signal.aborted && !renew.aborted && !troubled) onProblem?.(error);
        troubled = true;
      }
      if (renew.aborted) continue;
      await clock.sleep(waitMs, signal).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, mostMs);
    }
  }
  return { follow };
}

/** The engine sends the events of the moment in which it is asked to begin once more. */
function onceEach(): (event: DockerEvent) => boolean {
  const seen = new Set<string>();
  return ({ nano, id, action }) => {
    const key = `${nano} ${id} ${action}`;
    if (seen.has(key)) return false;
    seen.add(key);
    for (const oldest of seen) {
      if (seen.size <= REMEMBERED_EVENTS) break;
      seen.delete(oldest);
    }
    return true;
  };
}

/** undefined: of no service of ours, or nothing that says anything about its well-being. */
export function signalFrom(event: DockerEvent, services: readonly Service[]): EventSignal | undefined {
  const kind = kindOf(event);
  if (!kind) return undefined;
  const service = services.find((one) => {
    const runtime = dockerRuntimeOf(one);
    return runtime && isOf(runtime, { id: event.id, name: event.name, labels: event.attributes });
  });
  if (!service) return undefined;
  const exitCode = Number(event.attributes["exitCode"] ?? Number.NaN);
  return {
    kind: "event",
    service: service.name,
    at: event.at,
    event: kind,
    instance: event.id.slice(0, 12),
    ...(kind === "die" && Number.isInteger(exitCode) && { exitCode }),
  };
}

function kindOf({ action, attributes }: DockerEvent): EventSignal["event"] | undefined {
  switch (action) {
    case "die":
    case "oom":
    case "start":
    case "stop":
    case "destroy":
      return action;
    case "kill": {
      const which = attributes["signal"] ?? "";
      return HARMLESS_SIGNALS.has(which) || NAMED_HARMLESS.test(which) ? undefined : "kill";
    }
    case "health_status: healthy":
      return "healthy";
    case "health_status: unhealthy":
      return "unhealthy";
    default:
      return undefined;
  }
}

function dockerRuntimeOf({ runtime }: Service): DockerRuntime | undefined {
  return runtime === undefined || runtime.kind === "process" ? undefined : runtime;
}
