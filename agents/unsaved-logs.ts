// What was counted and kept of log lines and is not in the store yet. Bounded: of each pattern and service only so
// many lines are kept in ten seconds, all of them are counted.
import type { Clock } from "../domain/clock.ts";
import { gravityOf } from "../domain/log-level.ts";
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { LogSignal } from "../domain/signal.ts";
import type {
  JoinedPattern,
  KeptLogLine,
  LogPatternRecord,
  LogPlace,
  NotedPattern,
  Observations,
} from "../knowledge/observations.ts";
import { COARSE_MS } from "../signals/patterns/pattern-history.ts";

export type UnsavedPattern = Pick<LogPatternRecord, "id" | "template" | "level" | "examples">;

export interface UnsavedLogs {
  /** `isNew`: the store may not know the pattern. */
  add(line: LogSignal, pattern: UnsavedPattern, isNew: boolean): void;
  /** An event from outside, whose line was just added: the number that stands for it. */
  took(id: number): void;
  /** What was added since the last place of this source lies before this one. */
  reached(place: LogPlace): void;
  /** A pattern went up in another one. */
  join(pattern: JoinedPattern): void;
  /** Whether a pattern waits that the store may not know. */
  hasNew(): boolean;
  /** Hands everything to the store. What it does not take (the error is thrown on) waits for the next time. */
  flush(store: Pick<Observations, "saveLogs">): Promise<void>;
}

/** Of one pattern in this time: the same line a thousand times tells nothing more. */
const KEPT_OF_A_PATTERN = 20;
const KEPT_EVERY_MS = 10_000;
/** While the store is away, lines are let go of before memory is. */
const MOST_WAITING = 20_000;

interface Batch {
  /** By service and pattern. */
  services: Map<string, Map<string, Unsaved>>;
  lines: KeptLogLine[];
  taken: number[];
  /** By source. */
  places: Map<string, LogPlace>;
  joined: JoinedPattern[];
  hasNew: boolean;
}

const nothing = (): Batch => ({
  services: new Map(),
  lines: [],
  taken: [],
  places: new Map(),
  joined: [],
  hasNew: false,
});

/** `keptLines`: of one service in ten seconds, of troubles, and as many of the rest. */
export function makeUnsavedLogs(keptLines: number, clock: Pick<Clock, "now">): UnsavedLogs {
  const mayKeep = makeBudget(keptLines, clock);
  /** How patterns are in the store. */
  const stored = new WeakMap<UnsavedPattern, Written>();
  let batch = nothing();

  function patternsOf(service: string): Map<string, Unsaved> {
    const known = batch.services.get(service) ?? new Map<string, Unsaved>();
    batch.services.set(service, known);
    return known;
  }

  function takeBack(older: Batch): void {
    for (const one of [...older.services.values()].flatMap((patterns) => [...patterns.values()])) {
      const patterns = patternsOf(one.service);
      patterns.set(one.pattern.id, summed(one, patterns.get(one.pattern.id)));
    }
    batch.lines = [...older.lines, ...batch.lines].slice(0, MOST_WAITING);
    batch.taken = [...older.taken, ...batch.taken];
    batch.places = new Map([...older.places, ...batch.places]);
    batch.joined = [...older.joined, ...batch.joined];
    batch.hasNew ||= older.hasNew;
  }

  return {
    add(line, pattern, isNew) {
      const patterns = patternsOf(line.service);
      const known = patterns.get(pattern.id);
      const unsaved = known ?? startOf(line, pattern);
      if (known === undefined) patterns.set(pattern.id, unsaved);
      count(unsaved, line, pattern);
      batch.hasNew ||= isNew;
      if (batch.lines.length >= MOST_WAITING || !mayKeep(line, pattern.id)) return;
      const { service, at, level, source } = line;
      batch.lines.push({ service, at, level, source, text: withoutSecrets(line.text), pattern: pattern.id });
    },
    took: (id) => void batch.taken.push(id),
    reached: (place) => void batch.places.set(place.source, place),
    join: (pattern) => void batch.joined.push(pattern),
    hasNew: () => batch.hasNew,
    async flush(store) {
      const now = batch;
      batch = nothing();
      const patterns = [...now.services.values()].flatMap((one) => [...one.values()]);
      const { lines, taken, joined } = now;
      const written = patterns.map(({ pattern }) => [pattern, writtenOf(pattern)] as const);
      if (patterns.length + lines.length + taken.length + joined.length + now.places.size === 0) return;
      try {
        await store.saveLogs({
          patterns: patterns.map((one) => noted(one, stored.get(one.pattern))),
          counts: patterns.flatMap(countsOf),
          joined,
          lines,
          taken,
          places: [...now.places.values()],
        });
      } catch (error) {
        takeBack(now);
        throw error;
      }
      for (const [pattern, how] of written) stored.set(pattern, how);
    },
  };
}

