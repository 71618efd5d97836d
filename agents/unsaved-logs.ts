// What was counted and kept of log lines and is not in the store yet. Bounded: of each pattern and service only so
// many lines are kept between two flushes, all of them are counted.
import { withoutSecrets } from "../domain/mask-secrets.ts";
import type { LogSignal } from "../domain/signal.ts";
import type { KeptLogLine, LogPatternRecord, Observations } from "../knowledge/observations.ts";
import { COARSE_MS } from "../signals/patterns/pattern-history.ts";
import { gravityOf } from "../domain/log-level.ts";

export type UnsavedPattern = Pick<LogPatternRecord, "id" | "template" | "level" | "examples">;

export interface UnsavedLogs {
  add(line: LogSignal, pattern: UnsavedPattern): void;
  /** Hands everything to the store. What it does not take (the error is thrown on) waits for the next time. */
  flush(store: Pick<Observations, "patterns" | "lines">): Promise<void>;
}

/** Of one pattern between two flushes: the same line a thousand times tells nothing more. */
const KEPT_OF_A_PATTERN = 20;
/** While the store is away, lines are let go of before memory is. */
const MOST_WAITING = 20_000;

/** `keptLines`: of one service between two flushes, of troubles, and as many of the rest. */
export function makeUnsavedLogs(keptLines: number): UnsavedLogs {
  let patterns = new Map<string, Unsaved>();
  let kept = new Map<string, number>();
  let lines: KeptLogLine[] = [];

  function keep(line: LogSignal, unsaved: Unsaved): void {
    const lane = JSON.stringify([line.service, gravityOf(line.level) >= gravityOf("warn")]);
    const inLane = kept.get(lane) ?? 0;
    if (unsaved.kept >= KEPT_OF_A_PATTERN || inLane >= keptLines || lines.length >= MOST_WAITING) return;
    unsaved.kept += 1;
    kept.set(lane, inLane + 1);
    const { service, at, level, source } = line;
    lines.push({ service, at, level, source, text: withoutSecrets(line.text), pattern: unsaved.record.id });
  }

  return {
    add(line, pattern) {
      const key = JSON.stringify([line.service, pattern.id]);
      const unsaved = counted(patterns.get(key), line, pattern);
      patterns.set(key, unsaved);
      keep(line, unsaved);
    },
    async flush(store) {
      const taken = { patterns, lines };
      [patterns, kept, lines] = [new Map(), new Map(), []];
      try {
        const all = [...taken.patterns.values()];
        await store.patterns.note(
          all.map(({ record }) => record),
          all.flatMap(countsOf),
        );
        taken.patterns = new Map();
        await store.lines.add(taken.lines);
      } catch (error) {
        for (const [key, older] of taken.patterns) patterns.set(key, joined(older, patterns.get(key)));
        lines = [...taken.lines, ...lines].slice(0, MOST_WAITING);
        throw error;
      }
    },
  };
}

interface Unsaved {
  record: LogPatternRecord;
  /** By five minutes. */
  counts: Map<number, number>;
  kept: number;
}

function counted(known: Unsaved | undefined, { service, at }: LogSignal, pattern: UnsavedPattern): Unsaved {
  const bucket = at - (at % COARSE_MS);
  const { record, counts, kept } = known ?? {
    record: { service, ...pattern, firstSeen: at, lastSeen: at, lines: 0 },
    counts: new Map<number, number>(),
    kept: 0,
  };
  counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  Object.assign(record, pattern, {
    firstSeen: Math.min(record.firstSeen, at),
    lastSeen: Math.max(record.lastSeen, at),
    lines: record.lines + 1,
  });
  return { record, counts, kept };
}

function countsOf({ record: { service, id }, counts }: Unsaved) {
  return [...counts].map(([at, lines]) => ({ service, pattern: id, at, lines }));
}

function joined(older: Unsaved, newer: Unsaved | undefined): Unsaved {
  if (newer === undefined) return older;
  const counts = new Map(older.counts);
  for (const [at, lines] of newer.counts) counts.set(at, (counts.get(at) ?? 0) + lines);
  const record = {
    ...newer.record,
    firstSeen: Math.min(older.record.firstSeen, newer.record.firstSeen),
    lastSeen: Math.max(older.record.lastSeen, newer.record.lastSeen),
    lines: older.record.lines + newer.record.lines,
  };
  return { record, counts, kept: newer.kept };
}
