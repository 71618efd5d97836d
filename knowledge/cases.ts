// Cases: what was tried and how it ended, the memory that learning reads.
import { z } from "zod";
import { strategies } from "../domain/incident.ts";
import type { Queryable } from "./db.ts";
import type { CaseRecord, Cases, DatedOutcomes, OutcomeCount, ScoredCases } from "./records.ts";
import { atMost, int8, rowsAs, whole } from "./rows.ts";
import { storableText } from "./storable.ts";

const caseRow: z.ZodType<CaseRecord> = z.object({
  id: z.string(),
  runId: z.string(),
  incidentId: z.string().nullable(),
  service: z.string(),
  targetKind: z.string(),
  signature: z.string(),
  symptom: z.string(),
  playbook: z.string(),
  fix: z.string(),
  fixClass: z.string(),
  planHash: z.string(),
  undone: z.boolean(),
  strategy: z.enum(strategies),
  outcome: z.enum(["healed", "not-healed", "worse", "escalated", "rejected"]),
  scoreBp: z.int(),
  healMs: int8.nullable(),
  at: int8,
  resolution: z.string().nullable(),
});
const columns = `id, run_id as "runId", incident_id as "incidentId", service, target_kind as "targetKind", signature,
  symptom, playbook, fix, fix_class as "fixClass", plan_hash as "planHash", undone, strategy, outcome, score_bp as "scoreBp", heal_ms as "healMs", at, resolution`;

/** A fix that was never applied (escalated, rejected) says nothing about whether it helps. */
const tried = "outcome in ('healed', 'not-healed', 'worse')";
const counts = "count(*)::int as total, (count(*) filter (where outcome = 'healed'))::int as successes";

const DAY_MS = 24 * 3_600_000;
const datedRow: z.ZodType<DatedOutcomes> = z.object({
  nearness: z.enum(["target", "kind", "others"]),
  day: z.int(),
  total: z.int(),
  successes: z.int(),
});

const scoredRow: z.ZodType<ScoredCases> = z.object({
  playbook: z.string(),
  scoreBp: z.int(),
  total: z.int(),
  successes: z.int(),
});

type Counted = OutcomeCount & { name: string };

export function makeCases(db: Queryable): Cases {
  const read = async (rest: string, params: unknown[]): Promise<CaseRecord[]> =>
    rowsAs(caseRow, await db.query(`select ${columns} from opsmedic.cases ${rest}`, params), "a case");
  const countedBy = async (column: "fix" | "strategy"): Promise<Record<string, OutcomeCount>> => {
    const rows = await db.query<Counted>(
      `select ${column} as name, ${counts} from opsmedic.cases where ${tried} group by ${column} order by ${column}`,
    );
    return Object.fromEntries(rows.map(({ name, total, successes }) => [name, { total, successes }]));
  };
  return {
    async file(one) {
      await db.query(
        `insert into opsmedic.cases (id, run_id, incident_id, service, target_kind, signature, symptom, playbook,
           fix, fix_class, plan_hash, undone, strategy, outcome, score_bp, heal_ms, at, resolution)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) on conflict (id) do nothing`,
        [
          one.id,
          one.runId,
          one.incidentId,
          one.service,
          one.targetKind,
          one.signature,
          storableText(one.symptom),
          one.playbook,
          one.fix,
          one.fixClass,
          one.planHash,
          one.undone,
          one.strategy,
          one.outcome,
          one.scoreBp,
          one.healMs === null ? null : whole(one.healMs),
          whole(one.at),
          one.resolution ? storableText(one.resolution) : null,
        ],
      );
    },
    async history(playbook, fix, { service, targetKind }, since) {
      const rows = await db.query(
        `select case when service = $3 then 'target' when target_kind = $4 then 'kind' else 'others' end as nearness,
           (at / ${DAY_MS})::int as day, ${counts}
         from opsmedic.cases where playbook = $1 and fix = $2 and ${tried} and at >= $5
         group by 1, 2 order by 1, 2`,
        [playbook, fix, service, targetKind, whole(since)],
      );
      return rowsAs(datedRow, rows, "outcomes of a fix");
    },
    async ofSignature(signature, limit) {
      return read("where signature = $1 order by at desc, id desc limit $2", [signature, atMost(limit)]);
    },
    async recent({ service, playbook, since, limit }) {
      return read(
        `where ($1::text is null or service = $1) and ($2::text is null or playbook = $2) and at >= $3
         order by at desc, id desc limit $4`,
        [service ?? null, playbook ?? null, whole(since), atMost(limit)],
      );
    },
    async scored({ since, service, playbook }) {
      const rows = await db.query(
        `select playbook, score_bp as "scoreBp", ${counts} from opsmedic.cases
         where ${tried} and at >= $1 and ($2::text is null or service = $2) and ($3::text is null or playbook = $3)
         group by playbook, score_bp order by playbook, score_bp`,
        [whole(since), service ?? null, playbook ?? null],
      );
      return rowsAs(scoredRow, rows, "outcomes by confidence");
    },
    async resolve(incidentId, resolution) {
      const rows = await db.query(
        "update opsmedic.cases set resolution = $2 where incident_id = $1 returning id",
        [incidentId, storableText(resolution)],
      );
      return rows.length;
    },
    ofIncident: (incidentId) => read("where incident_id = $1 order by at, id limit 200", [incidentId]),
    async stats() {
      const byFix = await countedBy("fix");
      const byStrategy = await countedBy("strategy");
      const [last] = await db.query<{ at: string | null }>("select max(at) as at from opsmedic.cases");
      const lastUpdated = last === undefined || last.at === null ? null : Number(last.at);
      return { total: sum(Object.values(byFix)), byFix, byStrategy, lastUpdated };
    },
  };
}

function sum(rows: readonly OutcomeCount[]): OutcomeCount {
  return rows.reduce(
    (all, { total, successes }) => ({ total: all.total + total, successes: all.successes + successes }),
    { total: 0, successes: 0 },
  );
}
