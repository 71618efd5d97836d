// Decisions of the gate on plans, and how they turned out: one open at a time for a cause, a fix and a service.
import { z } from "zod";
import { decisionEndings, decisionOutcomes, type Pair } from "../domain/autonomy.ts";
import type { MakeId } from "../domain/clock.ts";
import { jsonSchema } from "../domain/json.ts";
import { decisions } from "../domain/plan.ts";
import type { Queryable } from "./db.ts";
import type { DecisionCounts, DecisionRecord, Decisions, RevocationRecord } from "./decision-records.ts";
import { atMost, int8, notFound, rowsAs, timeOrNull, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const texts = z.array(z.string());
const decisionRow: z.ZodType<DecisionRecord> = z.object({
  id: z.string(),
  service: z.string(),
  playbook: z.string(),
  fix: z.string(),
  fixClass: z.string(),
  title: z.string(),
  cause: z.string(),
  scoreBp: z.int(),
  decision: z.enum(decisions),
  against: texts,
  would: z.boolean(),
  runIds: texts,
  incidentIds: texts,
  planHashes: texts,
  signatures: texts,
  times: z.int(),
  at: int8,
  lastAt: int8,
  baseline: z
    .array(z.object({ action: z.string(), service: z.string(), params: jsonSchema, state: jsonSchema }))
    .nullable(),
  sameDoneAt: int8.nullable(),
  said: z.enum(["right", "wrong"]).nullable(),
  outcome: z.enum(decisionOutcomes).nullable(),
  ending: z.enum(decisionEndings).nullable(),
  told: z.string().nullable(),
  scoredAt: int8.nullable(),
});
const columns = `id, service, playbook, fix, fix_class as "fixClass", title, cause, score_bp as "scoreBp", decision, against,
  would, run_ids as "runIds", incident_ids as "incidentIds", plan_hashes as "planHashes", signatures, times, at,
  last_at as "lastAt", baseline, same_done_at as "sameDoneAt", said, outcome, ending, told, scored_at as "scoredAt"`;

const revocationRow: z.ZodType<RevocationRecord> = z.object({
  id: z.string(),
  service: z.string(),
  playbook: z.string(),
  fix: z.string(),
  at: int8,
  by: z.string(),
  reason: z.string(),
});

/** What a decision remembers of the runs, incidents and plans that it was made in. */
const MOST_REMEMBERED = 100;
const joined = (column: string) =>
  `(select coalesce(array_agg(distinct one), '{}') from unnest(d.${column} || excluded.${column}) as one
    where cardinality(d.${column}) < ${MOST_REMEMBERED} or one = any(d.${column}))`;

const counts = z.object({
  total: z.int(),
  right: z.int(),
  wrong: z.int(),
  unclear: z.int(),
  open: z.int(),
}) satisfies z.ZodType<DecisionCounts>;

const pairOf = (pair: Pair | undefined) => [pair?.service ?? null, pair?.playbook ?? null, pair?.fix ?? null];

export function makeDecisions(db: Queryable, makeId: MakeId): Decisions {
  const run = async (sql: string, params: unknown[]): Promise<DecisionRecord[]> =>
    rowsAs(decisionRow, await db.query(sql, params), "a decision");
  const read = (rest: string, params: unknown[]): Promise<DecisionRecord[]> =>
    run(`select ${columns} from opsmedic.decisions ${rest}`, params);
  const ofPair = "($1::text is null or (service = $1 and playbook = $2 and fix = $3))";
  return {
    async note({ runId, incidentId, planHash, ...one }) {
      const [noted] = await run(
        `insert into opsmedic.decisions as d (id, service, playbook, fix, fix_class, title, cause, score_bp, decision,
           against, would, run_ids, incident_ids, plan_hashes, signatures, at, last_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16)
         on conflict (service, playbook, fix) where outcome is null do update set
           times = d.times + (case when excluded.run_ids <@ d.run_ids then 0 else 1 end),
           last_at = greatest(d.last_at, excluded.last_at),
           title = excluded.title, cause = excluded.cause, score_bp = excluded.score_bp,
           decision = excluded.decision, against = excluded.against, would = d.would and excluded.would,
           run_ids = ${joined("run_ids")}, incident_ids = ${joined("incident_ids")},
           plan_hashes = ${joined("plan_hashes")}, signatures = ${joined("signatures")}
         returning ${columns}`,
        [
          makeId("dec"),
          one.service,
          one.playbook,
          one.fix,
          one.fixClass,
          storableText(one.title),
          storableText(one.cause),
          one.scoreBp,
          one.decision,
          one.against,
          one.would,
          [runId],
          incidentId === null ? [] : [incidentId],
          [planHash],
          one.signatures,
          whole(one.at),
        ],
      );
      if (noted === undefined) throw notFound("decision", one.fix);
      return noted;
    },
    async baseline(id, steps) {
      await db.query(
        "update opsmedic.decisions set baseline = $2::jsonb where id = $1 and baseline is null",
        [id, jsonParam(steps)],
      );
    },
    open: (service) => read("where service = $1 and outcome is null order by at, id", [service]),
    async waiting() {
      const rows = await db.query<{ service: string }>(
        "select distinct service from opsmedic.decisions where outcome is null order by service limit 1000",
      );
      return rows.map(({ service }) => service);
    },
    scored: (service, since) =>
      read(
        "where service = $1 and outcome is not null and scored_at >= $2 order by scored_at, id limit 1000",
        [service, whole(since)],
      ),
    ofIncident: (incidentId) =>
      read("where $1 = any(incident_ids) order by at desc, id desc limit 100", [incidentId]),
    list: ({ pair, limit }) =>
      read(`where ${ofPair} order by at desc, id desc limit $4`, [...pairOf(pair), atMost(limit, 20_000)]),
    async sameDone(id, at) {
      await db.query(
        "update opsmedic.decisions set same_done_at = $2 where id = $1 and same_done_at is null",
        [id, whole(at)],
      );
    },
    async say(id, said) {
      await db.query("update opsmedic.decisions set said = $2 where id = $1", [id, said]);
    },
    async score(id, { outcome, ending, told, at }) {
      await db.query(
        "update opsmedic.decisions set outcome = $2, ending = $3, told = $4, scored_at = $5 where id = $1",
        [id, outcome, ending, storableText(told), whole(at)],
      );
    },
    async revoke({ service, playbook, fix, at, by, reason }) {
      const rows = await db.query(
        `insert into opsmedic.autonomy_revocations (id, service, playbook, fix, at, by, reason)
         values ($1, $2, $3, $4, $5, $6, $7) returning id, service, playbook, fix, at, by, reason`,
        [makeId("rev"), service, playbook, fix, whole(at), storableText(by), storableText(reason)],
      );
      const [revoked] = rowsAs(revocationRow, rows, "a revocation");
      if (revoked === undefined) throw notFound("revocation", fix);
      return revoked;
    },
    async revocations(pair) {
      const rows = await db.query(
        `select id, service, playbook, fix, at, by, reason from opsmedic.autonomy_revocations
         where ${ofPair} order by at, id limit 10000`,
        pairOf(pair),
      );
      return rowsAs(revocationRow, rows, "a revocation");
    },
    async wouldHave({ from, to }) {
      const rows = await db.query(
        `select count(*)::int as total, ${(["right", "wrong", "unclear"] as const)
          .map((one) => `(count(*) filter (where outcome = '${one}'))::int as "${one}"`)
          .join(", ")}, (count(*) filter (where outcome is null))::int as open
         from opsmedic.decisions
         where would and decision <> 'allow' and ($1::bigint is null or at >= $1) and ($2::bigint is null or at < $2)`,
        [timeOrNull(from), timeOrNull(to)],
      );
      const [counted] = rowsAs(counts, rows, "counted decisions");
      return counted ?? { total: 0, right: 0, wrong: 0, unclear: 0, open: 0 };
    },
  };
}
