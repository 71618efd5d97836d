// What people say about an incident: that they have it in hand, how it was resolved, and whatever else helps the next one.
import { z } from "zod";
import type { Clock, MakeId } from "../domain/clock.ts";
import type { Queryable } from "./db.ts";
import type { IncidentNote, IncidentNotes } from "./records.ts";
import { int8, rowsAs, whole } from "./rows.ts";
import { storableText } from "./storable.ts";

const noteRow: z.ZodType<IncidentNote> = z.object({
  id: z.string(),
  incidentId: z.string(),
  kind: z.enum(["acknowledge", "resolve", "note"]),
  author: z.string(),
  text: z.string(),
  at: int8,
});
const columns = `id, incident_id as "incidentId", kind, author, text, at`;
const MOST = 500;

export function makeIncidentNotes(db: Queryable, clock: Clock, makeId: MakeId): IncidentNotes {
  return {
    async add({ incidentId, kind, author, text }) {
      const rows = await db.query(
        `insert into opsmedic.incident_notes (id, incident_id, kind, author, text, at)
         values ($1, $2, $3, $4, $5, $6) returning ${columns}`,
        [makeId("note"), incidentId, kind, storableText(author), storableText(text), whole(clock.now())],
      );
      const [note] = rowsAs(noteRow, rows, "a note");
      if (note === undefined) throw new Error("an insert gave no row");
      return note;
    },
    async of(incidentIds) {
      const rows = await db.query(
        `select ${columns} from opsmedic.incident_notes where incident_id = any($1::text[])
         order by at, id limit ${MOST}`,
        [incidentIds],
      );
      return rowsAs(noteRow, rows, "a note");
    },
  };
}
