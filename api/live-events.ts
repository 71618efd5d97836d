// What happens, told at once to whoever listens in this process: the event stream, the log, the metrics.
import { messageOf } from "../domain/errors.ts";
import type { LiveEvent, LiveEvents } from "./operations.ts";

/** `onError`: told when a listener throws; the other listeners, and who published, are not disturbed by it. */
export function makeLiveEvents(onError: (message: string) => void = () => undefined): LiveEvents {
  const listeners = new Set<{ hear: (event: LiveEvent) => void }>();
  return {
    publish(event) {
      for (const one of listeners) {
        try {
          one.hear(event);
        } catch (error) {
          onError(messageOf(error));
        }
      }
    },
    subscribe(hear) {
      const one = { hear };
      listeners.add(one);
      return () => void listeners.delete(one);
    },
  };
}
