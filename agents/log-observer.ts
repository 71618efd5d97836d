// Log observer: what the lines of the services say over time. Every line is counted under its pattern; a few of each
// are kept to be read. Counting never waits for the store, and the store gets what has changed now and then.
import type { Clock } from "../domain/clock.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { Observations } from "../knowledge/observations.ts";
import { gravityOf } from "../signals/log-level.ts";
import {
  makePatternHistory,
  type PatternHistory,
  type PatternView,
} from "../signals/patterns/pattern-history.ts";
import { makeUnsavedLogs, type UnsavedPattern } from "./unsaved-logs.ts";

export interface LogObserverParts {
  clock: Pick<Clock, "now">;
  /** Pattern of a line: an id that stays the same, and the text with `<*>` for what varies. */
  templateOf: (service: string, text: string) => { id: string; template: string };
  store: Pick<Observations, "patterns" | "lines">;
  /** Of one service between two flushes: lines of troubles, and as many of the rest. */
  keptLines?: number;
  patternsPerService?: number;
}

export interface SeenPattern extends PatternView, UnsavedPattern {
  service: string;
}

export interface LogObserver {
  note(line: LogSignal): void;
  /** Patterns of one service (of all, without a name) as they stand now, the longest silent first. */
  patterns(service?: string): SeenPattern[];
  /** One of them; undefined for one that is not watched (any more). */
  pattern(service: string, id: string): SeenPattern | undefined;
  /** Counts of a pattern in the last `wanted` five minutes, oldest first; empty for one that is not watched. */
  counts(service: string, id: string, wanted: number): number[];
  /** What came since the last flush goes to the store; rejects where the store takes nothing, and loses nothing. */
  flush(): Promise<void>;
}

interface Known {
  pattern: UnsavedPattern;
  history: PatternHistory;
}

interface Watched {
  since: number;
  /** In the order of the last line. */
  patterns: Map<string, Known>;
}

const EXAMPLES = 3;
const EXAMPLE_CHARS = 2_000;

export function makeLogObserver(parts: LogObserverParts): LogObserver {
  const { clock, templateOf, store, keptLines = 500, patternsPerService = 5_000 } = parts;
  const services = new Map<string, Watched>();
  const unsaved = makeUnsavedLogs(keptLines);

  function watchedOf(service: string): Watched {
    const known = services.get(service) ?? { since: clock.now(), patterns: new Map<string, Known>() };
    services.set(service, known);
    return known;
  }

  function seen(service: string, { since }: Watched, { pattern, history }: Known): SeenPattern {
    return { service, ...pattern, ...history.view(clock.now(), since) };
  }

  return {
    note(line) {
      const template = templateOf(line.service, line.text);
      const { pattern, history } = knownOf(watchedOf(line.service).patterns, template, patternsPerService);
      if (gravityOf(line.level) > gravityOf(pattern.level)) pattern.level = line.level;
      if (pattern.examples.length < EXAMPLES) pattern.examples.push(line.text.slice(0, EXAMPLE_CHARS));
      history.note(line.at);
      unsaved.add(line, pattern);
    },
    patterns(service) {
      return [...services]
        .filter(([name]) => service === undefined || name === service)
        .flatMap(([name, watched]) => [...watched.patterns.values()].map((one) => seen(name, watched, one)));
    },
    pattern(service, id) {
      const watched = services.get(service);
      const known = watched?.patterns.get(id);
      return watched && known && seen(service, watched, known);
    },
    counts: (service, id, wanted) =>
      services.get(service)?.patterns.get(id)?.history.counts(wanted, clock.now()) ?? [],
    flush: () => unsaved.flush(store),
  };
}

/** Beyond `most` patterns the one that was silent longest is forgotten here; the store still has it. */
function knownOf(
  patterns: Map<string, Known>,
  { id, template }: { id: string; template: string },
  most: number,
): Known {
  const known = patterns.get(id);
  if (known === undefined && patterns.size >= most) patterns.delete(patterns.keys().next().value ?? "");
  const one = known ?? {
    pattern: { id, template, level: "unknown" as const, examples: [] },
    history: makePatternHistory(),
  };
  one.pattern.template = template; // it may have become more general
  patterns.delete(id);
  patterns.set(id, one);
  return one;
}
