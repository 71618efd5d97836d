// The last word on each outside log source, and who is to hear of it: the services that are seen through it, where they
// are known, or else whoever watches the server.
import type { LogSourceStatus } from "../agents/log-follower.ts";
import type { Clock } from "../domain/clock.ts";
import type { LogEvent } from "../tools/log-sources/log-source.ts";
import { FOLLOWING, type SourceStatus } from "../tools/log-sources/source-status.ts";
import type { OutsideLogs } from "./config.ts";

export interface OutsideStatusParts {
  logs: OutsideLogs;
  isService: (name: string) => boolean;
  onSource: (status: LogSourceStatus) => void;
  onNews: (status: SourceStatus) => void;
  clock: Pick<Clock, "now">;
}

interface Source {
  name: string;
  service?: string;
}

interface Known {
  status: LogSourceStatus;
  /** Whose lines came from it, as far as they are configured. */
  services: Set<string>;
  /** It was read up to this time; unknown until it was asked. */
  readTo?: number;
}

const NOT_YET = "not read yet";
const ELSEWHERE = "read by another process";

export function makeOutsideStatus({ logs, isService, onSource, onNews, clock }: OutsideStatusParts) {
  const known = new Map<string, Known>();
  for (const { name, service = "" } of [...logs.pulled, ...logs.syslog]) {
    known.set(name, {
      status: { service, source: name, ok: true, text: NOT_YET, at: clock.now() },
      services: new Set(service === "" ? [] : [service]),
    });
  }

  function say({ name }: Source, { ok, text, at, hint }: Omit<SourceStatus, "source">): void {
    const one = known.get(name);
    if (!one || (one.status.ok === ok && one.status.text === text)) return;
    const was = one.status.ok;
    const { hint: _, ...rest } = one.status;
    one.status = { ...rest, ok, text, at, ...(hint !== undefined && { hint }) };
    const services = [...one.services].filter(isService);
    for (const service of services) onSource({ ...one.status, service });
    if (services.length === 0 && was !== ok) onNews({ source: name, ok, text, at });
  }

  const well = (source: Source, text: string): void => say(source, { ok: true, text, at: clock.now() });

  return {
    all: (): LogSourceStatus[] =>
      [...known.values()].map(({ status, readTo }) => ({
        ...status,
        ...(readTo !== undefined && { lagMs: clock.now() - readTo }),
      })),
    /** This process is about to read it: what was said before is over. */
    begins: (source: Source) => well(source, NOT_YET),
    /** Another process reads it: how that goes is known there. */
    waits(source: Source): void {
      delete known.get(source.name)?.readTo;
      well(source, ELSEWHERE);
    },
    say,
    lag(source: Source, lagMs: number): void {
      const one = known.get(source.name);
      if (one === undefined) return;
      one.readTo = clock.now() - lagMs;
      if (one.status.ok && one.status.text === NOT_YET) well(source, FOLLOWING);
    },
    received({ name }: Source, events: readonly LogEvent[]): void {
      const one = known.get(name);
      if (!one) return;
      for (const { service } of events) if (isService(service)) one.services.add(service);
      const latest = events.reduce((most, { ts }) => Math.max(most, ts), one.status.lastEventAt ?? 0);
      if (latest > 0) one.status = { ...one.status, lastEventAt: latest };
    },
  };
}
