// Health monitor: looks at a service and keeps what was seen lately. It states no symptoms: that is the error
// detector's part.
import type { Service } from "../domain/service.ts";
import type { Signal } from "../domain/signal.ts";

export interface HealthMonitor {
  /** Looks now (state, resources, every probe, database, changed files), remembers it, and returns the window. */
  observe(service: Service, signal?: AbortSignal): Promise<Signal[]>;
  /** Something that arrived by itself: a runtime event, a log line. */
  note(signal: Signal): void;
  /** What was seen of a service in the last ten minutes, oldest first. */
  window(service: string): Signal[];
}
