// Numbers over time: minutes for a day, quarters of an hour after that. A bucket keeps count, sum, lowest and
// highest, so that rolling up loses nothing but the order within it.
import { z } from "zod";
import type { Db, Queryable } from "./db.ts";
import type { MetricHistory, MetricPoint, MetricSeries } from "./observations.ts";
import { int8, rowsAs, whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";

const MINUTE_MS = 60_000;
const QUARTER_MS = 15 * MINUTE_MS;
const MOST_SERIES = 500;
const MOST_POINTS = 5_000;
/** Rows of one statement: what stays quick never waits behind a long one. */
const BATCH = 1_000;

const pointRow = z.object({
  service: z.string(),
  name: z.string(),
  measuredOn: z.string(),
  at: int8,
  samples: int8,
  mean: z.number(),
  lowest: z.number(),
  highest: z.number(),
});

const JOIN = `on conflict (series, step_ms, at) do update set
  samples = p.samples + excluded.samples, total = p.total + excluded.total,
  lowest = least(p.lowest, excluded.lowest), highest = greatest(p.highest, excluded.highest)`;

export function makeMetricHistory(db: Db): MetricHistory {
  return {
    async add(points) {
      const minutes = joined(points.filter(isFinitePoint));
      for (let from = 0; from < minutes.length; from += BATCH) {
        await db.transaction((tx) => insert(tx, minutes.slice(from, from + BATCH)));
      }
    },
    async read({ from, to, stepMs, service, names }) {
      const step = Math.max(MINUTE_MS, whole(stepMs), Math.ceil((to - from) / MOST_POINTS));
      const rows = await db.query(
        `select s.service, s.name, s.measured_on as "measuredOn", p.at - p.at % $3::bigint as at,
                sum(p.samples)::bigint as samples, sum(p.total) / sum(p.samples) as mean,
                min(p.lowest) as lowest, max(p.highest) as highest
         from (select * from opsmedic.metric_series
               where ($4::text is null or service = $4) and ($5::text[] is null or name = any($5))
               order by service, name, measured_on limit ${MOST_SERIES}) s
         join opsmedic.metric_points p on p.series = s.id and p.at >= $1 and p.at < $2
         group by s.service, s.name, s.measured_on, p.at - p.at % $3::bigint
         order by s.service, s.name, s.measured_on, at`,
        [whole(from), whole(to), step, service ?? null, names ?? null],
      );
      return bySeries(rowsAs(pointRow, rows, "a metric point"));
    },
    rollUp: (olderThan) => rollUp(db, olderThan - (olderThan % QUARTER_MS)),
  };
}

/** A statement must not name the same row twice. */
function joined(points: readonly MetricPoint[]): MetricPoint[] {
  const minutes = new Map<string, MetricPoint>();
  for (const point of points) {
    const at = point.at - (point.at % MINUTE_MS);
    const key = JSON.stringify([point.service, point.name, point.measuredOn, at]);
    const known = minutes.get(key);
    minutes.set(key, known === undefined ? { ...point, at } : plus(known, point));
  }
  return [...minutes.values()];
}

function plus(one: MetricPoint, other: MetricPoint): MetricPoint {
  return {
    ...one,
    samples: one.samples + other.samples,
    total: one.total + other.total,
    lowest: Math.min(one.lowest, other.lowest),
    highest: Math.max(one.highest, other.highest),
  };
}

function isFinitePoint({ at, samples, total, lowest, highest }: MetricPoint): boolean {
  return samples > 0 && [at, total, lowest, highest].every((one) => Number.isFinite(one));
}

async function insert(tx: Queryable, points: readonly MetricPoint[]): Promise<void> {
  const rows = jsonParam(points.map((one) => ({ ...one, at: whole(one.at) })));
  const given = `jsonb_to_recordset($1::jsonb) as g (service text, name text, "measuredOn" text, at bigint,
    samples integer, total double precision, lowest double precision, highest double precision)`;
  // In a fixed order, so that two workers that write at once wait for each other and never deadlock.
  await tx.query(
    `insert into opsmedic.metric_series (service, name, measured_on)
     select distinct g.service, g.name, g."measuredOn" from ${given} order by 1, 2, 3
     on conflict do nothing`,
    [rows],
  );
  await tx.query(
    `insert into opsmedic.metric_points as p (series, step_ms, at, samples, total, lowest, highest)
     select s.id, ${MINUTE_MS}, g.at, g.samples, g.total, g.lowest, g.highest from ${given}
     join opsmedic.metric_series s on (s.service, s.name, s.measured_on) = (g.service, g.name, g."measuredOn")
     order by s.id, g.at ${JOIN}`,
    [rows],
  );
}

function bySeries(rows: readonly z.infer<typeof pointRow>[]): MetricSeries[] {
  const all: MetricSeries[] = [];
  for (const { service, name, measuredOn, ...point } of rows) {
    let series = all.at(-1);
    if (series?.service !== service || series.name !== name || series.measuredOn !== measuredOn) {
      series = { service, name, measuredOn, points: [] };
      all.push(series);
    }
    series.points.push(point);
  }
  return all;
}

/** One quarter of an hour after the other, so that each statement is short and a crash leaves nothing doubled. */
async function rollUp(db: Db, olderThan: number): Promise<number> {
  for (let gone = 0; ; ) {
    const removed = await db.transaction((tx) => rollUpOldest(tx, olderThan));
    if (removed === 0) return gone;
    gone += removed;
  }
}

async function rollUpOldest(tx: Queryable, olderThan: number): Promise<number> {
  const [oldest] = await tx.query<{ at: string | number | null }>(
    `select min(at) as at from opsmedic.metric_points where step_ms = ${MINUTE_MS} and at < $1`,
    [whole(olderThan)],
  );
  if (oldest?.at == null) return 0;
  const begin = Number(oldest.at) - (Number(oldest.at) % QUARTER_MS);
  const rows = await tx.query<{ removed: number }>(
    `with gone as (
       delete from opsmedic.metric_points
       where step_ms = ${MINUTE_MS} and at >= $1 and at < $1 + ${QUARTER_MS} returning *),
     kept as (
       insert into opsmedic.metric_points as p (series, step_ms, at, samples, total, lowest, highest)
       select series, ${QUARTER_MS}, $1, sum(samples), sum(total), min(lowest), max(highest)
       from gone group by series order by series ${JOIN} returning 1)
     select (select count(*) from gone)::int as removed, (select count(*) from kept)::int as kept`,
    [begin],
  );
  return rows[0]?.removed ?? 0;
}
