// Which log events from outside were taken, and how far their sources were read. Written in the transaction that stores
// what the events said (make-observations.ts), so that neither is ever known without the other.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import { jsonSchema } from "../domain/json.ts";
import type { Db, Queryable } from "./db.ts";
import type { LogPlace, TakenLogs } from "./observations.ts";
import { int8, rowsAs, whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";

/** Any number will do, as long as it stays the same. */
const BATCH_LOCK = 7_203_114_513;

const idsRow = z.object({ id: int8, ids: z.instanceof(Uint8Array) });
const placeRow = z.object({ place: jsonSchema });

export function makeTakenLogs(db: Db): TakenLogs {
  return {
    async place(source) {
      const rows = await db.query("select place from opsmedic.log_places where source = $1", [source]);
      return rowsAs(placeRow, rows, "a place in a log source")[0]?.place;
    },
    async since(after, most) {
      const rows = await db.query(
        `select id, ids from (
           select id, ids, sum(events) over (order by id desc) as newer
           from opsmedic.log_event_ids where id > $1) as batch
         where newer <= $2 order by id`,
        [after, most],
      );
      const batches = rowsAs(idsRow, rows, "ids of log events");
      return { last: batches.at(-1)?.id ?? after, ids: batches.flatMap(({ ids }) => numbersOf(ids)) };
    },
    async tidy({ olderThan, most }) {
      await db.query(
        `delete from opsmedic.log_event_ids where at < $1 or id <= (
           select max(id) from (
             select id, sum(events) over (order by id desc) as newer from opsmedic.log_event_ids) as batch
           where newer > $2)`,
        [whole(olderThan), most],
      );
      // The embedded store has nobody who would do it by itself, and these tables change all the time.
      await db.query(
        `vacuum opsmedic.log_event_ids, opsmedic.log_places, opsmedic.log_patterns, opsmedic.log_pattern_counts`,
      );
    },
  };
}

/** In the order of their ids, also for those who read on from the last one: batches are written one after another. */
export async function saveTaken(
  tx: Queryable,
  ids: readonly number[],
  clock: Pick<Clock, "now">,
): Promise<void> {
  if (ids.length === 0) return;
  await tx.query("select pg_advisory_xact_lock($1::bigint)", [BATCH_LOCK]);
  await tx.query("insert into opsmedic.log_event_ids (at, events, ids) values ($1, $2, $3)", [
    whole(clock.now()),
    ids.length,
    Buffer.from(Float64Array.from(ids).buffer),
  ]);
}

/** Whoever lost the lease meanwhile no longer moves the place. */
export async function savePlaces(tx: Queryable, places: readonly LogPlace[]): Promise<void> {
  for (const { source, token, place } of places) {
    await tx.query(
      `insert into opsmedic.log_places as p (source, token, place) values ($1, $2, $3::jsonb)
       on conflict (source) do update set token = excluded.token, place = excluded.place
       where p.token <= excluded.token`,
      [source, token, jsonParam(place)],
    );
  }
}

function numbersOf(bytes: Uint8Array): number[] {
  // A copy, since eight bytes must begin at a multiple of eight.
  return [...new Float64Array(Uint8Array.from(bytes).buffer)];
}
