// Last words: log lines that no follower has brought yet. Whoever follows a log sees a line a moment late, and joins it
// with what may come after it; but what a service said before it ended must be known when its end is judged, and that
// is at once. And where nobody follows at all (one pass on the command line), the logs are read when they are needed.
import type { Clock } from "../domain/clock.ts";
import { HealError, messageOf } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { type LogSignal, only, type Signal } from "../domain/signal.ts";
import { timeOfLine } from "../signals/log-line-time.ts";
import { readLogLine } from "../signals/log-line.ts";
import { type JoinedLine, makeLineJoiner } from "../signals/multiline.ts";
import { endsOf, type FileEnd } from "../tools/log-file-ends.ts";
import { hintOfUnreadable } from "../tools/log-file-problem.ts";
import type { LogLine, Targets } from "../tools/target.ts";
import type { SourceStatus } from "./sources.ts";

export interface LastWordsParts {
  targets: Targets;
  clock: Clock;
  /** Somebody follows the logs: only the last words of what has just ended are asked for. */
  followed: boolean;
}

export interface LastWords {
  /** Log lines of the last minute (of what has just ended: its last seconds) that `window` does not hold, oldest first. */
  read(service: Service, window: readonly Signal[], signal?: AbortSignal): Promise<ReadWords>;
  /** See LastWordsParts. */
  readonly followed: boolean;
}

export interface ReadWords {
  lines: LogSignal[];
  /** Logs that could not be read. */
  down: SourceStatus[];
}

/** As far back as a server reads that has just been started. */
const LOOK_BACK_MS = 60_000;
/** Followers need a tenth of a second for a line and half a second to join it; this is enough on a busy machine. */
const JUST_ENDED_MS = 5_000;
/** Of what has just ended: what was said earlier was brought. */
const LAST_WORDS_MS = 3_000;
/** Each line costs a look at what it says, and a repair waits for it. */
const MOST_LAST_WORDS = 200;
const MOST_LINES = 1_000;
const NOTHING: ReadWords = { lines: [], down: [] };

export function makeLastWords({ targets, clock, followed }: LastWordsParts): LastWords {
  /** Where the reading of each file stopped. */
  const positions = new Map<string, number>();

  async function ofRuntime(service: Service, window: readonly Signal[], since: number, signal?: AbortSignal) {
    const target = targets.of(service.name);
    if (!target) return NOTHING;
    try {
      const limit = followed ? MOST_LAST_WORDS : MOST_LINES;
      const lines = await target.logs({ since, limit }, signal);
      return { lines: unknownTo(window, eventsOf(service.name, streamsOf(lines))), down: [] };
    } catch (error) {
      signal?.throwIfAborted();
      const hint = error instanceof HealError ? error.hint : undefined;
      return { lines: [], down: [isDown(service.name, target.kind, error, hint)] };
    }
  }

  async function ofFiles({ name }: Service, glob: string, since: number): Promise<ReadWords> {
    const { ends, unreadable } = await endsOf(glob, { since, positions });
    const sources = new Map(ends.map((end) => [end.path, dated(end)] as const));
    for (const { path, position } of ends) positions.set(path, position);
    return {
      lines: eventsOf(name, sources).filter((one) => one.at >= since),
      down: unreadable.map(({ path, error }) => isDown(name, path, error, hintOfUnreadable(error))),
    };
  }

  function isDown(service: string, log: string, error: unknown, hint: string | undefined): SourceStatus {
    const said = { service, source: `log ${log}`, ok: false, text: messageOf(error), at: clock.now() };
    return { ...said, ...(hint !== undefined && { hint }) };
  }

  /** With the times that the lines give themselves; new lines of a file that was read before are of now. */
  function dated({ path, lines }: FileEnd): JoinedLine[] {
    const now = clock.now();
    let at = positions.has(path) ? now : undefined;
    return lines.slice(-MOST_LINES).flatMap((text) => {
      const said = timeOfLine(text, now);
      at = said === undefined ? at : Math.min(said, now);
      return at === undefined ? [] : [{ at, text }];
    });
  }

  return {
    followed,
    async read(service, window, signal) {
      const now = clock.now();
      const endedAt = followed ? lastEnd(window) : undefined;
      if (followed && (endedAt === undefined || now - endedAt >= JUST_ENDED_MS)) return NOTHING;
      const since = endedAt === undefined ? now - LOOK_BACK_MS : endedAt - LAST_WORDS_MS;
      const read = await Promise.all(
        service.logs.flatMap((source) => {
          if (source.kind === "runtime") return ofRuntime(service, window, since, signal);
          // Who follows files knows the place where it stands; to read beside it would be to guess.
          return followed ? [] : ofFiles(service, source.glob, since);
        }),
      );
      return {
        lines: read.flatMap((one) => one.lines).toSorted((a, b) => a.at - b.at),
        // Who follows says himself what he cannot read.
        down: followed ? [] : read.flatMap((one) => one.down),
      };
    },
  };
}

function lastEnd(window: readonly Signal[]): number | undefined {
  const ends = [
    ...only(window, "event").flatMap(({ event, at }) => (event === "die" || event === "oom" ? [at] : [])),
    ...only(window, "state")
      .slice(-1)
      .flatMap(({ finishedAt }) => finishedAt ?? []),
  ];
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function streamsOf(lines: readonly LogLine[]): Map<string, JoinedLine[]> {
  const streams = new Map<string, JoinedLine[]>();
  for (const { stream, at, text } of lines)
    streams.set(stream, [...(streams.get(stream) ?? []), { at, text }]);
  return streams;
}

/** Nothing more comes to join: the last event is whole. */
function eventsOf(service: string, sources: ReadonlyMap<string, readonly JoinedLine[]>): LogSignal[] {
  return [...sources].flatMap(([source, lines]) => {
    const joiner = makeLineJoiner();
    const events = [...lines.flatMap((one) => joiner.push(one)), ...joiner.flush()];
    return events.flatMap(({ at, text: whole }): LogSignal[] => {
      const { level, text } = readLogLine(whole);
      return text === "" ? [] : [{ kind: "log", service, at, level, text, source }];
    });
  });
}

/**
 * A line has the time at which it was seen where its writer gave none, so an event is known again by its words: as often
 * as the window holds it since the first of the events, it was brought.
 */
export function unknownTo(window: readonly Signal[], events: readonly LogSignal[]): LogSignal[] {
  const since = Math.min(...events.map((one) => one.at));
  const known = new Map<string, number>();
  for (const one of only(window, "log"))
    if (one.at >= since) known.set(wordsOf(one), (known.get(wordsOf(one)) ?? 0) + 1);
  return events.filter((one) => {
    const left = known.get(wordsOf(one)) ?? 0;
    known.set(wordsOf(one), left - 1);
    return left <= 0;
  });
}

/** The first line is enough: how many of the next ones belong to it depends on when they came. */
const wordsOf = ({ source, text }: LogSignal): string => `${source} ${text.split("\n", 1)[0] ?? ""}`;
