// Last changes: when each service was started or had a file changed last, so that what is new since then can be told.
import type { Clock } from "../domain/clock.ts";
import type { Signal } from "../domain/signal.ts";

export interface LastChange {
  at: number;
  /** "a start", "a change of config/app.yaml" */
  what: string;
}

export interface LastChanges {
  note(signal: Signal): void;
  /** The change after which something first came; undefined where there was none, or everything is as old. */
  before(service: string, firstSeen: number): LastChange | undefined;
}

/** What comes later after a change than this is not blamed on it. */
const SOON_MS = 3_600_000;
/** What this process saw first in its own first minutes may be as old as the world. */
const LEARNING_MS = 10 * 60_000;
const MOST_OF_A_SERVICE = 20;

export function makeLastChanges(clock: Pick<Clock, "now">): LastChanges {
  const began = clock.now();
  const changes = new Map<string, Map<string, LastChange>>();

  function add(service: string, key: string, change: LastChange): void {
    const own = changes.get(service) ?? new Map<string, LastChange>();
    changes.set(service, own);
    if (own.has(key)) return;
    if (own.size >= MOST_OF_A_SERVICE) own.delete(own.keys().next().value ?? "");
    own.set(key, change);
  }

  return {
    note(signal) {
      const { service } = signal;
      if (signal.kind === "change") {
        const { path, at, summary } = signal;
        add(service, `${path} ${summary}`, { at, what: `a change of ${path}` });
      }
      if (signal.kind === "state" && signal.startedAt !== undefined) {
        add(service, `start ${signal.startedAt}`, { at: signal.startedAt, what: "a start" });
      }
    },
    before(service, firstSeen) {
      const known = [...(changes.get(service)?.values() ?? [])].filter(
        ({ at }) => at <= firstSeen && firstSeen - at < SOON_MS && at - began > LEARNING_MS,
      );
      return known.toSorted((a, b) => b.at - a.at)[0];
    },
  };
}
