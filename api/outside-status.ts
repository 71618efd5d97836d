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

  function change({ name }: Source, more: Partial<LogSourceStatus>): void {
    const one = known.get(name);
    if (one) one.status = { ...one.status, ...more };
  }

  function become({ name }: Source, text: string): void {
    const one = known.get(name);
    if (!one || one.status.text === text) return;
    const { hint: _, ...rest } = one.status;
    one.status = { ...rest, ok: true, text, at: clock.now() };
  }

  return {
    all: (): LogSourceStatus[] => [...known.values()].map(({ status }) => status),
    waiting: (source: Source) => become(source, ELSEWHERE),
    lag(source: Source, lagMs: number): void {
      const { ok, text } = known.get(source.name)?.status ?? {};
      if (ok && (text === NOT_YET || text === ELSEWHERE)) become(source, FOLLOWING);
      change(source, { lagMs });
    },
    received({ name }: Source, events: readonly LogEvent[]): void {
      const one = known.get(name);
      if (!one) return;
      for (const { service } of events) if (isService(service)) one.services.add(service);
      const latest = events.reduce((most, { ts }) => Math.max(most, ts), one.status.lastEventAt ?? 0);
      if (latest > 0) one.status = { ...one.status, lastEventAt: latest };
    },
    say({ name }: Source, status: SourceStatus): void {
      const one = known.get(name);
      if (!one) return;
      const was = one.status.ok;
      const { hint: _, ...rest } = one.status;
      const { ok, text, at, hint } = status;
      one.status = { ...rest, ok, text, at, ...(hint !== undefined && { hint }) };
      for (const service of one.services) onSource({ ...one.status, service });
      if (one.services.size === 0 && was !== ok) onNews(status);
    },
  };
}
