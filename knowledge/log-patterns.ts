// Patterns of log lines, and how many lines each had in each five minutes.
import { z } from "zod";
import { logLevels } from "../domain/signal.ts";
import type { Db, Queryable } from "./db.ts";
import type {
  JoinedPattern,
  LogPatternCount,
  LogPatternRecord,
  LogPatterns,
  NotedPattern,
} from "./observations.ts";
import { atMost, int8, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const FIVE_MINUTES = 300_000;
/** Between two of them others get their turn: the embedded store computes in this process. */
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
           and ($4::bigint is null or last_five_minutes <= $4 / ${FIVE_MINUTES})
           and ($4::bigint is null or (last_seen, service || ':' || id) < ($4, $5))
         order by last_five_minutes desc, last_seen desc, service || ':' || id desc limit $1`,
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

/** Any number will do, as long as it stays the same. */
const WRITERS_LOCK = 7_203_114_514;

/**
 * Within a transaction; see LogPatterns.note. Of two workers one waits for the other, which costs less than to keep
 * their rows in one order; else they could wait for each other.
 */
export async function notePatterns(
  tx: Queryable,
  patterns: readonly NotedPattern[],
  counts: readonly LogPatternCount[],
): Promise<void> {
  if (patterns.length + counts.length === 0) return;
  await tx.query("select pg_advisory_xact_lock($1::bigint)", [WRITERS_LOCK]);
  const missing = new Set<string>();
  for (const some of inBatches(patterns.filter((one) => one.unchanged === true)))
    for (const key of await touchPatterns(tx, some)) missing.add(key);
  const written = patterns.filter((one) => one.unchanged !== true || missing.has(keyOf(one)));
  for (const some of inBatches(written)) await upsertPatterns(tx, some);
  for (const some of inBatches(joined(counts))) await noteCounts(tx, some);
}

const keyOf = ({ service, id }: Pick<LogPatternRecord, "service" | "id">): string =>
  JSON.stringify([storableText(service), id]);

/** Within a transaction; in the order given. Many while a program's first lines come: each form becomes known once. */
export async function joinPatterns(tx: Queryable, joined: readonly JoinedPattern[]): Promise<void> {
  for (const wave of inWaves(joined)) for (const some of inBatches(wave)) await joinAtOnce(tx, some);
}

/** Cut where one of them depends on an earlier one: within a wave none is joined away twice, or into one that is. */
function* inWaves(joined: readonly JoinedPattern[]): Generator<readonly JoinedPattern[]> {
  let wave: JoinedPattern[] = [];
  const [gone, kept] = [new Set<string>(), new Set<string>()];
  for (const one of joined) {
    const from = keyOf({ service: one.service, id: one.from });
    const into = keyOf({ service: one.service, id: one.into });
    if (gone.has(from) || kept.has(from) || gone.has(into)) {
      yield wave;
      wave = [];
      gone.clear();
      kept.clear();
    }
    wave.push(one);
    gone.add(from);
    kept.add(into);
  }
  yield wave;
}

async function joinAtOnce(tx: Queryable, joined: readonly JoinedPattern[]): Promise<void> {
  const given = `g as (select * from unnest($1::text[], $2::text[], $3::text[]) with ordinality as g (service, gone, kept, n))`;
  const params = [
    joined.map((one) => storableText(one.service)),
    joined.map(({ from }) => from),
    joined.map(({ into }) => into),
  ];
  await tx.query(
    `with ${given}
     insert into opsmedic.log_patterns as p (service, id, template, level, first_seen, last_seen, lines, examples)
     select service, g.kept, (array_agg(f.template order by n))[1], (array_agg(f.level order by n))[1],
       min(f.first_seen), max(f.last_seen), sum(f.lines), (array_agg(f.examples order by n))[1]
     from g join opsmedic.log_patterns f using (service) where f.id = g.gone group by service, g.kept
     on conflict (service, id) do update set first_seen = least(p.first_seen, excluded.first_seen),
       last_seen = greatest(p.last_seen, excluded.last_seen), lines = p.lines + excluded.lines`,
    params,
  );
  await tx.query(
    `with ${given}
     insert into opsmedic.log_pattern_counts as c (service, pattern, at, lines)
     select service, g.kept, f.at, sum(f.lines)
     from g join opsmedic.log_pattern_counts f using (service) where f.pattern = g.gone group by service, g.kept, f.at
     on conflict (service, pattern, at) do update set lines = c.lines + excluded.lines`,
    params,
  );
  await tx.query(
    `with ${given} update opsmedic.log_lines l set pattern = g.kept from g where (l.service, l.pattern) = (g.service, g.gone)`,
    params,
  );
  // Their counts go with them.
  await tx.query(
    `with ${given} delete from opsmedic.log_patterns p using g where (p.service, p.id) = (g.service, g.gone)`,
    params,
  );
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
  return [...buckets.values()];
}

/** The keys of those that the store does not have (any more). */
async function touchPatterns(tx: Queryable, patterns: readonly LogPatternRecord[]): Promise<string[]> {
  const missing = await tx.query<{ service: string; id: string }>(
    `with g as (select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
       as g (service, id, first_seen, last_seen, lines)),
     touched as (update opsmedic.log_patterns p set first_seen = least(p.first_seen, g.first_seen),
         last_seen = greatest(p.last_seen, g.last_seen), lines = p.lines + g.lines
       from g where (p.service, p.id) = (g.service, g.id) returning p.service, p.id)
     select service, id from g where (service, id) not in (select service, id from touched)`,
    [
      patterns.map((one) => storableText(one.service)),
      patterns.map((one) => one.id),
      patterns.map((one) => whole(one.firstSeen)),
      patterns.map((one) => whole(one.lastSeen)),
      patterns.map((one) => one.lines),
    ],
  );
  return missing.map(keyOf);
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
     from unnest($1::text[], $2::text[], $3::bigint[], $4::integer[]) as g (service, pattern, at, lines)
     join opsmedic.log_patterns p on (p.service, p.id) = (g.service, g.pattern)
     on conflict (service, pattern, at) do update set lines = c.lines + excluded.lines`,
    [
      counts.map((one) => storableText(one.service)),
      counts.map((one) => one.pattern),
      counts.map((one) => one.at),
      counts.map((one) => one.lines),
    ],
  );
}
