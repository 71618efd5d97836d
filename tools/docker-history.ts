// What the engine announced about a container lately: remembered as it happens, asked for again when it is not.
// State.OOMKilled is false again after an automatic restart, and why a container ended is nowhere but here.
import type { Clock } from "../domain/clock.ts";
import type { DockerApi } from "./docker-engine.ts";
import { type DockerEvent, engineTime, readEvents } from "./docker-event-stream.ts";

export interface ContainerHistory {
  /** From whoever follows the event stream. */
  note(event: DockerEvent): void;
  /**
   * Events of a container since a time, oldest first. Asks the engine, whose memory is short, as well.
   * `waitMs`: how long to wait for what is just being announced.
   */
  since(
    id: string,
    from: number,
    options: { waitMs?: number; signal?: AbortSignal | undefined },
  ): Promise<DockerEvent[]>;
}

const KEPT_ACTIONS = new Set(["die", "oom", "start", "stop", "kill"]);
const KEPT_EACH = 100;
const KEPT_CONTAINERS = 1_000;
const REPLAY_LIMIT_MS = 3_000;

export function makeContainerHistory({ api, clock }: { api: DockerApi; clock: Clock }): ContainerHistory {
  const kept = new Map<string, DockerEvent[]>();

  function note(event: DockerEvent): void {
    if (event.action === "destroy") kept.delete(event.id);
    if (!KEPT_ACTIONS.has(event.action)) return;
    const events = kept.get(event.id) ?? [];
    if (events.some((one) => one.nano === event.nano && one.action === event.action)) return;
    // Set anew, so that the map's order is the order of use and the longest quiet one goes first.
    kept.delete(event.id);
    kept.set(
      event.id,
      [...events, event].toSorted((a, b) => (BigInt(a.nano) < BigInt(b.nano) ? -1 : 1)).slice(-KEPT_EACH),
    );
    for (const id of kept.keys()) {
      if (kept.size <= KEPT_CONTAINERS) break;
      kept.delete(id);
    }
  }

  async function replay(id: string, from: number, waitMs: number, signal?: AbortSignal): Promise<void> {
    const limit = AbortSignal.timeout(REPLAY_LIMIT_MS);
    const question = { container: id, since: engineTime(from), until: engineTime(clock.now() + waitMs) };
    await readEvents(api, question, note, signal ? AbortSignal.any([signal, limit]) : limit);
  }

  return {
    note,
    async since(id, from, { waitMs = 0, signal }) {
      // An engine without an answer to this is asked for the state as well; that failure is the one to report.
      await replay(id, from, waitMs, signal).catch(() => signal?.throwIfAborted());
      return (kept.get(id) ?? []).filter((one) => one.at >= from);
    },
  };
}
