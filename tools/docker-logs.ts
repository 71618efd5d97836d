// The log of a container: its last lines, and every line from now on, over restarts and recreations.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import { type DockerRuntime, findContainers, nameOf } from "./docker-binding.ts";
import { addressOf, askEngine, type DockerApi, engineError, type Inspected } from "./docker-engine.ts";
import { engineTime } from "./docker-event-stream.ts";
import { type DockerLogLine, makeLogReader } from "./docker-log-lines.ts";
import type { LogLine } from "./target.ts";

export interface DockerLogParts {
  api: DockerApi;
  runtime: DockerRuntime;
  clock: Clock;
}

const OPEN_LIMIT_MS = 10_000;
const READ_LIMIT_MS = 30_000;
const MOST_LINES = 10_000;
const MOST_CHARS = 16 * 1024 * 1024;
/** Long lines are kept in pieces, and the engine counts pieces: 100 kB are seven. */
const PIECES_A_LINE = 8;
const LOOK_EVERY_MS = 250;
/** Another container of the same service may begin at any time; nothing of its log is lost until it is found. */
const LOOK_FOR_MORE_MS = 3_000;
/** Lines of two streams may be stored a little out of order; an interruption is bridged by so much overlap. */
const OVERLAP_MS = 2_000;

/** At most 10,000 lines and 16 MB. Throws "container-missing", "logs-not-readable" and what askEngine throws. */
export async function dockerLogs(
  { api, runtime }: DockerLogParts,
  { since, limit }: { since: number; limit: number },
  signal?: AbortSignal,
): Promise<LogLine[]> {
  const most = Math.min(Math.max(limit, 0), MOST_LINES);
  const all = await findContainers(api, runtime, signal);
  const read = await Promise.all(
    all.map((info) => lastLines({ api, runtime, info }, { since, most }, signal)),
  );
  const lines = read.length === 1 ? (read[0] ?? []) : read.flat().toSorted((a, b) => a.at - b.at);
  return lines.slice(-most).map(withoutTime);
}

async function lastLines(
  { api, runtime, info }: Pick<DockerLogParts, "api" | "runtime"> & { info: Inspected },
  { since, most }: { since: number; most: number },
  signal: AbortSignal | undefined,
): Promise<DockerLogLine[]> {
  const lines: DockerLogLine[] = [];
  let chars = 0;
  const keep = (line: DockerLogLine): void => {
    lines.push(line);
    chars += line.text.length;
    while (lines.length > most || chars > MOST_CHARS) chars -= lines.shift()?.text.length ?? chars;
  };
  await askEngine(api, `Reading the log of ${nameOf(runtime)}`, { limitMs: READ_LIMIT_MS, signal }, (stop) =>
    readLog(api, info, { since: engineTime(since), tail: most * PIECES_A_LINE }, keep, stop).then(
      () => undefined,
    ),
  );
  return lines;
}

/** Ends when aborted; throws when the engine does not answer or the container's log cannot be read. */
export async function followDockerLogs(
  parts: DockerLogParts,
  onLine: (line: LogLine) => void,
  { since }: { since: number },
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal]);
  const followers: Promise<void>[] = [];
  let failure: { error: unknown } | undefined;
  const guarded = (work: Promise<void>): void => {
    const one = work.catch((error: unknown) => {
      failure ??= { error };
      ended.abort();
    });
    followers.push(one);
  };
  const followUpTo = (places: number): void => {
    while (followers.length < places) guarded(followOne(parts, followers.length, { onLine, since }, stop));
  };
  followUpTo(1);
  while (!stop.aborted && parts.runtime.kind === "compose") {
    await parts.clock.sleep(LOOK_FOR_MORE_MS, stop).catch(() => undefined);
    const all = await findContainers(parts.api, parts.runtime, stop).catch(() => []); // the followers tell why
    followUpTo(all.length);
  }
  await Promise.all(followers);
  if (failure && !signal.aborted) throw failure.error;
}

