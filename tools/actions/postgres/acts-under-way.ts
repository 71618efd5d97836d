// A killed opsmedic leaves the server at work on its last statement, until it notices within a second. Whoever looks in
// between, and finds the world as it was, would be overtaken: so the next step waits for the end of it.
import { HealError } from "../../../domain/errors.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { PostgresConnection } from "./connection.ts";

const LOOK_MS = 50;
const PATIENCE_MS = 5_000;

/** What our looks ask begins otherwise. A transaction that has changed something is at work as a whole. */
const underWaySql = `
select from pg_stat_activity where application_name = 'opsmedic' and usename = current_user and datname = current_database()
  and pid <> pg_backend_pid() and state in ('active', 'idle in transaction')
  and lower(query) ~ '^(alter|analyze|comment|create|drop|grant|vacuum|commit)' limit 1`;

/** HealError "database-busy" (retryable): another repair of ours goes on there. */
export async function untilOursAreDone(
  { query }: Pick<PostgresConnection, "query">,
  signal: AbortSignal,
): Promise<void> {
  for (const end = systemClock.now() + PATIENCE_MS; (await query(underWaySql)).length > 0; ) {
    if (systemClock.now() > end) {
      throw new HealError("another repair of opsmedic's is under way in this database", {
        code: "database-busy",
        retryable: true,
        hint: "it is tried again when that one is done",
      });
    }
    await systemClock.sleep(LOOK_MS, signal);
  }
}
