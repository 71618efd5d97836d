// Runs and their traces: one row a run, one row a step, steps append-only.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import { incidentSchema, runOutcomes, triggers } from "../domain/incident.ts";
import { jsonSchema } from "../domain/json.ts";
import type { Queryable } from "./db.ts";
import type { RunRecord, Runs, StepRecord } from "./records.ts";
import { atMost, int8, notFound, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const runRow: z.ZodType<RunRecord> = z.object({
  id: z.string(),
  service: z.string(),
  incidentId: z.string().nullable(),
  trigger: z.enum(triggers),
  reason: z.string(),
  dryRun: z.boolean(),
  status: z.enum(["running", "waiting", "ended"]),
  outcome: z.enum(runOutcomes).nullable(),
  scoreBp: z.int().nullable(),
  startedAt: int8,
  endedAt: int8.nullable(),
  report: z.string().nullable(),
});
const runColumns = `id, service, incident_id as "incidentId", trigger, reason, dry_run as "dryRun", status, outcome,
  score_bp as "scoreBp", started_at as "startedAt", ended_at as "endedAt", report`;

const stepRow: z.ZodType<StepRecord> = z.object({
  seq: z.int(),
  node: z.string(),
  agent: z.string(),
  phase: z.enum(["start", "end", "error", "note"]),
  at: int8,
  ms: z.number().nullable(),
  data: jsonSchema,
});

/** Field of a change → its column. */
const changeable = {
  incidentId: "incident_id",
  status: "status",
  outcome: "outcome",
  scoreBp: "score_bp",
  report: "report",
  endedAt: "ended_at",
} as const;

export function makeRuns(db: Queryable, clock: Clock): Runs {
  const read = async (rest: string, params: unknown[]): Promise<RunRecord[]> =>
    rowsAs(runRow, await db.query(`select ${runColumns} from opsmedic.runs ${rest}`, params), "a run");
  return {
    async start({ id, service, trigger, reason, dryRun = false }) {
      await db.query(
        "insert into opsmedic.runs (id, service, trigger, reason, dry_run, started_at) values ($1, $2, $3, $4, $5, $6)",
        [id, service, trigger, storableText(reason), dryRun, whole(clock.now())],
      );
    },
    async update(id, change) {
      const { assignments, values } = assignmentsOf(change);
      const rows =
        assignments === ""
          ? await db.query("select id from opsmedic.runs where id = $1", [id])
          : await db.query(`update opsmedic.runs set ${assignments} where id = $1 returning id`, [
              id,
              ...values,
            ]);
      if (rows.length === 0) throw notFound("run", id);
    },
    async get(id) {
      return (await read("where id = $1", [id]))[0];
    },
    async list({ limit, cursor, service, outcome }) {
      const count = atMost(limit);
      const after = cursor === undefined ? undefined : readCursor(cursor);
      const runs = await read(
        `where ($1::text is null or service = $1) and ($2::text is null or outcome = $2)
           and ($3::bigint is null or (started_at, id) < ($3, $4::text))
         order by started_at desc, id desc limit $5`,
        [service ?? null, outcome ?? null, after?.startedAt ?? null, after?.id ?? null, count + 1],
      );
      const last = runs[count - 1];
      return {
        runs: runs.slice(0, count),
        nextCursor: runs.length > count && last !== undefined ? makeCursor(last) : null,
      };
    },
    async ofIncident(incidentId) {
      const first = await read("where incident_id = $1 order by started_at, id limit 10", [incidentId]);
      const last = await read("where incident_id = $1 order by started_at desc, id desc limit 40", [
        incidentId,
      ]);
      const all = new Map([...first, ...last.toReversed()].map((one) => [one.id, one]));
      return [...all.values()];
    },
    async unfinished(service) {
      return read("where status <> 'ended' and ($1::text is null or service = $1) order by started_at, id", [
        service ?? null,
      ]);
    },
    async appendStep(runId, { node, agent, phase, at, ms, data }) {
      // The run's row is locked by the count, so that two writers get two numbers.
      const [row] = await db.query<{ seq: number }>(
        `with run as (update opsmedic.runs set step_count = step_count + 1 where id = $1 returning step_count)
         insert into opsmedic.run_steps (run_id, seq, node, agent, phase, at, ms, data)
         select $1, step_count, $2, $3, $4, $5::bigint, $6::float8, $7::jsonb from run returning seq`,
        [runId, node, agent, phase, whole(at), ms, jsonParam(data)],
      );
      if (row === undefined) throw notFound("run", runId);
      return row.seq;
    },
    async steps(runId) {
      const rows = await db.query(
        "select seq, node, agent, phase, at, ms, data from opsmedic.run_steps where run_id = $1 order by seq",
        [runId],
      );
      return rowsAs(stepRow, rows, "a step of a run");
    },
    async saveIncident(runId, incident) {
      const [row] = await db.query(
        "update opsmedic.runs set incident = $2::jsonb where id = $1 returning id",
        [runId, jsonParam(incident)],
      );
      if (row === undefined) throw notFound("run", runId);
    },
    async incident(runId) {
      const rows = await db.query<{ incident: unknown }>(
        "select incident from opsmedic.runs where id = $1 and incident is not null",
        [runId],
      );
      return rowsAs(
        incidentSchema,
        rows.map(({ incident }) => incident),
        "the incident of a run",
      )[0];
    },
  };
}

function assignmentsOf(change: Parameters<Runs["update"]>[1]): { assignments: string; values: unknown[] } {
  const fields = Object.keys(changeable) as (keyof typeof changeable)[];
  const given = fields.filter((field) => change[field] !== undefined);
  return {
    assignments: given.map((field, index) => `${changeable[field]} = $${index + 2}`).join(", "),
    values: given.map((field) => {
      const value = change[field];
      return field === "report" && typeof value === "string" ? storableText(value) : value;
    }),
  };
}

/** Where the next page begins; opaque outside. */
function makeCursor({ startedAt, id }: RunRecord): string {
  return Buffer.from(`${startedAt}:${id}`).toString("base64url");
}

function readCursor(cursor: string): { startedAt: number; id: string } {
  const match = /^(-?\d{1,16}):([^\0]{1,500})$/.exec(Buffer.from(cursor, "base64url").toString());
  if (match !== null) return { startedAt: Number(match[1]), id: match[2] ?? "" };
  throw new HealError("The cursor is not one that a list of runs gave.", {
    code: "bad-cursor",
    hint: "Pass next_cursor unchanged, or leave the cursor away to begin with the newest run.",
  });
}
