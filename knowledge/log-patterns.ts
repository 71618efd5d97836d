// Patterns of log lines, and how many lines each had in each five minutes.
import { z } from "zod";
import { logLevels } from "../domain/signal.ts";
import type { Db, Queryable } from "./db.ts";
import type { JoinedPattern, LogPatternCount, LogPatternRecord, LogPatterns } from "./observations.ts";
import { atMost, int8, rowsAs, whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";

const FIVE_MINUTES = 300_000;
const BATCH = 500;

const patternRow: z.ZodType<LogPatternRecord> = z.object({
  service: z.string(),
  id: z.string(),
  template: z.string(),
  level: z.enum(logLevels),
  firstSeen: int8,
  lastSeen: int8,
  lines: int8,
  examples: z.array(z.string()),
});
const countRow: z.ZodType<LogPatternCount> = z.object({
  service: z.string(),
  pattern: z.string(),
  at: int8,
  lines: int8,
});
const columns = `service, id, template, level, first_seen as "firstSeen", last_seen as "lastSeen", lines, examples`;

export function makeLogPatterns(db: Db): LogPatterns {
  const select = async (rest: string, params: unknown[]): Promise<LogPatternRecord[]> =>
    rowsAs(
      patternRow,
      await db.query(`select ${columns} from opsmedic.log_patterns ${rest}`, params),
      "a pattern",
    );
  return {
    note: (patterns, counts) => db.transaction((tx) => notePatterns(tx, patterns, counts)),
    list: ({ limit, service, text, before }) =>
      select(
        `where ($2::text is null or service = $2)
           and ($3::text is null or position(lower($3) in lower(template)) > 0)
           and ($4::bigint is null or (last_seen, service || ':' || id) < ($4, $5))
         order by last_seen desc, service || ':' || id desc limit $1`,
        [
          atMost(limit),
          service ?? null,
          text ?? null,
          before?.lastSeen ?? null,
          before === undefined ? null : `${before.service}:${before.id}`,
        ],
      ),
    async read(service, id) {
      const [found] = await select("where service = $1 and id = $2", [service, id]);
      return found;
    },
    async counts(service, id, from, to) {
      const rows = await db.query(
        `select service, pattern, at, lines from opsmedic.log_pattern_counts
         where service = $1 and pattern = $2 and at >= $3 and at < $4 order by at limit 10000`,
        [service, id, whole(from), whole(to)],
      );
      return rowsAs(countRow, rows, "a pattern's count");
    },
  };
}

/** Within a transaction; see LogPatterns.note. */
export async function notePatterns(
  tx: Queryable,
  patterns: readonly LogPatternRecord[],
  counts: readonly LogPatternCount[],
): Promise<void> {
  // In a fixed order, so that two workers that write at once wait for each other and never deadlock.
  const ordered = patterns.toSorted((a, b) => compare([a.service, a.id], [b.service, b.id]));
  for (const some of inBatches(ordered)) await upsertPatterns(tx, some);
  for (const some of inBatches(joined(counts))) await noteCounts(tx, some);
}

/** Within a transaction. Seldom: once for each form of line that becomes known. */
export async function joinPatterns(tx: Queryable, joined: readonly JoinedPattern[]): Promise<void> {
  for (const { service, from, into } of joined) {
    const params = [service, from, into];
    await tx.query(
      `insert into opsmedic.log_patterns as p (service, id, template, level, first_seen, last_seen, lines, examples)
       select service, $3, template, level, first_seen, last_seen, lines, examples
       from opsmedic.log_patterns where service = $1 and id = $2
       on conflict (service, id) do update set first_seen = least(p.first_seen, excluded.first_seen),
         last_seen = greatest(p.last_seen, excluded.last_seen), lines = p.lines + excluded.lines`,
      params,
    );
    await tx.query(
      `insert into opsmedic.log_pattern_counts as c (service, pattern, at, lines)
       select service, $3, at, lines from opsmedic.log_pattern_counts where service = $1 and pattern = $2
       on conflict (service, pattern, at) do update set lines = c.lines + excluded.lines`,
      params,
    );
    await tx.query("update opsmedic.log_lines set pattern = $3 where service = $1 and pattern = $2", params);
    // Its counts go with it.
    await tx.query("delete from opsmedic.log_patterns where service = $1 and id = $2", [service, from]);
  }
}

function compare(one: readonly string[], other: readonly string[]): number {
  const [a, b] = [JSON.stringify(one), JSON.stringify(other)];
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function* inBatches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += BATCH) yield all.slice(from, from + BATCH);
}

/** A statement must not name the same row twice. */
function joined(counts: readonly LogPatternCount[]): LogPatternCount[] {
  const buckets = new Map<string, LogPatternCount>();
  for (const { service, pattern, at, lines } of counts) {
    const bucket = whole(at) - (whole(at) % FIVE_MINUTES);
    const key = JSON.stringify([service, pattern, bucket]);
    buckets.set(key, { service, pattern, at: bucket, lines: lines + (buckets.get(key)?.lines ?? 0) });
  }
  return [...buckets.values()].toSorted(
    (a, b) => compare([a.service, a.pattern], [b.service, b.pattern]) || a.at - b.at,
  );
}

async function upsertPatterns(tx: Queryable, patterns: readonly LogPatternRecord[]): Promise<void> {
  const rows = patterns.map((one) => ({
    ...one,
    firstSeen: whole(one.firstSeen),
    lastSeen: whole(one.lastSeen),
  }));
  await tx.query(
    `insert into opsmedic.log_patterns as p
       (service, id, template, level, first_seen, last_seen, lines, examples)
     select g.service, g.id, g.template, g.level, g."firstSeen", g."lastSeen", g.lines, g.examples
     from jsonb_to_recordset($1::jsonb) as g (service text, id text, template text, level text,
       "firstSeen" bigint, "lastSeen" bigint, lines bigint, examples jsonb)
     on conflict (service, id) do update set
       template = excluded.template, level = excluded.level,
       -- The old value stays where it is on disk; an equal new one would be written again.
       examples = case when p.examples = excluded.examples then p.examples else excluded.examples end,
       first_seen = least(p.first_seen, excluded.first_seen),
       last_seen = greatest(p.last_seen, excluded.last_seen), lines = p.lines + excluded.lines`,
    [jsonParam(rows)],
  );
}

async function noteCounts(tx: Queryable, counts: readonly LogPatternCount[]): Promise<void> {
  await tx.query(
    `insert into opsmedic.log_pattern_counts as c (service, pattern, at, lines)
     select g.service, g.pattern, g.at, g.lines
     from jsonb_to_recordset($1::jsonb) as g (service text, pattern text, at bigint, lines integer)
     join opsmedic.log_patterns p on (p.service, p.id) = (g.service, g.pattern)
     on conflict (service, pattern, at) do update set lines = c.lines + excluded.lines`,
    [jsonParam(counts)],
  );
}
