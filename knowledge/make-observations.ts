// The stores of observations over one database.
import type { Clock } from "../domain/clock.ts";
import { type JsonObject, jsonObjectSchema } from "../domain/json.ts";
import type { Db } from "./db.ts";
import { addLines, makeLogLines } from "./log-lines.ts";
import { joinPatterns, makeLogPatterns, notePatterns } from "./log-patterns.ts";
import { makeStoredRules } from "./log-rules.ts";
import { makeMetricHistory } from "./metric-history.ts";
import type { LearnedSignals, Observations } from "./observations.ts";
import { whole } from "./rows.ts";
import { jsonParam } from "./storable.ts";
import { makeTakenLogs, savePlaces, saveTaken } from "./taken-logs.ts";

export function makeObservations(db: Db, clock: Clock): Observations {
  return {
    metrics: makeMetricHistory(db),
    patterns: makeLogPatterns(db),
    lines: makeLogLines(db),
    rules: makeStoredRules(db, clock),
    learned: makeLearned(db, clock),
    taken: makeTakenLogs(db),
    saveLogs: ({ patterns, counts, joined, lines, taken, places }) =>
      db.transaction(async (tx) => {
        await saveTaken(tx, taken, clock);
        await notePatterns(tx, patterns, counts);
        await addLines(tx, lines);
        await joinPatterns(tx, joined);
        await savePlaces(tx, places);
      }),
    async prune({ metrics, logs }) {
      const gone = [
        await remove(db, "metric_points where at < $1", metrics),
        await remove(db, "log_pattern_counts where at < $1", logs),
        await remove(db, "log_patterns where last_seen < $1", logs),
        await remove(db, "log_lines where at < $1", logs),
        await remove(db, "log_rule_counts where at < $1", logs),
      ];
      await db.query(
        `delete from opsmedic.metric_series s
         where not exists (select 1 from opsmedic.metric_points p where p.series = s.id)`,
      );
      return gone.reduce((sum, one) => sum + one, 0);
    },
  };
}

async function remove(db: Db, what: string, before: number): Promise<number> {
  const rows = await db.query<{ removed: number }>(
    `with gone as (delete from opsmedic.${what} returning 1) select count(*)::int as removed from gone`,
    [whole(before)],
  );
  return rows[0]?.removed ?? 0;
}

function makeLearned(db: Db, clock: Clock): LearnedSignals {
  return {
    async save(name: string, state: JsonObject) {
      await db.query(
        `insert into opsmedic.learned_signals (name, state, saved_at) values ($1, $2, $3)
         on conflict (name) do update set state = excluded.state, saved_at = excluded.saved_at`,
        [name, jsonParam(state), whole(clock.now())],
      );
    },
    /** What does not fit any more is learned anew. */
    async read(name) {
      const [row] = await db.query<{ state: unknown }>(
        "select state from opsmedic.learned_signals where name = $1",
        [name],
      );
      const parsed = jsonObjectSchema.safeParse(row?.state);
      return parsed.success ? parsed.data : undefined;
    },
  };
}
