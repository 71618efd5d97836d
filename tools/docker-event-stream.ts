// Docker's event stream as it comes: one JSON object a line, cut anywhere by the network. Everything in it was
// written by containers and their labels, so it is checked and bounded.
// Source: Docker Engine API 1.41, GET /events.
import { StringDecoder } from "node:string_decoder";
import type Docker from "dockerode";
import { z } from "zod";
import { addressOf, askEngine, type DockerApi, engineError } from "./docker-engine.ts";

export interface DockerEvent {
  id: string;
  name: string;
  /** "die", "stop", "kill", "oom", "start", "destroy", "health_status: unhealthy", … */
  action: string;
  at: number;
  /** Unix nanoseconds as text: a number would lose the last digits. */
  nano: string;
  attributes: Readonly<Record<string, string>>;
}

/** Health checks by command flood the stream with exec_*: only these are asked for. */
const ACTIONS = ["create", "die", "oom", "start", "stop", "kill", "health_status", "destroy"];
const LONGEST_LINE = 256 * 1024;
const CONNECT_LIMIT_MS = 10_000;

const eventSchema = z.object({
  Type: z.literal("container"),
  Action: z.string().max(200),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).default({}) }),
  time: z.number(),
  timeNano: z.number(),
});

export interface EventQuestion {
  /** Unix seconds with fraction, as text. The engine keeps only its last 256 events (moby: daemon/events). */
  since?: string;
  /** Absent: the stream stays open. */
  until?: string;
  container?: string;
}

/**
 * Calls back for each event until the stream ends or is aborted; resolves then. Throws HealError
 * "docker-unreachable" when it cannot be opened or breaks. `onOpen` is called when the engine has answered.
 */
export async function readEvents(
  api: DockerApi,
  { since, until, container }: EventQuestion,
  onEvent: (event: DockerEvent) => void,
  signal: AbortSignal,
  onOpen: () => void = () => undefined,
): Promise<void> {
  const filters = {
    type: ["container" as const],
    event: ACTIONS,
    ...(container && { container: [container] }),
  };
  const what = "Following Docker's events";
  // Also ends a request that was given up because the engine did not answer in time.
  const cut = new AbortController();
  const abortSignal = AbortSignal.any([signal, cut.signal]);
  // The types want numbers, which cannot hold nanoseconds; the engine takes "seconds.nanoseconds".
  const options = {
    filters,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    abortSignal,
  } as object as Docker.GetEventsOptions;
  const opened = askEngine(api, what, { limitMs: CONNECT_LIMIT_MS, signal }, () => api.getEvents(options));
  const stream = await opened.catch((error: unknown) => {
    cut.abort();
    throw error;
  });
  onOpen();
  const split = makeLineSplitter((line) => {
    const event = readEvent(line);
    if (event) onEvent(event);
  });
  try {
    for await (const chunk of stream) split(chunk as Buffer);
  } catch (error) {
    if (!signal.aborted) throw engineError(what, addressOf(api), error);
  }
}

/** Lines of a stream that is cut anywhere, also within a character. What is longer than any event is skipped. */
export function makeLineSplitter(onLine: (line: string) => void): (chunk: Buffer) => void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST_LINE) rest = "";
    for (const line of lines) if (line.trim() !== "") onLine(line);
  };
}

export function readEvent(line: string): DockerEvent | undefined {
  const read = eventSchema.safeParse(parsed(line));
  if (!read.success) return undefined;
  const { Action: action, Actor: actor, timeNano } = read.data;
  const nano = /"timeNano":(\d+)/.exec(line)?.[1] ?? String(timeNano);
  return {
    id: actor.ID,
    name: actor.Attributes["name"] ?? "",
    action,
    at: Number(nano.slice(0, -6)),
    nano,
    attributes: actor.Attributes,
  };
}

/** Unix ms or an event's nanoseconds, as the engine wants times: seconds with fraction. */
export function engineTime(moment: number | string): string {
  const nano = typeof moment === "string" ? moment : `${Math.max(0, Math.round(moment))}000000`;
  const digits = nano.padStart(10, "0");
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
