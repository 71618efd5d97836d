// Retention: what is old and finished goes, in small batches so that nothing waits behind a long statement.
// Cases and the audit log stay: they are the memory, and the proof.
import type { Db, Queryable } from "./db.ts";
import { whole } from "./rows.ts";

const BATCH = 200;

export interface Retention {
  /** Removes ended runs (with trace, journal and approvals) and closed incidents from before `olderThan`. */
  pruneRuns(olderThan: number): Promise<{ runs: number; incidents: number }>;
}

export function makeRetention(db: Db): Retention {
  return {
    async pruneRuns(olderThan) {
      const runs = await inBatches(db, (tx) => pruneSomeRuns(tx, whole(olderThan)));
      const incidents = await inBatches(db, (tx) => pruneSomeIncidents(tx, whole(olderThan)));
      return { runs, incidents };
    },
  };
}

async function inBatches(db: Db, prune: (tx: Queryable) => Promise<number>): Promise<number> {
  for (let all = 0; ; ) {
    const removed = await db.transaction(async (tx) => {
      await tx.query("set local opsmedic.retention = 'on'");
      return prune(tx);
    });
    all += removed;
    if (removed < BATCH) return all;
  }
}

/** A run whose journal is unfinished stays: recovery needs it. */
async function pruneSomeRuns(tx: Queryable, olderThan: number): Promise<number> {
  const rows = await tx.query<{ id: string }>(
    `select id from opsmedic.runs r where status = 'ended' and ended_at < $1
       and not exists (select 1 from opsmedic.journal j
         where j.run_id = r.id and j.state in ('captured', 'applying', 'applied', 'undoing'))
     order by ended_at limit ${BATCH} for update skip locked`,
    [olderThan],
  );
  const ids = [rows.map(({ id }) => id)];
  await tx.query("delete from opsmedic.journal where run_id = any($1::text[])", ids);
  await tx.query("delete from opsmedic.approvals where run_id = any($1::text[])", ids);
  await tx.query("delete from opsmedic.runs where id = any($1::text[])", ids);
  return rows.length;
}

async function pruneSomeIncidents(tx: Queryable, olderThan: number): Promise<number> {
  const rows = await tx.query(
    `delete from opsmedic.incidents where id in (
       select id from opsmedic.incidents i where status <> 'ACTIVE' and closed_at < $1
         and not exists (select 1 from opsmedic.runs r where r.incident_id = i.id)
       order by closed_at limit ${BATCH})
     returning id`,
    [olderThan],
  );
  return rows.length;
}
