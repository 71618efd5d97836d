// Long work on a table that gives way: as soon as somebody waits for a lock that it holds, it is cancelled.
import { setTimeout as sleep } from "node:timers/promises";
import { HealError } from "../../../domain/errors.ts";
import type { ActionContext } from "../../action.ts";
import type { PostgresConnection } from "./connection.ts";
import { keptConnection } from "./kept-connection.ts";

const LOOK_EVERY_MS = 250;

const waitersSql = "select pid from pg_stat_activity where $1::int = any(pg_blocking_pids(pid)) limit 1";

/** HealError "database-busy" (retryable) where it was cancelled for somebody who waited. */
export async function givingWay<T>(
  { pid }: Pick<PostgresConnection, "pid">,
  context: ActionContext,
  work: () => Promise<T>,
): Promise<T> {
  const ask = keptConnection(context);
  const done = new AbortController();
  let gaveWay = false;
  const watch = async (): Promise<void> => {
    for (;;) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: done.signal });
      const waiters = await ask(waitersSql, [pid]);
      if (waiters.length === 0) continue;
      gaveWay = true;
      await ask("select pg_cancel_backend($1)", [pid]);
    }
  };
  // Who cannot look whether somebody waits does not work on: the limits of its statements hold anyway.
  const watching = watch().catch(() => undefined);
  try {
    return await work();
  } catch (error) {
    if (!gaveWay) throw error;
    throw new HealError("it gave way to a session that waited for the table", {
      code: "database-busy",
      retryable: true,
      hint: "it is tried again in a quieter moment",
      cause: error,
    });
  } finally {
    done.abort();
    await watching;
  }
}
