// Log events from outside on their way to those who watch: of a configured service like its own log lines; of others
// counted and kept, but nobody's health.
import type { LogSignal, Signal } from "../domain/signal.ts";
import { readLogLine } from "../signals/log-line.ts";
import type { LogEvent } from "../tools/log-sources/log-source.ts";

export interface TakeLogsParts {
  isService: (name: string) => boolean;
  /** The health monitor's door. */
  note: (signal: Signal) => void;
  /** Those who watch over time. */
  observe: (signal: Signal) => void;
}

/** Ids of events that came lately: a sender that got no answer sends again. */
const REMEMBERED = 100_000;
/** Names of services that are not configured come from outside, so they are bounded. */
const MOST_OTHERS = 200;
const OTHERS = "other";

export function makeTakeLogs({ isService, note, observe }: TakeLogsParts) {
  const known = new Set<string>();
  const others = new Set<string>();

  function nameOf(service: string): string {
    if (service === "" || others.has(service)) return service || OTHERS;
    if (others.size >= MOST_OTHERS) return OTHERS;
    others.add(service);
    return service;
  }

  function isNew({ source, rawId }: LogEvent): boolean {
    const id = `${source} ${rawId}`;
    if (known.has(id)) return false;
    known.add(id);
    if (known.size > REMEMBERED) known.delete(known.values().next().value ?? "");
    return true;
  }

  return function takeLogs(events: readonly LogEvent[]): void {
    for (const event of events) {
      if (!isNew(event)) continue;
      if (isService(event.service)) note(signalOf(event, event.service));
      else observe(signalOf(event, nameOf(event.service)));
    }
  };
}

/** The level that the source names, or else the one that the line itself does. */
function signalOf({ ts, source, level, message }: LogEvent, service: string): LogSignal {
  const read = readLogLine(message);
  return {
    kind: "log",
    service,
    at: ts,
    source,
    text: read.text,
    level: level === "unknown" ? read.level : level,
  };
}
