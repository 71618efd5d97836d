// Reads and follows a container's log. The engine ends the stream at every restart, so following reconnects with
// the last timestamp and drops what it has seen.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { ContainerInfo, Engine } from "./docker-engine.ts";
import { makeLogDecoder, type StampedLine } from "./docker-log-frames.ts";
import type { LogLine } from "./target.ts";

const RECONNECT_MS = 200;

export interface DockerLogParts {
  engine: Engine;
  inspect: (signal?: AbortSignal) => Promise<ContainerInfo>;
  clock: Clock;
}

export async function readLogs(
  { engine, inspect }: DockerLogParts,
  { since, limit }: { since: number; limit: number },
  signal?: AbortSignal,
): Promise<LogLine[]> {
  const info = await inspect(signal);
  const bytes = await engine.call(
    "logs",
    (abortSignal) =>
      engine.docker.getContainer(info.Id).logs({
        stdout: true,
        stderr: true,
        timestamps: true,
        follow: false,
        tail: limit,
        since: since / 1000,
        abortSignal,
      }),
    signal,
  );
  return makeLogDecoder({ tty: info.Config.Tty }).push(Buffer.from(bytes)).map(plain);
}

/** Resolves when aborted. A container that is gone for a while is waited for. */
export async function followLogs(
  parts: DockerLogParts,
  onLine: (line: LogLine) => void,
  { since }: { since: number },
  signal: AbortSignal,
): Promise<void> {
  const seen = makeSeen(new Date(since).toISOString().replace("Z", "000000Z"));
  while (!signal.aborted) {
    await followOnce(parts, seen, onLine, signal).catch((error: unknown) => {
      if (!signal.aborted && !(error instanceof HealError)) throw error;
    });
    await parts.clock.sleep(RECONNECT_MS, signal).catch(() => undefined);
  }
}

async function followOnce(
  { engine, inspect }: DockerLogParts,
  seen: Seen,
  onLine: (line: LogLine) => void,
  signal: AbortSignal,
): Promise<void> {
  const info = await inspect(signal);
  const decoder = makeLogDecoder({ tty: info.Config.Tty });
  const stream = await engine.call(
    "logs --follow",
    () =>
      engine.docker.getContainer(info.Id).logs({
        stdout: true,
        stderr: true,
        timestamps: true,
        follow: true,
        since: inSeconds(seen.last()) as unknown as number,
        abortSignal: signal,
      }),
    signal,
  );
  for await (const chunk of stream) {
    for (const line of decoder.push(Buffer.from(chunk as Buffer))) {
      if (seen.isNew(line.stamp)) onLine(plain(line));
    }
  }
}

type Seen = ReturnType<typeof makeSeen>;

/** `since` includes its own moment: lines of the very last timestamp come again, and are counted off. */
function makeSeen(start: string) {
  let last = start;
  let countAtLast = 0;
  let again = 0;
  return {
    /** Asked for at each reconnect. */
    last(): string {
      again = countAtLast;
      return last;
    },
    isNew(stamp: string): boolean {
      if (stamp < last) return false;
      if (stamp === last && again > 0) {
        again -= 1;
        return false;
      }
      countAtLast = stamp === last ? countAtLast + 1 : 1;
      last = stamp;
      return true;
    },
  };
}

/** "seconds.nanoseconds": the engine reads it as text, a JavaScript number would lose digits. */
function inSeconds(stamp: string): string {
  return `${Math.floor(Date.parse(`${stamp.slice(0, 19)}Z`) / 1000)}.${stamp.slice(20, 29)}`;
}

function plain({ at, stream, text }: StampedLine): LogLine {
  return { at, stream, text };
}
