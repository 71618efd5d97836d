// Health monitor: looks at a service and keeps what was seen lately. It states no symptoms: that is the error
// detector's part.
import type { Clock } from "../domain/clock.ts";
import { HealError, messageOf } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import type { ChangeSignal, LogSignal, Signal } from "../domain/signal.ts";
import type { Host, HostUse } from "../tools/host.ts";
import type { Prober } from "../tools/probe.ts";
import type { PrometheusScraper } from "../tools/prometheus-scrape.ts";
import type { Targets } from "../tools/target.ts";
import { withinLimit } from "../tools/time-limit.ts";
import type { LookIntoDatabase } from "./database-looks.ts";
import { type LastWords, unknownTo } from "./last-words.ts";
import { hostMetrics, resourceMetrics } from "./resource-metrics.ts";
import { makeSignalWindow, type SignalWindow, type WindowLimits } from "./signal-window.ts";
import { makeSources, type SourceStatus } from "./sources.ts";

export interface HealthMonitor {
  /**
   * Looks now (state, resources, every probe, database, changed files), remembers it, and returns the window, with the
   * log lines that nobody has brought yet.
   */
  observe(service: Service, signal?: AbortSignal): Promise<Signal[]>;
  /** Something that arrived by itself: a runtime event, a log line. */
  note(signal: Signal): void;
  /** A source that is read beside the looks (a log that is followed) went down or came back. */
  noteSource(status: SourceStatus): void;
  /** What was seen of a service in the last ten minutes, oldest first. */
  window(service: string): Signal[];
  /** What could not be looked at in the last observe, and why. */
  unseen(service: string): readonly Blind[];
}

/** A part of the look that failed by itself: it says nothing about the service, only that we do not know. */
export interface Blind {
  service: string;
  /** "state", "resources", "metrics http://…", "host", "changes", "inside the database". */
  source: string;
  at: number;
  error: string;
  /** What would help, where it is known. */
  hint?: string;
}

export interface HealthMonitorDeps {
  targets: Targets;
  prober: Prober;
  host: Host;
  clock: Clock;
  metrics?: PrometheusScraper;
  /** What a database says of its inside, beside whether it answers. */
  inside?: LookIntoDatabase;
  /** Files that differ from their last known good version. */
  changes?: (service: Service, signal?: AbortSignal) => Promise<ChangeSignal[]>;
  /** Log lines that are not in the window yet; absent: it holds all that can be had. */
  lastWords?: LastWords;
  onBlind?: (blind: Blind) => void;
  /** Sees each signal before it is remembered, and may add to it: the pattern of a log line. */
  read?: (signal: Signal) => Signal;
  limits?: Partial<WindowLimits>;
  /** Each look at runtime, metrics, files; probes have limits of their own. */
  lookTimeoutMs?: number;
  /** The host is the same for all services: one reading serves all that look within this time. */
  hostEveryMs?: number;
}

/** A follower that has not brought a line by then will not bring it. */
const AHEAD_MS = 30_000;

const defaultLimits: WindowLimits = {
  windowMs: 10 * 60_000,
  observations: 2_000,
  events: 500,
  sources: 200,
  logs: 2_000,
  logChars: 512 * 1024,
  logsPerSecond: 500,
};

export function makeHealthMonitor(deps: HealthMonitorDeps): HealthMonitor {
  const { clock } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const windows = new Map<string, SignalWindow>();
  const unseen = new Map<string, readonly Blind[]>();
  const ahead = new Map<string, readonly LogSignal[]>();
  const sources = makeSources();
  const lookAtHost = shared(deps);

  function note(signal: Signal): void {
    let window = windows.get(signal.service);
    if (window === undefined) {
      window = makeSignalWindow(limits);
      windows.set(signal.service, window);
    }
    window.add(deps.read?.(signal) ?? signal);
  }

  function window(service: string): Signal[] {
    const signals = windows.get(service)?.list(clock.now()) ?? [];
    // A service that is gone (a discovered container was removed) leaves nothing behind.
    if (signals.length === 0) windows.delete(service);
    const words = wordsAhead(service, signals);
    return words.length === 0 ? signals : [...signals, ...words].sort((a, b) => a.at - b.at);
  }

  /** Lines that were read before their follower brought them, until it does. */
  function wordsAhead(service: string, signals: readonly Signal[]): LogSignal[] {
    const words = ahead.get(service);
    if (words === undefined) return [];
    const since = clock.now() - AHEAD_MS;
    const left = unknownTo(signals, words).filter((one) => one.at >= since);
    if (left.length === 0) ahead.delete(service);
    return left;
  }

  const noteSource = (status: SourceStatus): void => {
    for (const one of sources.say([status])) note(one);
  };

  /** What a follower will bring is not noted twice; where none follows, it is noted here. */
  async function withLastWords(
    lastWords: LastWords,
    service: Service,
    seen: Signal[],
    signal: AbortSignal | undefined,
  ): Promise<Signal[]> {
    const { lines, down } = await lastWords.read(service, seen, signal);
    if (lines.length === 0 && down.length === 0) return seen;
    for (const one of down) noteSource(one);
    if (lastWords.followed) ahead.set(service.name, [...(ahead.get(service.name) ?? []), ...lines]);
    else for (const one of lines) note(one);
    return window(service.name);
  }

  return {
    note,
    window,
    noteSource,
    unseen: (service) => unseen.get(service) ?? [],
    async observe(service, signal) {
      const blind: Blind[] = [];
      const onBlind = (one: Blind): void => {
        blind.push(one);
        deps.onBlind?.(one);
      };
      const looks = looksAt(service, deps, lookAtHost);
      const seen = await Promise.all(
        looks.map((look) => lookOnce(look, service, { ...deps, onBlind }, signal)),
      );
      unseen.set(service.name, blind);
      // What was cut off says nothing about the service, and is not remembered.
      signal?.throwIfAborted();
      for (const one of seen.flat()) note(one);
      const back = sources.say(statusesOf(service, looks, blind, clock.now())).filter((one) => one.ok);
      for (const one of [...back, ...sources.down(service.name, clock.now())]) note(one);
      const now = window(service.name);
      return deps.lastWords ? withLastWords(deps.lastWords, service, now, signal) : now;
    },
  };
}

