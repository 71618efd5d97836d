// Approvals: a person's answer to one plan, bound to the plan's hash, decided once.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Queryable } from "./db.ts";
import type { ApprovalRecord, Approvals } from "./records.ts";
import { atMost, int8, notFound, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const approvalRow: z.ZodType<ApprovalRecord> = z.object({
  id: z.string(),
  runId: z.string(),
  service: z.string(),
  planHash: z.string(),
  summary: z.string(),
  scoreBp: z.int(),
  risk: z.string(),
  status: z.enum(["pending", "approved", "rejected", "expired", "withdrawn"]),
  requestedAt: int8,
  expiresAt: int8,
  decidedAt: int8.nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
  link: z.string(),
  diff: z.string(),
  needs: z.int(),
  endorsed: z.object({ by: z.string(), at: z.number(), reason: z.string() }).nullable(),
});
const columns = `id, run_id as "runId", service, plan_hash as "planHash", summary, score_bp as "scoreBp", risk, status,
  requested_at as "requestedAt", expires_at as "expiresAt", decided_at as "decidedAt", decided_by as "decidedBy", reason,
  link, diff, needs, endorsed`;

/** Names are people: the same one in other letters is the same. */
const anotherPerson = "lower(trim(endorsed->>'by')) <> lower(trim($4))";

export function makeApprovals(db: Queryable, clock: Clock): Approvals {
  const run = async (sql: string, params: unknown[]): Promise<ApprovalRecord[]> =>
    rowsAs(approvalRow, await db.query(sql, params), "an approval");
  const read = (rest: string, params: unknown[]): Promise<ApprovalRecord[]> =>
    run(`select ${columns} from opsmedic.approvals ${rest}`, params);
  /** The first of two: it stays pending. */
  const endorse = (
    id: string,
    { by, reason, planHash }: { by: string; reason: string; planHash: string },
    now: number,
  ): Promise<ApprovalRecord[]> =>
    run(
      `update opsmedic.approvals set endorsed = $2::jsonb
       where id = $1 and status = 'pending' and plan_hash = $3 and expires_at > $4 and needs = 2 and endorsed is null
       returning ${columns}`,
      [id, jsonParam({ by, at: now, reason }), planHash, now],
    );
  return {
    async request({ id, runId, service, planHash, summary, scoreBp, risk, expiresAt, ...more }) {
      const { link = "", diff = "", needs = 1 } = more;
      // A node that asks runs again from its first line on resume: the same question is not asked twice.
      await db.query(
        `insert into opsmedic.approvals
           (id, run_id, service, plan_hash, summary, score_bp, risk, requested_at, expires_at,
            link, diff, needs)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (run_id, plan_hash) do nothing`,
        [
          id,
          runId,
          service,
          planHash,
          storableText(summary),
          scoreBp,
          risk,
          whole(clock.now()),
          whole(expiresAt),
          link,
          storableText(diff),
          needs,
        ],
      );
      const [asked] = await read("where run_id = $1 and plan_hash = $2", [runId, planHash]);
      if (asked === undefined) throw notFound("approval", id);
      return asked;
    },
    async decide(id, { decision, by, reason, planHash }) {
      const now = whole(clock.now());
      const [decided] = await run(
        `update opsmedic.approvals set status = $2, decided_at = $3, decided_by = $4, reason = $5
         where id = $1 and status = 'pending' and plan_hash = $6 and expires_at > $3
           and ($2 = 'rejected' or needs = 1 or (endorsed is not null and ${anotherPerson}))
         returning ${columns}`,
        [
          id,
          decision === "approve" ? "approved" : "rejected",
          now,
          storableText(by),
          storableText(reason),
          planHash,
        ],
      );
      if (decided !== undefined) return decided;
      const [endorsed] = decision === "approve" ? await endorse(id, { by, reason, planHash }, now) : [];
      if (endorsed !== undefined) return endorsed;
      const [present] = await read("where id = $1", [id]);
      throw present === undefined ? notFound("approval", id) : refusal(present, planHash, now, by);
    },
    async get(id) {
      return (await read("where id = $1", [id]))[0];
    },
    ofRuns: (runIds) => read("where run_id = any($1::text[]) order by requested_at, id limit 500", [runIds]),
    async list({ status, limit }) {
      return read("where ($1::text is null or status = $1) order by requested_at desc, id desc limit $2", [
        status ?? null,
        atMost(limit),
      ]);
    },
    async withdraw(runId, reason) {
      return run(
        `update opsmedic.approvals set status = 'withdrawn', decided_at = $2, decided_by = 'opsmedic', reason = $3
         where run_id = $1 and status = 'pending' returning ${columns}`,
        [runId, whole(clock.now()), storableText(reason)],
      );
    },
    async expire(now) {
      return run(
        `update opsmedic.approvals set status = 'expired', decided_at = $1
         where status = 'pending' and expires_at <= $1 returning ${columns}`,
        [whole(now)],
      );
    },
  };
}

function refusal(present: ApprovalRecord, planHash: string, now: number, by: string): HealError {
  if (present.status === "expired" || (present.status === "pending" && present.expiresAt <= now)) {
    return new HealError(`Approval ${present.id} expired before it was decided; nothing was changed.`, {
      code: "expired",
      hint: "Start a new check of the service; it asks again if the fix is still needed.",
    });
  }
  if (present.status === "withdrawn") {
    return new HealError(`Approval ${present.id} was withdrawn: ${present.reason}`, {
      code: "already-decided",
      hint: "Nothing was changed. Look at the newer run (opsmedic runs ls) and what it asks.",
    });
  }
  if (present.status !== "pending") {
    return new HealError(
      `Approval ${present.id} was already ${present.status}${present.decidedBy === null ? "" : ` by ${present.decidedBy}`}.`,
      { code: "already-decided", hint: "The first decision counts." },
    );
  }
  if (present.planHash === planHash) {
    return new HealError(`${by} has approved ${present.id} already; it needs a second person.`, {
      code: "same-person",
      hint: "Nothing is done yet. Somebody else approves, or anybody rejects.",
    });
  }
  return new HealError(
    `The decision names plan ${planHash.slice(0, 12)}, but approval ${present.id} is for plan ${present.planHash.slice(0, 12)}.`,
    { code: "plan-changed", hint: "Read the plan as it is now, and decide on that one." },
  );
}
