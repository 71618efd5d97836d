// Every action that was taken, with how it ended and how long it took: the journal joined with trace and cases.
import { z } from "zod";
import { HealError } from "../domain/errors.ts";
import { jsonObjectSchema } from "../domain/json.ts";
import type { Queryable } from "./db.ts";
import { journalStates, type Remediation, type RemediationRecord } from "./records.ts";
import { atMost, int8, rowsAs, timeOrNull } from "./rows.ts";

const row: z.ZodType<RemediationRecord> = z.object({
  id: z.string(),
  runId: z.string(),
  planId: z.string(),
  step: z.int(),
  action: z.string(),
  service: z.string(),
  params: jsonObjectSchema,
  state: z.enum(journalStates),
  outcome: z.enum(["succeeded", "undone", "failed", "unfinished"]),
  /** Of the whole plan, as it was filed. */
  planOutcome: z.enum(["healed", "not-healed", "worse", "escalated", "rejected"]).nullable(),
  detail: z.string(),
  backupId: z.string().nullable(),
  startedAt: int8,
  durationMs: z.number().nullable(),
});

const FILTER = `($1::text is null or j.service = $1) and ($2::text is null or j.action = $2)
  and ($3::bigint is null or j.intent_at >= $3) and ($4::bigint is null or j.intent_at < $4)`;
const ID = "j.run_id || ':' || j.plan_id || ':' || j.step";

/**
 * Of these rows of the journal. The trace has how long the act itself took; of what was carried on after a crash only
 * begin and end are known.
 */
function actionsOf(entries: string): string {
  return `select ${ID} as id, j.run_id as "runId", j.plan_id as "planId", j.step, j.action, j.service, j.params, j.state,
      j.detail, j.backup_id as "backupId", j.intent_at as "startedAt",
      case when j.state in ('applied', 'verified') then 'succeeded' when j.state in ('undone', 'failed') then j.state
           else 'unfinished' end as outcome,
      c.outcome as "planOutcome",
      coalesce(t.ms, case when j.state in ('verified', 'undone', 'failed') then (j.updated_at - j.intent_at)::float8 end)
        as "durationMs"
    from (${entries}) j
    left join opsmedic.cases c on c.id = 'case_' || j.plan_id
    left join lateral (
      select (s ->> 'ms')::float8 as ms from opsmedic.run_steps r,
        jsonb_array_elements(case when jsonb_typeof(r.data -> 'application' -> 'steps') = 'array'
                                  then r.data -> 'application' -> 'steps' else '[]' end) s
      where r.run_id = j.run_id and r.node = 'apply' and r.phase = 'end' and r.at >= j.intent_at
        and s ->> 'step' = j.step::text
      order by r.seq limit 1) t on true`;
}

export function makeRemediation(db: Queryable): Remediation {
  return {
    async history({ service, action, from, to, limit, cursor, offset }) {
      const most = atMost(limit);
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const filter = filterOf({ service, action, from, to });
      const found = rowsAs(
        row,
        await db.query(
          `${actionsOf(`select * from opsmedic.journal j
             where ${FILTER} and ($5::bigint is null or (j.intent_at, ${ID}) < ($5, $6::text))
             order by j.intent_at desc, ${ID} desc limit $7 offset $8`)}
           order by j.intent_at desc, ${ID} desc`,
          [...filter, after?.at ?? null, after?.id ?? null, most + 1, offset ?? 0],
        ),
        "an action",
      );
      const [counted] = await db.query<{ count: number }>(
        `select count(*)::int as count from opsmedic.journal j where ${FILTER}`,
        filter,
      );
      const actions = found.slice(0, most);
      const last = actions.at(-1);
      const nextCursor = found.length > most && last ? `${last.startedAt}-${last.id}` : null;
      return { actions, total: counted?.count ?? 0, nextCursor };
    },
    async stats({ service, from, to }) {
      const rows = await db.query(
        `select a.action, count(*)::int as total,
           (count(*) filter (where a.outcome = 'succeeded'))::int as succeeded,
           (count(*) filter (where a.outcome = 'undone'))::int as undone,
           (count(*) filter (where a.outcome = 'failed'))::int as failed,
           (count(*) filter (where a.outcome = 'unfinished'))::int as unfinished,
           (count(*) filter (where a."planOutcome" = 'healed'))::int as healed,
           percentile_cont(0.5) within group (order by a."durationMs") as "medianMs",
           percentile_cont(0.95) within group (order by a."durationMs") as "p95Ms"
         from (${actionsOf(`select * from opsmedic.journal j where ${FILTER}`)}) a group by a.action order by a.action`,
        filterOf({ service, from, to }),
      );
      return rowsAs(statsRow, rows, "statistics of actions");
    },
  };
}

const statsRow = z.object({
  action: z.string(),
  total: z.int(),
  succeeded: z.int(),
  undone: z.int(),
  failed: z.int(),
  unfinished: z.int(),
  healed: z.int(),
  medianMs: z.number().nullable(),
  p95Ms: z.number().nullable(),
});

type Filter = Partial<Record<"service" | "action", string | undefined>> & {
  from?: number | undefined;
  to?: number | undefined;
};

function filterOf({ service, action, from, to }: Filter): unknown[] {
  return [service ?? null, action ?? null, timeOrNull(from), timeOrNull(to)];
}

function readCursor(text: string): { at: number; id: string } {
  const [, at, id = ""] = /^(\d{1,15})-([^\0]{1,600})$/.exec(text) ?? [];
  if (at !== undefined) return { at: Number(at), id };
  throw new HealError("The cursor is not one that a list of actions gave.", {
    code: "bad-cursor",
    hint: "Pass next_cursor unchanged, or leave the cursor away to begin with the latest action.",
  });
}