/** How each source did in this look; several probes are one source. */
function statusesOf(
  { name: service }: Service,
  looks: readonly Look[],
  blind: readonly Blind[],
  at: number,
): SourceStatus[] {
  return [...new Set(looks.map((one) => one.source))].map((source) => {
    const failed = blind.find((one) => one.source === source);
    const { error, hint } = failed ?? {};
    return {
      service,
      source,
      ok: !failed,
      text: error ?? "seen",
      at,
      ...(hint !== undefined && { hint }),
    };
  });
}

interface Look {
  source: string;
  /** undefined: the look limits itself. */
  limitMs: number | undefined;
  /** `onUnseen` is told of a part that failed by itself. */
  look: (stop: AbortSignal | undefined, onUnseen: (error: unknown) => void) => Promise<Signal[]>;
}

/** Everything that can be looked at, as independent looks: one that hangs or fails takes none of the others along. */
function looksAt(service: Service, deps: HealthMonitorDeps, lookAtHost: () => Promise<HostUse>): Look[] {
  const { prober, metrics, changes, inside, clock, lookTimeoutMs: limitMs = 10_000 } = deps;
  const target = deps.targets.of(service.name);
  const seen = () => ({ service: service.name, at: clock.now() });
  const looks: Look[] = service.health.map((probe) => ({
    source: "probe",
    limitMs: undefined,
    look: async (stop) => [await prober.probe(service, probe, stop)],
  }));
  const add = (source: string, look: Look["look"]) => looks.push({ source, limitMs, look });
  const { database } = service;
  if (database !== undefined)
    add("database", async (stop) => [await prober.database(service, database, stop)]);
  if (database !== undefined && inside !== undefined) {
    add("inside the database", (stop, onUnseen) => inside(service, stop, onUnseen));
  }
  if (target !== undefined) {
    add("state", async (stop) => [{ kind: "state", ...(await target.state(stop)), ...seen() }]);
    add("resources", async (stop) => resourceMetrics(await target.use(stop), service, clock.now()));
  }
  for (const { prometheus } of metrics === undefined ? [] : service.metrics) {
    add(
      `metrics ${prometheus}`,
      async (stop) => (await metrics?.scrape(service.name, prometheus, stop)) ?? [],
    );
  }
  if (changes !== undefined) add("changes", (stop) => changes(service, stop));
  add("host", async () => hostMetrics(await lookAtHost(), service.name, clock.now()));
  return looks;
}

async function lookOnce(
  { source, limitMs, look }: Look,
  service: Service,
  { clock, onBlind }: HealthMonitorDeps,
  signal: AbortSignal | undefined,
): Promise<Signal[]> {
  const onUnseen = (error: unknown): void => {
    if (signal?.aborted === true) return;
    const hint = error instanceof HealError ? error.hint : undefined;
    onBlind?.({
      service: service.name,
      source,
      at: clock.now(),
      error: messageOf(error),
      ...(hint !== undefined && { hint }),
    });
  };
  const begun = (stop: AbortSignal | undefined): Promise<Signal[]> => look(stop, onUnseen);
  try {
    return limitMs === undefined ? await begun(signal) : await withinLimit(limitMs, signal, begun);
  } catch (error) {
    onUnseen(error);
    return [];
  }
}

/** One reading of the host for everyone who asks within `hostEveryMs`, also while it is being made. */
function shared({ host, clock, hostEveryMs = 2_000 }: HealthMonitorDeps): () => Promise<HostUse> {
  let reading: { at: number; use: Promise<HostUse> } | undefined;
  return () => {
    const now = clock.now();
    if (reading === undefined || now - reading.at >= hostEveryMs) {
      reading = { at: now, use: host.use() };
    }
    return reading.use;
  };
}
