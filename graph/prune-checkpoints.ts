// Checkpoints of runs that retention has removed: nobody can resume or read them any more.
import type { Db } from "../knowledge/db.ts";

const BATCH = 200;

/**
 * Removes the checkpoints of runs that are no longer in the store, and returns of how many. A run is stored before its
 * first checkpoint, so one that has just begun is safe. Small batches: nothing waits behind a long statement.
 */
export async function pruneCheckpoints(db: Db): Promise<number> {
  const [place] = await db.query<{ known: boolean }>(
    "select to_regclass('graph.checkpoints') is not null as known",
  );
  if (place?.known !== true) return 0;
  for (let all = 0; ; ) {
    const removed = await db.transaction(async (tx) => {
      const gone = await tx.query<{ id: string }>(
        `select distinct thread_id as id from graph.checkpoints c
         where not exists (select 1 from opsmedic.runs r where r.id = c.thread_id) limit ${BATCH}`,
      );
      const ids = [gone.map(({ id }) => id)];
      for (const table of ["checkpoint_writes", "checkpoint_blobs", "checkpoints"])
        await tx.query(`delete from graph.${table} where thread_id = any($1::text[])`, ids);
      return gone.length;
    });
    all += removed;
    if (removed < BATCH) return all;
  }
}
