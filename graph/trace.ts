// The trace: every node's start, end and error is appended to the store, the log and the live stream. Nodes
// themselves don't log. A node that runs twice leaves two traces: that is what happened.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import type { Runs, StepRecord } from "../knowledge/records.ts";

export interface TraceParts {
  runs: Runs;
  clock: Clock;
  /** Told of every step after it is in the store. */
  onStep: (runId: string, service: string, step: StepRecord) => void;
  /** Told what goes on within a node; not stored. */
  onProgress?: (at: TracedNode, progress: { step: string; text: string }) => void;
}

export interface TracedNode {
  runId: string;
  service: string;
  node: string;
  agent: string;
}

export type Trace = ReturnType<typeof makeTrace>;

export function makeTrace({ runs, clock, onStep, onProgress }: TraceParts) {
  /** The node in which this line of work goes on, however deep. */
  const within = new AsyncLocalStorage<TracedNode>();

  async function append(
    about: { runId: string; service: string },
    step: Omit<StepRecord, "seq">,
  ): Promise<void> {
    const seq = await runs.appendStep(about.runId, step);
    onStep(about.runId, about.service, { seq, ...step });
  }

  return {
    append,
    here: (): TracedNode | undefined => within.getStore(),
    /** Writes down something that a node did meanwhile; nothing outside of a node. */
    async note(data: Json): Promise<void> {
      const at = within.getStore();
      if (at) {
        const { node, agent } = at;
        await append(at, { node, agent, phase: "note", at: clock.now(), ms: null, data });
      }
    },
    progress(progress: { step: string; text: string }): void {
      const at = within.getStore();
      if (at) onProgress?.(at, progress);
    },
    /** Runs one node between two trace records. */
    async around<T>(
      about: { runId: string; service: string },
      node: string,
      agent: string,
      work: () => Promise<T>,
    ): Promise<T> {
      const at = clock.now();
      await append(about, { node, agent, phase: "start", at, ms: null, data: null });
      try {
        const here = { runId: about.runId, service: about.service, node, agent };
        const update = await within.run(here, work);
        const data = JSON.parse(JSON.stringify(update ?? null, compact)) as Json;
        await append(about, { node, agent, phase: "end", at: clock.now(), ms: clock.now() - at, data });
        return update;
      } catch (error) {
        const data = { message: messageOf(error) };
        await append(about, { node, agent, phase: "error", at: clock.now(), ms: clock.now() - at, data });
        throw error;
      }
    },
  };
}

/** The window of signals is kept once, with the incident; each finding carries the ones it rests on. */
function compact(key: string, value: unknown): unknown {
  return key === "signals" && Array.isArray(value) && value.length > 20 ? `${value.length} signals` : value;
}
