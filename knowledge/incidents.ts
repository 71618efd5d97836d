// Incidents: the same symptom of a service is one incident while it is open, however often it is seen. What was handed
// to a person is open until its service is well, so that a trouble that lasts is told once.
import { z } from "zod";
import type { MakeId } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Finding } from "../domain/finding.ts";
import { strategies } from "../domain/incident.ts";
import type { Db, Queryable } from "./db.ts";
import { incidentSearch } from "./incident-list.ts";
import { adopt, blame } from "./outages.ts";
import type { IncidentRecord, Incidents } from "./records.ts";
import { atMost, int8, notFound, rowsAs, whole } from "./rows.ts";
import { storableText } from "./storable.ts";

const TITLE_LENGTH = 300;

const statuses = ["ACTIVE", "RESOLVED", "ESCALATED"] as const;

const incidentRow: z.ZodType<IncidentRecord> = z.object({
  id: z.string(),
  service: z.string(),
  status: z.enum(statuses),
  severity: z.enum(["CRITICAL", "WARNING", "INFO"]),
  signatures: z.array(z.string()),
  title: z.string(),
  type: z.string().nullable(),
  beganAt: int8.nullable(),
  strategy: z.enum(strategies).nullable(),
  occurrences: z.int(),
  openedAt: int8,
  lastSeenAt: int8,
  closedAt: int8.nullable(),
  cause: z.string().nullable(),
  partOf: z
    .object({ id: z.string(), service: z.string(), title: z.string(), status: z.enum(statuses) })
    .nullable(),
});
const columns = `i.id, i.service, i.status, i.severity, i.title, i.type, i.began_at as "beganAt", i.strategy, i.occurrences,
  array(select s.signature from opsmedic.incident_signatures s where s.incident_id = i.id order by 1) as signatures,
  i.opened_at as "openedAt", i.last_seen_at as "lastSeenAt", i.closed_at as "closedAt", i.cause,
  (select json_build_object('id', p.id, 'service', p.service, 'title', p.title, 'status', p.status)
   from opsmedic.incidents p where p.id = i.part_of) as "partOf"`;

/** One that was escalated before such incidents stayed open has no active signature any more. */
const IS_OPEN = `(i.status = 'ACTIVE' or (i.status = 'ESCALATED' and exists (
  select 1 from opsmedic.incident_signatures s where s.incident_id = i.id and s.active)))`;

async function read(db: Queryable, rest: string, params: unknown[]): Promise<IncidentRecord[]> {
  const rows = await db.query(`select ${columns} from opsmedic.incidents i ${rest}`, params);
  return rowsAs(incidentRow, rows, "an incident");
}

export function makeIncidents(db: Db, makeId: MakeId): Incidents {
  return {
    ...incidentSearch(db, (rest, params) => read(db, rest, params)),
    async ofSignature(signature, limit) {
      return read(
        db,
        `where i.id in (select s.incident_id from opsmedic.incident_signatures s where s.signature = $1)
         order by i.opened_at desc, i.ordinal desc limit $2`,
        [signature, atMost(limit)],
      );
    },
    async open(service, findings, at) {
      return db.transaction(async (tx) => {
        // Two runs that see the same symptom at once take turns here; the unique index would refuse the second.
        await tx.query("select pg_advisory_xact_lock(hashtextextended('opsmedic.incident:' || $1, 0))", [
          service,
        ]);
        const id =
          (await joinOpen(tx, service, findings, at)) ?? (await openNew(tx, makeId, service, findings, at));
        await addSignatures(tx, id, service, findings);
        await adopt(tx, id, service);
        return only(await read(tx, "where i.id = $1", [id]), id);
      });
    },
    async close(id, status, at) {
      await db.transaction(async (tx) => {
        // What was escalated may be escalated again, or resolved; what was resolved stays so.
        await tx.query(
          `update opsmedic.incidents set status = $2, closed_at = $3
           where id = $1 and status <> 'RESOLVED'`,
          [id, status, whole(at)],
        );
        if (status === "RESOLVED") {
          await tx.query("update opsmedic.incident_signatures set active = false where incident_id = $1", [
            id,
          ]);
        }
        only(await tx.query("select id from opsmedic.incidents where id = $1", [id]), id);
      });
    },
    async blame(id, cause, since) {
      return db.transaction(async (tx) => {
        await blame(tx, id, cause, since);
        return only(await read(tx, "where i.id = $1", [id]), id);
      });
    },
    async setStrategy(id, strategy) {
      only(
        await db.query("update opsmedic.incidents set strategy = $2 where id = $1 returning id", [
          id,
          strategy,
        ]),
        id,
      );
    },
    async get(id) {
      return (await read(db, "where i.id = $1", [id]))[0];
    },
    async list({ status, open = false, service, partOf, limit }) {
      return read(
        db,
        `where ($1::text is null or i.status = $1) and ($2::text is null or i.service = $2)
           and ($3::text is null or i.part_of = $3) and (not $4::boolean or ${IS_OPEN})
         order by i.opened_at desc, i.ordinal desc limit $5`,
        [status ?? null, service ?? null, partOf ?? null, open, atMost(limit)],
      );
    },
    async occurrencesBefore(signature, incidentId) {
      const [row] = await db.query<{ count: number }>(
        `select count(*)::int as count
         from opsmedic.incident_signatures s join opsmedic.incidents i on i.id = s.incident_id
         where s.signature = $1 and i.id <> $2
           and i.ordinal < coalesce((select ordinal from opsmedic.incidents where id = $2), 9223372036854775807)`,
        [signature, incidentId],
      );
      return row?.count ?? 0;
    },
  };
}

