// Outages: which incidents are one. A dependant's incident is part of that of the service at fault, never of one that
// is a part itself: where the cause of a cause is found, all of it moves there.
import type { Queryable } from "./db.ts";
import { whole } from "./rows.ts";

/** Of the service at fault: its open incident, its last one where that was handed to a person, or the one that was
 * open when the symptom began. */
const OF_CAUSE = `select c.id from opsmedic.incidents c
  where c.service = $1 and (c.status = 'ACTIVE' or c.closed_at >= $2 or (c.status = 'ESCALATED'
    and not exists (select 1 from opsmedic.incidents n where n.service = c.service and n.ordinal > c.ordinal)))
  order by (c.status = 'ACTIVE') desc, c.ordinal desc limit 1`;

/** null: the trouble is the incident's own service's. `since`: begin of its symptoms. */
export async function blame(tx: Queryable, id: string, cause: string | null, since: number): Promise<void> {
  await takeTurns(tx);
  const [found] = cause === null ? [] : await tx.query<{ id: string }>(OF_CAUSE, [cause, whole(since)]);
  const root = found && (await rootOf(tx, found.id));
  await tx.query("update opsmedic.incidents set cause = $2 where id = $1", [id, cause]);
  // In a circle each may blame the other: the first stays at the head.
  await join(tx, [id], root === id ? undefined : root);
}

/** Dependants that were seen earlier than their cause join its incident, now that it is open. */
export async function adopt(tx: Queryable, id: string, service: string): Promise<void> {
  await takeTurns(tx);
  const root = await rootOf(tx, id);
  const waiting = await tx.query<{ id: string }>(
    `select i.id from opsmedic.incidents i left join opsmedic.incidents p on p.id = i.part_of
     where i.cause = $1 and i.status = 'ACTIVE' and i.id <> $2 and p.status is distinct from 'ACTIVE'`,
    [service, root],
  );
  await join(
    tx,
    waiting.map((one) => one.id),
    root,
  );
}

/** Joining changes several incidents: two at once could make parts of parts. */
async function takeTurns(tx: Queryable): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('opsmedic.outages', 0))");
}

/** What it is part of, unless that is over; else itself. */
async function rootOf(tx: Queryable, id: string): Promise<string> {
  const [parent] = await tx.query<{ id: string }>(
    `select p.id from opsmedic.incidents i join opsmedic.incidents p on p.id = i.part_of
     where i.id = $1 and p.status <> 'RESOLVED'`,
    [id],
  );
  return parent?.id ?? id;
}

async function join(tx: Queryable, ids: readonly string[], root: string | undefined): Promise<void> {
  if (ids.length === 0) return;
  await tx.query("update opsmedic.incidents set part_of = $2 where id = any($1::text[])", [
    ids,
    root ?? null,
  ]);
  if (root === undefined) return;
  await tx.query("update opsmedic.incidents set part_of = $2 where part_of = any($1::text[])", [ids, root]);
}
