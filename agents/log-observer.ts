// Log observer: what the lines of the services say over time. Every line is counted under its pattern; a few of each
// are kept to be read. Counting never waits for the store, and the store gets what has changed now and then.
import type { Clock } from "../domain/clock.ts";
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { Observations } from "../knowledge/observations.ts";
import { gravityOf } from "../domain/log-level.ts";
import type { TemplateMiner } from "../signals/templates/miner.ts";
import {
  makePatternHistory,
  type PatternHistory,
  type PatternView,
} from "../signals/patterns/pattern-history.ts";
import { makeUnsavedLogs, type UnsavedLogs, type UnsavedPattern } from "./unsaved-logs.ts";

export interface LogObserverParts {
  clock: Pick<Clock, "now">;
  miner: Pick<TemplateMiner, "add" | "template" | "idNow">;
  store: Pick<Observations, "saveLogs">;
  /** Of one service in ten seconds: lines of troubles, and as many of the rest. */
  keptLines?: number;
  patternsPerService?: number;
}

export interface SeenPattern extends PatternView, UnsavedPattern {
  service: string;
}

export interface LogObserver {
  /** Events from outside that were counted, and how far their sources were read: stored together with the counts. */
  took: UnsavedLogs["took"];
  reached: UnsavedLogs["reached"];
  /** Counts a line; the id of its pattern. */
  note(line: LogSignal): string;
  /** Patterns of one service (of all, without a name) as they stand now, the longest silent first. */
  patterns(service?: string): SeenPattern[];
  /** Those worth a look now: errors of the last minutes, and heartbeats that stopped. */
  notable(service: string): SeenPattern[];
  /** One of them; undefined for one that is not watched (any more). */
  pattern(service: string, id: string): SeenPattern | undefined;
  /** Counts of a pattern in the last `wanted` five minutes, oldest first; empty for one that is not watched. */
  counts(service: string, id: string, wanted: number): number[];
  /** Whether a pattern came up since the last flush, so that nobody can see it yet. */
  hasNew(): boolean;
  /** What came since the last flush goes to the store; rejects where the store takes nothing, and loses nothing. */
  flush(): Promise<void>;
}

interface Known {
  pattern: UnsavedPattern;
  history: PatternHistory;
  lines: number;
  /** Number of its last line, of all lines. */
  lastLine: number;
}

interface Watched {
  since: number;
  patterns: Map<string, Known>;
}

const EXAMPLES = 3;
const EXAMPLE_CHARS = 2_000;

export function makeLogObserver(parts: LogObserverParts): LogObserver {
  const { clock, miner, store, keptLines = 500, patternsPerService = 5_000 } = parts;
  const services = new Map<string, Watched>();
  const unsaved = makeUnsavedLogs(keptLines, clock);
  let lines = 0;

  function watchedOf(service: string): Watched {
    const known = services.get(service) ?? { since: clock.now(), patterns: new Map<string, Known>() };
    services.set(service, known);
    return known;
  }

  const nowOf = (service: string, id: string): string => miner.idNow(service, id) ?? id;

  /** A pattern that went up in another one has not fallen silent: its lines count there, here and in the store. */
  function joinMerged(service: string, { patterns }: Watched): void {
    for (const id of patterns.keys()) {
      const into = nowOf(service, id);
      if (into === id) continue;
      patterns.delete(id);
      unsaved.join({ service, from: id, into });
    }
  }

  function seen(service: string, { since }: Watched, { pattern, history }: Known): SeenPattern {
    return { service, ...pattern, ...history.view(clock.now(), since) };
  }

  return {
    note(line) {
      const { service, level, text, at } = line;
      const { id } = miner.add(service, sentenceOf(text));
      const known = knownOf(watchedOf(service).patterns, id, patternsPerService);
      const { pattern, history } = known;
      known.lines += 1;
      known.lastLine = lines += 1;
      // A template becomes more general with the first lines; to write it out for each line would cost too much.
      if (isPowerOfTwo(known.lines))
        pattern.template = withoutSecrets(miner.template(service, id)?.template ?? sentenceOf(text));
      if (gravityOf(level) > gravityOf(pattern.level)) pattern.level = level;
      if (pattern.examples.length < EXAMPLES)
        pattern.examples.push(withoutSecrets(text.slice(0, EXAMPLE_CHARS)));
      history.note(at);
      unsaved.add(line, pattern, known.lines === 1);
      return id;
    },
    notable(service) {
      const now = clock.now();
      const watched = services.get(service);
      return [...(watched?.patterns.values() ?? [])]
        .filter(
          ({ pattern, history }) => isErrorOf(now, pattern, history) || history.silentMs(now) !== undefined,
        )
        .filter(({ pattern }) => nowOf(service, pattern.id) === pattern.id)
        .flatMap((one) => (watched ? [seen(service, watched, one)] : []));
    },
    patterns(service) {
      return [...services]
        .filter(([name]) => service === undefined || name === service)
        .flatMap(([name, watched]) => {
          joinMerged(name, watched);
          return bySilence(watched.patterns).map((one) => seen(name, watched, one));
        });
    },
    pattern(service, id) {
      const watched = services.get(service);
      const known = watched?.patterns.get(id);
      return watched && known && seen(service, watched, known);
    },
    counts: (service, id, wanted) =>
      services.get(service)?.patterns.get(id)?.history.counts(wanted, clock.now()) ?? [],
    hasNew: unsaved.hasNew,
    took: unsaved.took,
    reached: unsaved.reached,
    flush() {
      for (const [name, watched] of services) joinMerged(name, watched);
      return unsaved.flush(store);
    },
  };
}

const LATELY_MS = 2 * 60_000;

function isErrorOf(now: number, { level }: UnsavedPattern, { lastSeen }: PatternHistory): boolean {
  return gravityOf(level) >= gravityOf("error") && now - lastSeen() < LATELY_MS;
}

/** Beyond `most` patterns those that were silent longest are forgotten here; the store still has them. */
function knownOf(patterns: Map<string, Known>, id: string, most: number): Known {
  const known = patterns.get(id);
  if (known !== undefined) return known;
  if (patterns.size >= most) forgetSilent(patterns, Math.ceil(most / 20));
  const pattern = { id, template: "", level: "unknown" as const, examples: [] };
  const one = { pattern, history: makePatternHistory(), lines: 0, lastLine: 0 };
  patterns.set(id, one);
  return one;
}

/** Several at once, since to find them means to look at all. */
function forgetSilent(patterns: Map<string, Known>, count: number): void {
  for (const { pattern } of bySilence(patterns).slice(0, count)) patterns.delete(pattern.id);
}

/** The longest silent first. */
function bySilence(patterns: ReadonlyMap<string, Known>): Known[] {
  return [...patterns.values()].sort((a, b) => a.lastLine - b.lastLine);
}

/** Of an event with a stack trace the line that says what happened: the first, in Python the last. */
function sentenceOf(text: string): string {
  const end = text.indexOf("\n");
  if (end < 0) return text;
  if (!text.startsWith("Traceback ")) return text.slice(0, end);
  return text.slice(text.trimEnd().lastIndexOf("\n") + 1).trimEnd();
}

function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
