// Standing watches on symptoms that came twice. One for each service and signature.
import { z } from "zod";
import type { Clock, MakeId } from "../domain/clock.ts";
import type { Queryable } from "./db.ts";
import type { Watches, WatchRecord } from "./records.ts";
import { int8, notFound, rowsAs, whole } from "./rows.ts";

const watchRow: z.ZodType<WatchRecord> = z.object({
  id: z.string(),
  service: z.string(),
  signature: z.string(),
  kind: z.string(),
  fromIncident: z.string(),
  createdAt: int8,
});
const columns = `id, service, signature, kind, from_incident as "fromIncident", created_at as "createdAt"`;

export function makeWatches(db: Queryable, clock: Clock, makeId: MakeId): Watches {
  const read = async (rest: string, params: unknown[]): Promise<WatchRecord[]> =>
    rowsAs(watchRow, await db.query(`select ${columns} from opsmedic.watches ${rest}`, params), "a watch");
  return {
    /** The same symptom again gives the watch that is there. */
    async add({ service, signature, kind, fromIncident }) {
      const id = makeId("watch");
      await db.query(
        `insert into opsmedic.watches (id, service, signature, kind, from_incident, created_at)
         values ($1, $2, $3, $4, $5, $6) on conflict (service, signature) do nothing`,
        [id, service, signature, kind, fromIncident, whole(clock.now())],
      );
      const [watch] = await read("where service = $1 and signature = $2", [service, signature]);
      if (watch === undefined) throw notFound("watch", id);
      return watch;
    },
    async list(service) {
      return read("where ($1::text is null or service = $1) order by created_at, id", [service ?? null]);
    },
  };
}
