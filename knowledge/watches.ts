// Standing watches on symptoms that came twice, with the early sign that they look for, and what they warned of.
// One for each service and signature.
import { z } from "zod";
import type { Clock, MakeId } from "../domain/clock.ts";
import { earlySignSchema } from "../domain/early-sign.ts";
import type { Queryable } from "./db.ts";
import type { Watches, WatchRecord, WatchWarning } from "./records.ts";
import { atMost, int8, notFound, rowsAs, whole } from "./rows.ts";
import { jsonParam, storableText } from "./storable.ts";

const watchRow: z.ZodType<WatchRecord> = z.object({
  id: z.string(),
  service: z.string(),
  signature: z.string(),
  kind: z.string(),
  fromIncident: z.string(),
  createdAt: int8,
  sign: earlySignSchema.nullable(),
  told: z.string(),
});
const columns = `id, service, signature, kind, from_incident as "fromIncident", created_at as "createdAt", sign, told`;

const warningRow: z.ZodType<WatchWarning> = z.object({
  watchId: z.string(),
  beganAt: int8,
  lastAt: int8,
  summary: z.string(),
});

/** A sign that is gone for longer comes anew. */
const SAME_WARNING_MS = 10 * 60_000;

export function makeWatches(db: Queryable, clock: Clock, makeId: MakeId): Watches {
  const read = async (rest: string, params: unknown[]): Promise<WatchRecord[]> =>
    rowsAs(watchRow, await db.query(`select ${columns} from opsmedic.watches ${rest}`, params), "a watch");
  return {
    async add({ service, signature, kind, fromIncident, sign, told }) {
      const id = makeId("watch");
      // A sign that was found once is kept, unless a better-known one takes its place.
      await db.query(
        `insert into opsmedic.watches as w (id, service, signature, kind, from_incident, created_at, sign, told)
         values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8) on conflict (service, signature) do update
         set sign = excluded.sign, told = excluded.told where excluded.sign is not null or w.sign is null`,
        [
          id,
          service,
          signature,
          kind,
          fromIncident,
          whole(clock.now()),
          sign ? jsonParam(sign) : null,
          storableText(told),
        ],
      );
      const [watch] = await read("where service = $1 and signature = $2", [service, signature]);
      if (watch === undefined) throw notFound("watch", id);
      return watch;
    },
    async get(id) {
      return (await read("where id = $1", [id]))[0];
    },
    async list(service) {
      return read("where ($1::text is null or service = $1) order by created_at, id", [service ?? null]);
    },
    async remove(id) {
      const rows = await db.query("delete from opsmedic.watches where id = $1 returning id", [id]);
      return rows.length > 0;
    },
    async warned(watchId, { since, at, summary }) {
      const [known] = await db.query(
        `update opsmedic.watch_warnings set last_at = greatest(last_at, $2), summary = $3
         where watch_id = $1 and began_at <= $2 and last_at >= $4 returning began_at`,
        [watchId, whole(at), storableText(summary), whole(at) - SAME_WARNING_MS],
      );
      if (known !== undefined) return;
      await db.query(
        `insert into opsmedic.watch_warnings (watch_id, began_at, last_at, summary)
         select id, $2, $3, $4 from opsmedic.watches where id = $1 on conflict do nothing`,
        [watchId, whole(since), whole(at), storableText(summary)],
      );
    },
    async warnings({ from, to, watchId }) {
      const rows = await db.query(
        `select watch_id as "watchId", began_at as "beganAt", last_at as "lastAt", summary
         from opsmedic.watch_warnings
         where last_at >= $1 and began_at < $2 and ($3::text is null or watch_id = $3)
         order by began_at, watch_id limit $4`,
        [whole(from), whole(to), watchId ?? null, atMost(1_000)],
      );
      return rowsAs(warningRow, rows, "a warning");
    },
  };
}
