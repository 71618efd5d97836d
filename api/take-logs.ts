// Log events from outside on their way to those who watch: of a configured service like its own log lines; of others
// counted and kept, but nobody's health.
import type { LogSignal, Signal } from "../domain/signal.ts";
import { readLogLine } from "../signals/log-line.ts";
import { cleanText } from "../signals/log-text.ts";
import type { LogEvent } from "../tools/log-sources/log-source.ts";

export interface TakeLogsParts {
  /** Asked once for all events that come together. */
  services: () => ReadonlySet<string>;
  /** The health monitor's door. */
  note: (signal: Signal) => void;
  /** Those who watch over time. */
  observe: (signal: Signal) => void;
}

/** Ids of events that came lately: a sender that got no answer sends again. So many at least, at most twice as many. */
const REMEMBERED = 30_000;
/** Names of services that are not configured come from outside, so they are bounded. */
const MOST_OTHERS = 200;
const OTHERS = "other";

export function makeTakeLogs({ services, note, observe }: TakeLogsParts) {
  const known = new Map<string, (id: string) => boolean>();
  const others = new Set<string>();

  function nameOf(service: string): string {
    if (service === "" || others.has(service)) return service || OTHERS;
    if (others.size >= MOST_OTHERS) return OTHERS;
    others.add(service);
    return service;
  }

  /** Ids are a source's own; sources are as many as are configured. */
  function isNew({ source, rawId }: LogEvent): boolean {
    const isNewThere = known.get(source) ?? makeIsNew(REMEMBERED);
    known.set(source, isNewThere);
    return isNewThere(rawId);
  }

  return function takeLogs(events: readonly LogEvent[]): void {
    const ours = services();
    for (const event of events) {
      if (!isNew(event)) continue;
      if (ours.has(event.service)) note(signalOf(event, event.service));
      else observe(signalOf(event, nameOf(event.service)));
    }
  };
}

/** Two sets in turn: to take the oldest out of one costs more the more were taken out before. */
function makeIsNew(remembered: number): (id: string) => boolean {
  let [now, before] = [new Set<string>(), new Set<string>()];
  return (id) => {
    if (now.has(id) || before.has(id)) return false;
    if (now.size >= remembered) [now, before] = [new Set(), now];
    now.add(id);
    return true;
  };
}

/** The level that the source names, or else the one that the line itself does. */
function signalOf({ ts, source, level, message }: LogEvent, service: string): LogSignal {
  const read = level === "unknown" ? readLogLine(message) : { level, text: cleanText(message) };
  return { kind: "log", service, at: ts, source, text: read.text, level: read.level };
}
