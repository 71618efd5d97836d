// Db over anything shaped like pg.Pool; both drivers use it, so that they cannot differ.
import { AsyncLocalStorage } from "node:async_hooks";
import type pg from "pg";
import { HealError } from "../domain/errors.ts";
import type { Db, Queryable } from "./db.ts";
import { asStoreError } from "./store-errors.ts";

/** What the checkpointer and the queue are given. On PGlite an adapter of that shape (pglite-pool.ts). */
export type PgPoolLike = pg.Pool;

/** BullMQ's own SQL is unqualified; everything of ours names its schema. */
export const defaultSearchPath = "bullmq,public";

const dropped = (): void => undefined;

type Session = Pick<pg.PoolClient, "query">;

async function run<Row extends object>(
  session: Session,
  sql: string,
  params?: readonly unknown[],
): Promise<Row[]> {
  try {
    const result: pg.QueryResult | pg.QueryResult[] = await session.query(sql, params && [...params]);
    const last = Array.isArray(result) ? result.at(-1) : result;
    return (last?.rows ?? []) as Row[];
  } catch (error) {
    throw asStoreError(error);
  }
}

/** `db.query` inside the work of a transaction would wait for that transaction for ever on one session. */
function refuseInside(open: { done: boolean } | undefined): void {
  if (open === undefined || open.done) return;
  throw new HealError("A query was sent past the transaction that is open around it.", {
    code: "store-nested",
    hint: "Use the `tx` given to the work, not the Db; transactions do not nest.",
  });
}

/** `close` ends whatever stands behind the pool. */
export function makePoolDb(pool: PgPoolLike, close: () => Promise<void>): Db {
  const around = new AsyncLocalStorage<{ done: boolean }>();
  return {
    async query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]> {
      refuseInside(around.getStore());
      return run<Row>(pool, sql, params);
    },
    async transaction(work) {
      refuseInside(around.getStore());
      const state = { done: false };
      try {
        return await around.run(state, () => inTransaction(pool, work));
      } finally {
        state.done = true;
      }
    },
    async alone(sql, settings) {
      refuseInside(around.getStore());
      await borrowed(pool, async (client, spoilt) => {
        for (const [name, value] of Object.entries(settings))
          await run(client, "select set_config($1, $2, false)", [name, value]);
        try {
          await run(client, sql);
        } finally {
          for (const name of Object.keys(settings)) await client.query(`reset ${name}`).catch(spoilt);
        }
      });
    },
    close,
  };
}

/** A session that `work` calls spoilt is ended instead of given back. */
async function borrowed<T>(
  pool: PgPoolLike,
  work: (client: pg.PoolClient, spoilt: (why: Error) => void) => Promise<T>,
): Promise<T> {
  const client = await pool.connect().catch((error: unknown) => {
    throw asStoreError(error);
  });
  // Without a listener a connection that drops while it is borrowed would end the process.
  client.on("error", dropped);
  let broken: Error | undefined;
  try {
    return await work(client, (why) => (broken = why));
  } finally {
    client.removeListener("error", dropped);
    client.release(broken);
  }
}

function inTransaction<T>(pool: PgPoolLike, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return borrowed(pool, async (client, spoilt) => {
    try {
      await run(client, "begin");
      const result = await work({ query: (sql, params) => run(client, sql, params) });
      await commit(client);
      return result;
    } catch (error) {
      await client.query("rollback").catch(spoilt);
      throw error;
    }
  });
}

/** PostgreSQL answers COMMIT of a failed transaction with a silent ROLLBACK; that must not look like success. */
async function commit(client: Session): Promise<void> {
  try {
    const { command } = await client.query("commit");
    if (command === "COMMIT") return;
  } catch (error) {
    throw asStoreError(error);
  }
  throw new HealError(
    "The transaction was rolled back: a statement in it failed and its error was swallowed.",
    {
      code: "store-rolled-back",
      hint: "Let errors of `tx.query` reach the transaction.",
    },
  );
}
