// The trace: every node's start, end and error is appended to the store, the log and the live stream. Nodes
// themselves don't log. A node that runs twice leaves two traces: that is what happened.
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Json } from "../domain/json.ts";
import type { Runs, StepRecord } from "../knowledge/records.ts";

export interface TraceParts {
  runs: Runs;
  clock: Clock;
  /** Told of every step after it is in the store. */
  onStep: (runId: string, service: string, step: StepRecord) => void;
}

export type Trace = ReturnType<typeof makeTrace>;

export function makeTrace({ runs, clock, onStep }: TraceParts) {
  async function append(
    about: { runId: string; service: string },
    step: Omit<StepRecord, "seq">,
  ): Promise<void> {
    const seq = await runs.appendStep(about.runId, step);
    onStep(about.runId, about.service, { seq, ...step });
  }

  return {
    append,
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
        const update = await work();
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
