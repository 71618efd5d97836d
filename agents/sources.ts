// Sources: what a service is seen through, and which of them are down. One that is down is told again with every look,
// so that it does not fall out of the window of what was seen; one that is back is told once.
import type { SourceSignal } from "../domain/signal.ts";

export interface SourceStatus {
  service: string;
  /** "state", "probe", "log /srv/shop/app.log", "metrics http://…". */
  source: string;
  ok: boolean;
  text: string;
  at: number;
  /** What would help, where it is known. */
  hint?: string;
}

export type Sources = ReturnType<typeof makeSources>;

export function makeSources() {
  const down = new Map<string, Map<string, SourceSignal>>();

  function say({ service, source, ok, text, at, hint }: SourceStatus): SourceSignal[] {
    const ofService = down.get(service) ?? new Map<string, SourceSignal>();
    const before = ofService.get(source);
    if (ok && before === undefined) return [];
    const signal: SourceSignal = {
      kind: "source",
      service,
      source,
      ok,
      at,
      since: ok ? at : (before?.since ?? at),
      ...(!ok && { error: text, ...(hint !== undefined && { hint }) }),
    };
    if (ok) ofService.delete(source);
    else ofService.set(source, signal);
    if (ofService.size === 0) down.delete(service);
    else down.set(service, ofService);
    return [signal];
  }

  return {
    /** What is news of it: that a source is down, or back. */
    say: (statuses: readonly SourceStatus[]): SourceSignal[] => statuses.flatMap(say),
    /** What is down now. */
    down: (service: string, now: number): SourceSignal[] =>
      [...(down.get(service)?.values() ?? [])].map((one) => ({ ...one, at: now })),
  };
}