/** Whether a line may still be kept in these ten seconds. */
function makeBudget(keptLines: number, clock: Pick<Clock, "now">) {
  const services = new Map<string, { troubles: number; chatter: number; ofPattern: Map<string, number> }>();
  let since = clock.now();
  return function mayKeep({ service, level }: LogSignal, pattern: string): boolean {
    if (clock.now() - since >= KEPT_EVERY_MS) {
      services.clear();
      since = clock.now();
    }
    const kept = services.get(service) ?? { troubles: 0, chatter: 0, ofPattern: new Map<string, number>() };
    services.set(service, kept);
    const lane = gravityOf(level) >= gravityOf("warn") ? "troubles" : "chatter";
    const ofPattern = kept.ofPattern.get(pattern) ?? 0;
    if (ofPattern >= KEPT_OF_A_PATTERN || kept[lane] >= keptLines) return false;
    kept.ofPattern.set(pattern, ofPattern + 1);
    kept[lane] += 1;
    return true;
  };
}

interface Unsaved {
  service: string;
  /** As it was with the last line. */
  pattern: UnsavedPattern;
  firstSeen: number;
  lastSeen: number;
  lines: number;
  /** By five minutes. */
  counts: Map<number, number>;
}

function startOf({ service, at }: LogSignal, pattern: UnsavedPattern): Unsaved {
  return { service, pattern, firstSeen: at, lastSeen: at, lines: 0, counts: new Map() };
}

/** Once for each line there is: in place. */
function count(unsaved: Unsaved, { at }: LogSignal, pattern: UnsavedPattern): void {
  const bucket = at - (at % COARSE_MS);
  unsaved.counts.set(bucket, (unsaved.counts.get(bucket) ?? 0) + 1);
  unsaved.pattern = pattern;
  unsaved.lines += 1;
  if (at < unsaved.firstSeen) unsaved.firstSeen = at;
  if (at > unsaved.lastSeen) unsaved.lastSeen = at;
}

/** What would be written again for nothing. Examples are only added. */
type Written = Pick<UnsavedPattern, "template" | "level"> & { examples: number };

function writtenOf({ template, level, examples }: UnsavedPattern): Written {
  return { template, level, examples: examples.length };
}

function noted({ service, pattern, firstSeen, lastSeen, lines }: Unsaved, stored?: Written): NotedPattern {
  const { id, template, level, examples } = pattern;
  const unchanged =
    stored?.template === template && stored.level === level && stored.examples === examples.length;
  return { service, id, template, level, examples, firstSeen, lastSeen, lines, unchanged };
}

function countsOf({ service, pattern: { id }, counts }: Unsaved) {
  return [...counts].map(([at, lines]) => ({ service, pattern: id, at, lines }));
}

function summed(older: Unsaved, newer: Unsaved | undefined): Unsaved {
  if (newer === undefined) return older;
  const counts = new Map(older.counts);
  for (const [at, lines] of newer.counts) counts.set(at, (counts.get(at) ?? 0) + lines);
  return {
    ...newer,
    firstSeen: Math.min(older.firstSeen, newer.firstSeen),
    lastSeen: Math.max(older.lastSeen, newer.lastSeen),
    lines: older.lines + newer.lines,
    counts,
  };
}
