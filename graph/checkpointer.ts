// LangGraph's checkpoints live in the one store, in a schema of their own. One saver serves both drivers.
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { PgPoolLike } from "../knowledge/pool-db.ts";

/** `pool` has the shape of pg.Pool, which is all that the saver uses of it. */
export async function openCheckpointer(pool: PgPoolLike): Promise<BaseCheckpointSaver> {
  const saver = new PostgresSaver(pool, undefined, {
    schema: "graph",
  });
  await saver.setup();
  return saver;
}
