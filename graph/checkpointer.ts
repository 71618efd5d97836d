// LangGraph's checkpoints live in the one store, in a schema of their own. One saver serves both drivers.
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { PgPoolLike } from "../knowledge/pool-db.ts";
import { sqlStateOf } from "../knowledge/store-errors.ts";

/** There already: a row, a schema, a table, a column, a type. */
const MADE_MEANWHILE = new Set(["23505", "42P06", "42P07", "42701", "42710"]);
/** Each time, another one has got further: there are fewer steps than this. */
const MOST_TRIES = 20;

/** `pool` has the shape of pg.Pool, which is all that the saver uses of it. `mayWrite` throws when the run belongs to
 * another process: two that write checkpoints of one run would each undo the other's progress. */
export async function openCheckpointer(
  pool: PgPoolLike,
  mayWrite: (runId: string) => Promise<unknown>,
): Promise<BaseCheckpointSaver> {
  const saver = new PostgresSaver(pool, undefined, {
    schema: "graph",
  });
  await makeTables(saver);
  const put = saver.put.bind(saver);
  const putWrites = saver.putWrites.bind(saver);
  saver.put = async (config, ...rest) => {
    await mayWrite(runOf(config));
    return put(config, ...rest);
  };
  saver.putWrites = async (config, ...rest) => {
    await mayWrite(runOf(config));
    return putWrites(config, ...rest);
  };
  return saver;
}

/** Of two that make the tables in an empty database at once, one fails at what the other has made, and goes on there. */
async function makeTables(saver: PostgresSaver): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await saver.setup();
    } catch (error) {
      if (tries === MOST_TRIES || !MADE_MEANWHILE.has(sqlStateOf(error) ?? "")) throw error;
    }
  }
}

function runOf(config: { configurable?: Record<string, unknown> }): string {
  return String(config.configurable?.["thread_id"]);
}
