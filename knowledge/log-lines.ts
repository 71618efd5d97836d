// Log lines, the newest of each service: enough to read what led to an incident, never all that was ever written.
import { z } from "zod";
import { logLevels } from "../domain/signal.ts";
import type { Db, Queryable } from "./db.ts";
import type { KeptLogLine, LogLines } from "./observations.ts";
import { atMost, int8, rowsAs, whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";

const BATCH = 500;

const optionalText = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined);
const lineRow = z.object({
  id: int8,
  service: z.string(),
  at: int8,
  level: z.enum(logLevels),
  source: z.string(),
  pattern: optionalText,
  traceId: optionalText,
  text: z.string(),
});

const minuteRow = z.object({ pattern: z.string(), at: int8, lines: z.int() });

export function makeLogLines(db: Db): LogLines {
  return {
    add: (lines) => addLines(db, lines),
    async list({ limit, service, levels, text, from, to, before }) {
      const rows = await db.query(
        `select id, service, at, level, source, pattern, trace_id as "traceId", text from opsmedic.log_lines
         where ($2::text is null or service = $2) and ($3::text[] is null or level = any($3))
           and ($4::text is null or position(lower($4) in lower(text)) > 0)
           and ($5::bigint is null or at >= $5) and ($6::bigint is null or at < $6)
           and ($7::bigint is null or (at, id) < ($7, $8))
         order by at desc, id desc limit $1`,
        [
          atMost(limit),
          service ?? null,
          levels ?? null,
          text ?? null,
          from === undefined ? null : whole(from),
          to === undefined ? null : whole(to),
          before?.at ?? null,
          before?.id ?? null,
        ],
      );
      return rowsAs(lineRow, rows, "a log line");
    },
    async minutes(service, from, to) {
      const rows = await db.query(
        `select pattern, at - at % 60000 as at, count(*)::int as lines from opsmedic.log_lines
         where service = $1 and at >= $2 and at < $3 and pattern is not null
         group by 1, 2 order by 2 desc, 1 limit 20000`,
        [service, whole(from), whole(to)],
      );
      return rowsAs(minuteRow, rows, "lines of a minute");
    },
    async keepNewest(perService) {
      const rows = await db.query<{ removed: number }>(
        `with bounds as (
           select s.service, (
             select id from opsmedic.log_lines l where l.service = s.service
             order by at desc, id desc offset $1 limit 1) as newest_gone
           from (select distinct service from opsmedic.log_lines) s),
         gone as (
           delete from opsmedic.log_lines l using bounds b, opsmedic.log_lines edge
           where b.newest_gone is not null and edge.id = b.newest_gone and l.service = b.service
             and (l.at, l.id) <= (edge.at, edge.id) returning 1)
         select count(*)::int as removed from gone`,
        [Math.max(0, Math.trunc(perService))],
      );
      return rows[0]?.removed ?? 0;
    },
  };
}

export async function addLines(db: Queryable, lines: readonly KeptLogLine[]): Promise<void> {
  for (let from = 0; from < lines.length; from += BATCH) await insert(db, lines.slice(from, from + BATCH));
}

async function insert(db: Queryable, lines: readonly KeptLogLine[]): Promise<void> {
  await db.query(
    `insert into opsmedic.log_lines (service, at, level, source, pattern, trace_id, text)
     select g.service, g.at, g.level, g.source, g.pattern, g."traceId", g.text
     from jsonb_to_recordset($1::jsonb) as g (service text, at bigint, level text, source text, pattern text,
       "traceId" text, text text)`,
    [jsonParam(lines.map((one) => ({ ...one, at: whole(one.at) })))],
  );
}
