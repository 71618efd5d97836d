// What was counted and kept of log lines and is not in the store yet. Bounded: of each pattern and service only so
// many lines are kept between two flushes, all of them are counted.
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { KeptLogLine, LogPatternRecord, Observations } from "../knowledge/observations.ts";
import { COARSE_MS } from "../signals/patterns/pattern-history.ts";
import { gravityOf } from "../domain/log-level.ts";

export type UnsavedPattern = Pick<LogPatternRecord, "id" | "template" | "level" | "examples">;

export interface UnsavedLogs {
  /** `isNew`: the store may not know the pattern. */
  add(line: LogSignal, pattern: UnsavedPattern, isNew: boolean): void;
  /** Patterns that are new since the last flush of either kind; the same with their lines waits for the next whole one. */
  flushNew(store: Pick<Observations, "patterns">): Promise<void>;
  /** Hands everything to the store. What it does not take (the error is thrown on) waits for the next time. */
  flush(store: Pick<Observations, "patterns" | "lines">): Promise<void>;
}

/** Of one pattern between two flushes: the same line a thousand times tells nothing more. */
const KEPT_OF_A_PATTERN = 20;
/** While the store is away, lines are let go of before memory is. */
const MOST_WAITING = 20_000;

/** `keptLines`: of one service between two flushes, of troubles, and as many of the rest. */
export function makeUnsavedLogs(keptLines: number): UnsavedLogs {
  let services = new Map<string, UnsavedService>();
  let lines: KeptLogLine[] = [];
  let fresh: Unsaved[] = [];

  function serviceOf(name: string): UnsavedService {
    const known = services.get(name) ?? { patterns: new Map(), kept: { troubles: 0, chatter: 0 } };
    services.set(name, known);
    return known;
  }

  function keep(line: LogSignal, unsaved: Unsaved, { kept }: UnsavedService): void {
    const lane = gravityOf(line.level) >= gravityOf("warn") ? "troubles" : "chatter";
    if (kept[lane] >= keptLines || lines.length >= MOST_WAITING) return;
    unsaved.kept += 1;
    kept[lane] += 1;
    const { service, at, level, source } = line;
    lines.push({ service, at, level, source, text: withoutSecrets(line.text), pattern: unsaved.pattern.id });
  }

  async function noteOrTakeBack(
    store: Pick<Observations, "patterns">,
    taken: readonly Unsaved[],
  ): Promise<void> {
    if (taken.length === 0) return;
    try {
      await store.patterns.note(taken.map(recordOf), taken.flatMap(countsOf));
    } catch (error) {
      for (const older of taken) {
        const { patterns } = serviceOf(older.service);
        patterns.set(older.pattern.id, joined(older, patterns.get(older.pattern.id)));
      }
      throw error;
    }
  }

  return {
    add(line, pattern, isNew) {
      const service = serviceOf(line.service);
      const known = service.patterns.get(pattern.id);
      const unsaved = known ?? startOf(line, pattern);
      if (known === undefined) service.patterns.set(pattern.id, unsaved);
      count(unsaved, line, pattern);
      if (unsaved.kept < KEPT_OF_A_PATTERN) keep(line, unsaved, service);
      if (isNew) fresh.push(unsaved);
    },
    async flushNew(store) {
      const taken = fresh;
      fresh = [];
      for (const { service, pattern } of taken) services.get(service)?.patterns.delete(pattern.id);
      await noteOrTakeBack(store, taken);
    },
    async flush(store) {
      const taken = {
        lines,
        patterns: [...services.values()].flatMap(({ patterns }) => [...patterns.values()]),
      };
      [services, lines, fresh] = [new Map(), [], []];
      try {
        await noteOrTakeBack(store, taken.patterns);
        await store.lines.add(taken.lines);
      } catch (error) {
        lines = [...taken.lines, ...lines].slice(0, MOST_WAITING);
        throw error;
      }
    },
  };
}

interface UnsavedService {
  /** By id. */
  patterns: Map<string, Unsaved>;
  kept: { troubles: number; chatter: number };
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
  kept: number;
}

function startOf({ service, at }: LogSignal, pattern: UnsavedPattern): Unsaved {
  return { service, pattern, firstSeen: at, lastSeen: at, lines: 0, counts: new Map(), kept: 0 };
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

function recordOf({ service, pattern, firstSeen, lastSeen, lines }: Unsaved): LogPatternRecord {
  const { id, template, level, examples } = pattern;
  return { service, id, template, level, examples, firstSeen, lastSeen, lines };
}

function countsOf({ service, pattern: { id }, counts }: Unsaved) {
  return [...counts].map(([at, lines]) => ({ service, pattern: id, at, lines }));
}

function joined(older: Unsaved, newer: Unsaved | undefined): Unsaved {
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