/** The container in this place among those of its service, over restarts and recreations. */
async function followOne(
  { api, runtime, clock }: DockerLogParts,
  place: number,
  { onLine, since }: { onLine: (line: LogLine) => void; since: number },
  signal: AbortSignal,
): Promise<void> {
  const resume = makeResume(since);
  let readToEnd = "";
  while (!signal.aborted) {
    try {
      const info = (await findContainers(api, runtime, signal))[place];
      // A container that has ended says nothing more until it is started: its log is read once to the end.
      const end = info && !info.State.Running ? `${info.Id}:${info.State.FinishedAt}` : "";
      if (info && (end === "" || end !== readToEnd)) {
        const isNew = resume.begin();
        const question = { since: engineTime(resume.from()), follow: true };
        await readLog(api, info, question, (line) => isNew(line) && onLine(withoutTime(line)), signal);
        readToEnd = end;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Resolves when the log ends (the container has ended), or when aborted. */
async function readLog(
  api: DockerApi,
  info: Inspected,
  { since, follow = false, tail }: { since: string; follow?: boolean; tail?: number },
  onLine: (line: DockerLogLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const options = { stdout: true, stderr: true, timestamps: true, follow, since, tail: tail ?? "all" };
  const stream = await openLog(api, info, options, signal);
  const reader = makeLogReader(info.Config.Tty, onLine);
  try {
    for await (const chunk of stream) reader.push(chunk as Buffer);
    reader.end();
  } catch (error) {
    if (!signal.aborted) throw engineError(`Reading the log of ${info.Name}`, addressOf(api), error);
  }
}

/** All of it, a line each with its time and stream; empty where its logging driver keeps nothing. */
export async function* logText(
  api: DockerApi,
  info: Inspected,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<Buffer> {
  let lines: string[] = [];
  const reader = makeLogReader(info.Config.Tty, ({ time, stream, text }) =>
    lines.push(`${time} ${stream} ${text}\n`),
  );
  const taken = (): Buffer => {
    const text = Buffer.from(lines.join(""));
    lines = [];
    return text;
  };
  try {
    const all = { stdout: true, stderr: true, timestamps: true, follow: false, tail: "all" };
    for await (const chunk of await openLog(api, info, all, signal)) {
      reader.push(chunk as Buffer);
      yield taken();
    }
  } catch (error) {
    if (!(error instanceof HealError && error.code === "logs-not-readable")) throw error;
  }
  reader.end();
  yield taken();
}

interface Dial {
  dial(
    request: {
      path: string;
      method: "GET";
      isStream: true;
      statusCodes: Record<number, boolean | string>;
      options: Record<string, unknown>;
      abortSignal: AbortSignal;
    },
    done: (error: Error | null, stream: NodeJS.ReadableStream) => void,
  ): void;
}

/** dockerode's own logs() reads everything into memory, and parses a log that looks like JSON, unless it follows. */
function openLog(
  api: DockerApi,
  info: Inspected,
  options: Record<string, unknown>,
  signal: AbortSignal,
): Promise<NodeJS.ReadableStream> {
  // Also ends a request that was given up because the engine did not answer in time.
  const cut = new AbortController();
  const abortSignal = AbortSignal.any([signal, cut.signal]);
  const open = (): Promise<NodeJS.ReadableStream> =>
    new Promise((resolve, reject) => {
      (api.modem as Dial).dial(
        {
          path: `/containers/${info.Id}/logs?`,
          method: "GET",
          isStream: true,
          statusCodes: { 200: true, 404: "no such container" },
          options,
          abortSignal,
        },
        (error, stream) => (error ? reject(error) : resolve(stream)),
      );
    });
  return askEngine(api, `Opening the log of ${info.Name}`, { limitMs: OPEN_LIMIT_MS, signal }, open).catch(
    (error: unknown) => {
      cut.abort();
      throw unreadable(info, error);
    },
  );
}

function unreadable(info: Inspected, error: unknown): unknown {
  if (!(error instanceof HealError) || !/logging driver/.test(error.message)) return error;
  return new HealError(`The log of ${info.Name} cannot be read: ${error.message}`, {
    code: "logs-not-readable",
    hint: `Its logging driver is "${info.HostConfig.LogConfig?.Type ?? "none"}"; json-file, local and journald can be read.`,
    cause: error,
  });
}

/** Which lines of a stream that begins again were given out before. */
function makeResume(start: number) {
  let recent: { at: number; key: string }[] = [];
  let last = 0;
  let pruneAt = 1_000;
  return {
    from: (): number => (last === 0 ? start : Math.max(start, last - OVERLAP_MS)),
    /** Each line given out lately may come once more after this. */
    begin(): (line: DockerLogLine) => boolean {
      const repeats = new Map<string, number>();
      for (const { key } of recent) repeats.set(key, (repeats.get(key) ?? 0) + 1);
      return (line) => {
        const key = `${line.time} ${line.stream} ${line.text}`;
        const left = repeats.get(key) ?? 0;
        if (left > 0) {
          repeats.set(key, left - 1);
          return false;
        }
        last = Math.max(last, line.at);
        recent.push({ at: line.at, key });
        if (recent.length >= pruneAt) {
          recent = recent.filter((one) => one.at >= last - OVERLAP_MS);
          pruneAt = Math.max(1_000, recent.length * 2); // so that a flood of lines is not filtered line by line
        }
        return true;
      };
    },
  };
}

const withoutTime = ({ at, stream, text }: DockerLogLine): LogLine => ({ at, stream, text });
