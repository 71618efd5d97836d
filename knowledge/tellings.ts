// What people were told of an incident: kept here and not in a process, so that a restart tells nothing anew, and several
// servers tell it once.
import { z } from "zod";
import type { Queryable } from "./db.ts";
import type { Telling, Tellings } from "./records.ts";
import { int8, rowsAs, whole } from "./rows.ts";
import { storableText } from "./storable.ts";

const tellingRow: z.ZodType<Telling> = z.object({
  subject: z.string(),
  incidentId: z.string().nullable(),
  service: z.string(),
  facts: z.array(z.string()),
  firstAt: int8,
  lastAt: int8,
  reminders: z.int(),
});
const columns = `t.subject, t.incident_id as "incidentId", t.service, t.facts, t.first_at as "firstAt",
  t.last_at as "lastAt", t.reminders`;

export function makeTellings(db: Queryable): Tellings {
  return {
    async of(subject) {
      const rows = await db.query(`select ${columns} from opsmedic.tellings t where t.subject = $1`, [
        subject,
      ]);
      return rowsAs(tellingRow, rows, "a telling")[0];
    },
    async told({ subject, incidentId, service, facts, at, reminder }) {
      await db.query(
        `insert into opsmedic.tellings as t (subject, incident_id, service, facts, first_at, last_at)
         values ($1, $2, $3, $4::text[], $5, $5) on conflict (subject) do update
         set facts = array(select distinct unnest(t.facts || excluded.facts) order by 1),
             last_at = greatest(t.last_at, excluded.last_at), reminders = t.reminders + $6::int`,
        [subject, incidentId, service, facts.map(storableText), whole(at), reminder ? 1 : 0],
      );
    },
    async takeOver(at) {
      const rows = await db.query(
        `update opsmedic.tellings t set over_at = $1 from opsmedic.incidents i
         where i.id = t.incident_id and i.status = 'RESOLVED' and t.over_at is null returning ${columns}`,
        [whole(at)],
      );
      return rowsAs(tellingRow, rows, "a telling");
    },
  };
}