async function joinOpen(
  tx: Queryable,
  service: string,
  findings: readonly Finding[],
  at: number,
): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string }>(
    `update opsmedic.incidents set occurrences = occurrences + 1, last_seen_at = greatest(last_seen_at, $3),
       severity = case when $4 = 'CRITICAL' or severity = 'CRITICAL' then 'CRITICAL'
                       when $4 = 'WARNING' or severity = 'WARNING' then 'WARNING' else 'INFO' end
     where id = (
       select i.id from opsmedic.incident_signatures s join opsmedic.incidents i on i.id = s.incident_id
       where s.service = $1 and s.active and s.signature = any($2::text[]) order by i.ordinal limit 1)
     returning id`,
    [service, signaturesOf(findings), whole(at), severityOf(worst(findings))],
  );
  return row?.id;
}

async function openNew(
  tx: Queryable,
  makeId: MakeId,
  service: string,
  findings: readonly Finding[],
  at: number,
): Promise<string> {
  const id = makeId("inc");
  const first = worst(findings);
  await tx.query(
    `insert into opsmedic.incidents (id, service, severity, title, opened_at, last_seen_at, type, began_at)
     values ($1, $2, $3, $4, $5, $5, $6, $7)`,
    [
      id,
      service,
      severityOf(first),
      storableText(first.summary.slice(0, TITLE_LENGTH)),
      whole(at),
      first.kind,
      whole(Math.min(...findings.map((one) => one.since))),
    ],
  );
  return id;
}

/** A signature that another open incident of the service has already stays with that one. */
async function addSignatures(
  tx: Queryable,
  id: string,
  service: string,
  findings: readonly Finding[],
): Promise<void> {
  await tx.query(
    `insert into opsmedic.incident_signatures (incident_id, service, signature)
     select $1, $2, unnest($3::text[]) on conflict do nothing`,
    [id, service, signaturesOf(findings)],
  );
}

function signaturesOf(findings: readonly Finding[]): string[] {
  return [...new Set(findings.map(({ signature }) => signature))];
}

function worst(findings: readonly Finding[]): Finding {
  const found =
    findings.find(({ severity }) => severity === "critical") ??
    findings.find(({ severity }) => severity === "warning") ??
    findings[0];
  if (found !== undefined) return found;
  throw new HealError("An incident cannot be opened without a finding.", { code: "no-findings" });
}

function severityOf({ severity }: Finding): IncidentRecord["severity"] {
  return severity === "critical" ? "CRITICAL" : severity === "warning" ? "WARNING" : "INFO";
}

function only<T>(rows: readonly T[], id: string): T {
  const [row] = rows;
  if (row === undefined) throw notFound("incident", id);
  return row;
}
