// Incidents as a person looks for them: filtered, page by page, and counted.
import { z } from "zod";
import { HealError } from "../domain/errors.ts";
import type { Queryable } from "./db.ts";
import type { IncidentRecord, Incidents, IncidentSearch, IncidentStats } from "./records.ts";
import { atMost, rowsAs, timeOrNull } from "./rows.ts";

const FILTER = `($1::text is null or i.status = $1) and ($2::text is null or i.severity = $2)
  and ($3::text is null or i.type = $3) and ($4::text is null or i.service = $4)
  and ($5::text is null or position(lower($5) in lower(i.title || ' ' || i.service || ' ' || i.id)) > 0)
  and ($6::bigint is null or i.opened_at >= $6) and ($7::bigint is null or i.opened_at < $7)`;

function filterOf({
  status,
  severity,
  type,
  service,
  q,
  from,
  to,
}: Omit<IncidentSearch, "limit">): unknown[] {
  return [
    status ?? null,
    severity ?? null,
    type ?? null,
    service ?? null,
    q ?? null,
    timeOrNull(from),
    timeOrNull(to),
  ];
}

/** `read` gives the records of a "where … order by … limit …". */
export function incidentSearch(
  db: Queryable,
  read: (rest: string, params: unknown[]) => Promise<IncidentRecord[]>,
): Pick<Incidents, "search" | "stats"> {
  return {
    async search(search) {
      const filter = filterOf(search);
      const limit = atMost(search.limit);
      if (search.cursor !== undefined) await mustExist(db, search.cursor);
      const [counted] = await db.query<{ count: number }>(
        `select count(*)::int as count from opsmedic.incidents i where ${FILTER}`,
        filter,
      );
      const found = await read(
        `where ${FILTER} and ($8::text is null or (i.opened_at, i.ordinal) <
           (select c.opened_at, c.ordinal from opsmedic.incidents c where c.id = $8))
         order by i.opened_at desc, i.ordinal desc limit $9 offset $10`,
        [...filter, search.cursor ?? null, limit + 1, search.offset ?? 0],
      );
      const incidents = found.slice(0, limit);
      return {
        incidents,
        total: counted?.count ?? 0,
        nextCursor: found.length > limit ? (incidents.at(-1)?.id ?? null) : null,
      };
    },
    async stats({ from, to, service }) {
      const filter = filterOf({ from, to, service });
      const [row] = rowsAs(statsRow, await db.query(STATS, filter), "incident statistics");
      if (row === undefined) throw new Error("an aggregate gave no row");
      return row;
    },
  };
}

const counts = z.record(z.string(), z.int());
const duration = z.object({ count: z.int(), mean: z.number().nullable(), median: z.number().nullable() });
const statsRow: z.ZodType<IncidentStats> = z.object({
  total: z.int(),
  byType: counts,
  bySeverity: counts,
  byStatus: counts,
  detectMs: duration,
  resolveMs: duration,
  closed: z.int(),
  autoResolved: z.int(),
  resolvedByPerson: z.int(),
});

const countedBy = (column: string, name: string): string =>
  `(select coalesce(json_object_agg(${name}, n), '{}') from
     (select ${column} as ${name}, count(*)::int as n from chosen group by 1) as each_${name})`;
const durationOf = (ms: string, when: string): string =>
  `(select json_build_object('count', count(*)::int, 'mean', avg(${ms})::float8,
     'median', percentile_cont(0.5) within group (order by ${ms})) from chosen where ${when})`;
/** By itself: a run healed it, no person had to approve a plan of it, and none resolved it. */
const STATS = `with chosen as (
    select i.*, exists (select 1 from opsmedic.incident_notes n where n.incident_id = i.id and n.kind = 'resolve') as by_person,
      exists (select 1 from opsmedic.runs r where r.incident_id = i.id and r.outcome = 'healed') as healed,
      exists (select 1 from opsmedic.runs r join opsmedic.approvals a on a.run_id = r.id
              where r.incident_id = i.id and a.status = 'approved') as approved
    from opsmedic.incidents i where ${FILTER})
  select (select count(*)::int from chosen) as total,
    ${countedBy("coalesce(type, 'unknown')", "type")} as "byType",
    ${countedBy("severity", "severity")} as "bySeverity",
    ${countedBy("status", "status")} as "byStatus",
    ${durationOf("(opened_at - began_at)", "began_at is not null and opened_at >= began_at")} as "detectMs",
    ${durationOf("(closed_at - opened_at)", "status = 'RESOLVED' and closed_at is not null")} as "resolveMs",
    (select count(*)::int from chosen where status <> 'ACTIVE') as closed,
    (select count(*)::int from chosen where status = 'RESOLVED' and healed and not approved and not by_person) as "autoResolved",
    (select count(*)::int from chosen where by_person) as "resolvedByPerson"`;

async function mustExist(db: Queryable, cursor: string): Promise<void> {
  const rows = await db.query("select id from opsmedic.incidents where id = $1", [cursor]);
  if (rows.length > 0) return;
  throw new HealError("The cursor is not one that a list of incidents gave.", {
    code: "bad-cursor",
    hint: "Pass next_cursor unchanged, or leave the cursor away to begin with the newest incident.",
  });
}
