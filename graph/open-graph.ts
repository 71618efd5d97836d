// The graph, opened by who first needs it. Most commands run nothing, and importing LangGraph takes a third of a second
// of processor time: hence no module that they load may import it but as a type.
import type { PgPoolLike } from "../knowledge/pool-db.ts";
import type { BuildParts, HealGraph } from "./build.ts";

export interface GraphParts extends Omit<BuildParts, "checkpointer"> {
  pool: PgPoolLike;
  /** Throws when the run belongs to another process. */
  mayWrite: (runId: string) => Promise<unknown>;
}

/** Looks after the tables of its checkpoints, too. One that could not be opened is tried again by who asks next. */
export type OpenGraph = () => Promise<HealGraph>;

export function makeOpenGraph(parts: GraphParts): OpenGraph {
  let opened: Promise<HealGraph> | undefined;
  return function openGraph() {
    opened ??= open(parts).catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

async function open({ pool, mayWrite, ...parts }: GraphParts): Promise<HealGraph> {
  const [{ buildGraph }, { openCheckpointer }] = await Promise.all([
    import("./build.ts"),
    import("./checkpointer.ts"),
  ]);
  return buildGraph({ ...parts, checkpointer: await openCheckpointer(pool, mayWrite) });
}
