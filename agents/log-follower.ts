// Log follower: reads every log of a service as it is written, joins what belongs to one event, and passes on log
// signals. A source that is down is said to be down and tried again; the other sources go on.
import type { Clock } from "../domain/clock.ts";
import { HealError, messageOf } from "../domain/errors.ts";
import type { LogSource, Service } from "../domain/service.ts";
import type { LogSignal } from "../domain/signal.ts";
import { readLogLine } from "../signals/log-line.ts";
import { type JoinedLine, type LineJoiner, makeLineJoiner } from "../signals/multiline.ts";
import {
  type LogFileFollower,
  type LogFileFollowerSettings,
  type LogFileStatus,
  makeLogFileFollower,
} from "../tools/log-file-follower.ts";
import type { FilePosition } from "../tools/log-file-reader.ts";
import type { LogLine, Targets } from "../tools/target.ts";
import { sinceLast } from "./log-resume.ts";

export interface LogSourceStatus {
  service: string;
  /** "docker", "process", or the path or glob of files. */
  source: string;
  ok: boolean;
  text: string;
  at: number;
  /** What would help, where it is known. */
  hint?: string;
  /** Of a source that is asked again and again: how far behind now it is read. */
  lagMs?: number;
  /** Time of its latest event, where that is known. */
  lastEventAt?: number;
}

export interface LogFollowerDeps {
  targets: Targets;
  clock: Clock;
  onSignal: (signal: LogSignal) => void;
  /** Called when a source goes down or comes back. */
  onSource?: (status: LogSourceStatus) => void;
  /** Where file sources stopped in an earlier run: what `positions` gave then. */
  positions?: Readonly<Record<string, readonly FilePosition[]>>;
  makeFiles?: (settings: LogFileFollowerSettings) => LogFileFollower;
  /** How far back the runtime's logs are read at first; what a service said before it died is worth a look. */
  lookBackMs?: number;
  /** How long an event waits for further lines. */
  joinMs?: number;
  retry?: { firstMs: number; mostMs: number };
}

export interface LogFollower {
  /** Follows all logs of one service until aborted. Never rejects: what fails is reported and tried again. */
  follow(service: Service, signal: AbortSignal): Promise<void>;
  /** The last word on each source. */
  sources(): LogSourceStatus[];
  /** Where each file source stands, for the next start. */
  positions(): Record<string, FilePosition[]>;
}

export function makeLogFollower(deps: LogFollowerDeps): LogFollower {
  const { clock, targets, onSignal, onSource, makeFiles = makeLogFileFollower, joinMs = 500 } = deps;
  const statuses = new Map<string, LogSourceStatus>();
  const files = new Map<string, LogFileFollower>();

  function report(status: LogSourceStatus): void {
    const key = `${status.service} ${status.source}`;
    const before = statuses.get(key);
    if (before?.ok === status.ok && before.text === status.text) return;
    statuses.set(key, status);
    // That a source works from the start is no news.
    if (before !== undefined || !status.ok) onSource?.(status);
  }

  async function followRuntime(service: Service, take: Take, signal: AbortSignal): Promise<void> {
    const target = targets.of(service.name);
    if (target === undefined) return;
    const say: Say = (ok, text, hint) =>
      report({ service: service.name, source: target.kind, ok, text, at: clock.now(), ...withHint(hint) });
    const resume = sinceLast(clock.now() - (deps.lookBackMs ?? 0));
    await persist(signal, deps, say, async (works) => {
      const onLine = (line: LogLine) => {
        works();
        if (resume.isNew(line)) take(line.stream, line);
      };
      await target.followLogs(onLine, { since: resume.since() }, signal);
    });
  }

  async function followFiles(service: Service, glob: string, take: Take, signal: AbortSignal): Promise<void> {
    const say: Say = (ok, text, hint) =>
      report({ service: service.name, source: glob, ok, text, at: clock.now(), ...withHint(hint) });
    const key = `${service.name} ${glob}`;
    const onStatus = ({ path, ...status }: LogFileStatus) =>
      report({ service: service.name, source: path, ...status });
    await persist(signal, deps, say, async () => {
      const positions = files.get(key)?.positions() ?? deps.positions?.[key] ?? [];
      const follower = makeFiles({ glob, clock, positions, onStatus });
      files.set(key, follower);
      await follower.follow((line) => take(line.path, line), signal);
    });
  }

  function followSource(service: Service, source: LogSource, take: Take, signal: AbortSignal) {
    return source.kind === "runtime"
      ? followRuntime(service, take, signal)
      : followFiles(service, source.glob, take, signal);
  }

  return {
    async follow(service, signal) {
      const joiners = joinersOf(service.name, joinMs, clock, onSignal);
      // An event that nothing follows should not wait for twice as long as it must.
      const flushing = flushNowAndThen(joiners.flush, joinMs / 4, clock, signal);
      await Promise.all(service.logs.map((source) => followSource(service, source, joiners.take, signal)));
      await flushing;
      joiners.flush();
    },
    sources: () => [...statuses.values()],
    positions: () => Object.fromEntries([...files].map(([key, one]) => [key, one.positions()])),
  };
}

type Say = (ok: boolean, text: string, hint?: string) => void;
type Take = (source: string, line: JoinedLine) => void;

/** Lines of different streams and files are never joined with each other. */
function joinersOf(service: string, waitMs: number, clock: Clock, onSignal: (signal: LogSignal) => void) {
  const joiners = new Map<string, LineJoiner>();
  const pass = (source: string, events: JoinedLine[]) => {
    for (const { at, text: whole } of events) {
      const { level, text } = readLogLine(whole);
      if (text !== "") onSignal({ kind: "log", service, at, level, text, source });
    }
  };
  return {
    take: (source: string, line: JoinedLine): void => {
      const joiner = joiners.get(source) ?? makeLineJoiner({ waitMs });
      joiners.set(source, joiner);
      pass(source, joiner.push(line, clock.now()));
    },
    /** Without a time: everything, since nothing more will come. */
    flush: (now?: number): void => {
      for (const [source, joiner] of joiners) pass(source, joiner.flush(now));
    },
  };
}

async function flushNowAndThen(
  flush: (now: number) => void,
  everyMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => {});
    flush(clock.now());
  }
}

const withHint = (hint: string | undefined) => (hint === undefined ? {} : { hint });

/** A source that has not failed for so long works, even when it has nothing to say. */
const SETTLED_MS = 5_000;

/** Tries again for ever, slower and slower; `works` starts the pace anew. */
async function persist(
  signal: AbortSignal,
  { clock, retry = { firstMs: 500, mostMs: 30_000 } }: LogFollowerDeps,
  say: Say,
  attempt: (works: () => void) => Promise<void>,
): Promise<void> {
  let waitMs = retry.firstMs;
  const works = () => {
    waitMs = retry.firstMs;
    say(true, "following");
  };
  while (!signal.aborted) {
    const ended = new AbortController();
    clock.sleep(SETTLED_MS, ended.signal).then(works, () => {});
    try {
      await attempt(works);
      if (!signal.aborted) say(false, "the source ended");
    } catch (error) {
      if (!signal.aborted) say(false, messageOf(error), error instanceof HealError ? error.hint : undefined);
    }
    ended.abort();
    await clock.sleep(waitMs, signal).catch(() => {});
    waitMs = Math.min(waitMs * 2, retry.mostMs);
  }
}
