// LangGraph's checkpoints live in the one store, in a schema of their own. One saver serves both drivers.
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { PgPoolLike } from "../knowledge/pool-db.ts";

/** `pool` has the shape of pg.Pool, which is all that the saver uses of it. `mayWrite` throws when the run belongs to
 * another process: two that write checkpoints of one run would each undo the other's progress. */
export async function openCheckpointer(
  pool: PgPoolLike,
  mayWrite: (runId: string) => Promise<unknown>,
): Promise<BaseCheckpointSaver> {
  const saver = new PostgresSaver(pool, undefined, {
    schema: "graph",
  });
  await saver.setup();
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

function runOf(config: { configurable?: Record<string, unknown> }): string {
  return String(config.configurable?.["thread_id"]);
}
