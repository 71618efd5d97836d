// The action journal: written ahead of every act, so that a crash anywhere can be finished or undone.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import { jsonObjectSchema } from "../domain/json.ts";
import type { Queryable } from "./db.ts";
import { type Journal, type JournalEntry, journalStates, type Lease } from "./records.ts";
import { leaseLost } from "./leases.ts";
import { atMost, int8, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const entryRow: z.ZodType<JournalEntry> = z.object({
  runId: z.string(),
  planId: z.string(),
  step: z.int(),
  action: z.string(),
  service: z.string(),
  params: jsonObjectSchema,
  state: z.enum(journalStates),
  backupId: z.string().nullable(),
  detail: z.string(),
  intentAt: int8,
  updatedAt: int8,
});
const columns = `run_id as "runId", plan_id as "planId", step, action, service, params, state,
  backup_id as "backupId", detail, intent_at as "intentAt", updated_at as "updatedAt"`;

type Key = { runId: string; planId: string; step: number };

export function makeJournal(db: Queryable, clock: Clock): Journal {
  const read = async (rest: string, params: unknown[]): Promise<JournalEntry[]> =>
    rowsAs(
      entryRow,
      await db.query(`select ${columns} from opsmedic.journal ${rest}`, params),
      "a journal entry",
    );
  const one = ({ runId, planId, step }: Key): Promise<JournalEntry[]> =>
    read("where run_id = $1 and plan_id = $2 and step = $3", [runId, planId, step]);
  return {
    async intend(entry) {
      const { runId, planId, step, action, service, params } = entry;
      await db.query(
        `insert into opsmedic.journal (run_id, plan_id, step, action, service, params, intent_at, updated_at)
         values ($1, $2, $3, $4, $5, $6::jsonb, $7, $7) on conflict do nothing`,
        [runId, planId, step, action, service, jsonParam(params), whole(clock.now())],
      );
      const [written] = await one(entry);
      if (written === undefined) throw conflict(entry, "it vanished while it was written");
      return written;
    },
    async advance(key, from, to, { backupId, detail, fence } = {}) {
      const now = whole(clock.now());
      const rows = await db.query(
        `update opsmedic.journal set state = $5, updated_at = $6,
           backup_id = coalesce($7, backup_id), detail = coalesce($8, detail)
         where run_id = $1 and plan_id = $2 and step = $3 and state = any($4::text[])
           and ($9::text is null or exists (select 1 from opsmedic.leases
             where name = $9 and holder = $10 and token = $11::bigint and expires_at > $6 for share))
         returning step`,
        [
          key.runId,
          key.planId,
          key.step,
          [...from],
          to,
          now,
          backupId ?? null,
          detail === undefined ? null : storableText(detail),
          fence?.name ?? null,
          fence?.holder ?? null,
          fence?.token ?? null,
        ],
      );
      if (rows.length === 0) throw refusal(key, from, to, fence, (await one(key))[0]);
    },
    async ofPlan(runId, planId) {
      return read("where run_id = $1 and plan_id = $2 order by step", [runId, planId]);
    },
    async ofRun(runId) {
      return read("where run_id = $1 order by intent_at, plan_id, step", [runId]);
    },
    async unfinished() {
      return read(
        "where state in ('captured', 'applying', 'applied', 'undoing') order by intent_at, run_id, plan_id, step",
        [],
      );
    },
    async recent({ service, since, limit }) {
      return read(
        `where ($1::text is null or service = $1) and intent_at >= $2
         order by intent_at desc, run_id desc, plan_id desc, step desc limit $3`,
        [service ?? null, whole(since), atMost(limit)],
      );
    },
  };
}

function refusal(
  key: Key,
  from: readonly string[],
  to: string,
  fence: Lease | undefined,
  present: JournalEntry | undefined,
): HealError {
  if (present === undefined) return conflict(key, "there is no such entry");
  if (fence !== undefined && from.includes(present.state)) return leaseLost(fence);
  return conflict(key, `it is "${present.state}", and only ${from.join(", ")} may become "${to}"`);
}

function conflict({ runId, planId, step }: Key, why: string): HealError {
  return new HealError(`Step ${step} of plan ${planId} in run ${runId} was not advanced: ${why}.`, {
    code: "journal-conflict",
    hint: "Another process has moved this step on; read the journal again before acting.",
  });
}
