// Docker's event stream, as signals of the services that are configured or labelled, and of no others. Reconnects
// by itself and catches up from the last event; what was seen is not told twice.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { EventSignal } from "../domain/signal.ts";
import type { Engine } from "./docker-engine.ts";
import type { RuntimeEvents } from "./target.ts";

const eventSchema = z.object({
  Action: z.string(),
  timeNano: z.number(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
});
type DockerEvent = z.infer<typeof eventSchema>;

/** Health checks flood the stream with exec_* events: only these are asked for. */
const WANTED = ["die", "oom", "start", "stop", "kill", "health_status", "destroy"];
const KILL_SIGNALS = ["9"];
const RECONNECT_MS = 500;
const LONGEST_LINE = 1024 * 1024;

export interface DockerEventsParts {
  engine: Engine;
  clock: Clock;
  /** The service that a container is, or undefined when it is none of ours. */
  serviceOf: (container: {
    id: string;
    name: string;
    labels: Readonly<Record<string, string>>;
  }) => string | undefined;
  onError: (error: unknown) => void;
}

export function makeDockerEvents({ engine, clock, serviceOf, onError }: DockerEventsParts): RuntimeEvents {
  return {
    async follow(onEvent, signal) {
      /** Nanoseconds of the last event, and the ones told at that very moment. */
      let last = clock.now() * 1e6;
      let told = new Set<string>();
      const ordered = new Set<string>();

      function take(event: DockerEvent): void {
        const key = `${event.Action} ${event.Actor.ID}`;
        if (event.timeNano < last || (event.timeNano === last && told.has(key))) return;
        told = event.timeNano === last ? told.add(key) : new Set([key]);
        last = event.timeNano;
        const { ID: id, Attributes: labels } = event.Actor;
        const service = serviceOf({ id, name: labels["name"] ?? "", labels });
        const signalOf = service === undefined ? undefined : translate(event, service, ordered);
        if (signalOf) onEvent(signalOf);
      }

      while (!signal.aborted) {
        await followOnce(engine, last, take, signal).catch((error: unknown) => {
          if (!signal.aborted) onError(error);
        });
        await clock.sleep(RECONNECT_MS, signal).catch(() => undefined);
      }
    },
  };
}

async function followOnce(
  engine: Engine,
  sinceNano: number,
  take: (event: DockerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const filters = JSON.stringify({ type: ["container"], event: WANTED });
  const stream = await engine.call(
    "events",
    () => engine.docker.getEvents({ since: sinceNano / 1e9, filters }),
    signal,
  );
  const stop = (): void => {
    (stream as NodeJS.ReadableStream & { destroy(): void }).destroy();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split("\n");
      rest = (lines.pop() ?? "").slice(0, LONGEST_LINE);
      for (const line of lines) parse(line).forEach(take);
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function parse(line: string): DockerEvent[] {
  if (line.trim() === "") return [];
  try {
    return [eventSchema.parse(JSON.parse(line))];
  } catch {
    return []; // an event of a shape that we do not know says nothing to us
  }
}

/** A stop signal before the end makes it an ordered stop, by an operator or by our own restart. */
function translate(event: DockerEvent, service: string, ordered: Set<string>): EventSignal | undefined {
  const { ID: id, Attributes } = event.Actor;
  const about = {
    kind: "event",
    service,
    at: Math.round(event.timeNano / 1e6),
    instance: id.slice(0, 12),
  } as const;
  const exitCode = Number(Attributes["exitCode"]);
  switch (event.Action) {
    case "kill":
      if (!KILL_SIGNALS.includes(Attributes["signal"] ?? "")) ordered.add(id);
      return undefined;
    case "die":
      return {
        ...about,
        event: ordered.has(id) ? "stop" : "die",
        ...(Number.isInteger(exitCode) && { exitCode }),
      };
    case "start":
      ordered.delete(id);
      return { ...about, event: "start" };
    case "oom":
    case "destroy":
      return { ...about, event: event.Action };
    case "health_status: unhealthy":
      return { ...about, event: "unhealthy" };
    case "health_status: healthy":
      return { ...about, event: "healthy" };
    default:
      return undefined;
  }
}
