// Log sources beside the services' own: stores that are asked again and again, each by one process at a time and from
// the place that was stored last, and doors for senders of syslog. Started with the server's other standing work.
import type { LogSourceStatus } from "../agents/log-follower.ts";
import type { Clock } from "../domain/clock.ts";
import { makeOwnServices } from "../graph/own-services.ts";
import type { TakenLogs } from "../knowledge/observations.ts";
import type { Leases } from "../knowledge/records.ts";
import { followSource } from "../tools/log-sources/follow-source.ts";
import { followSyslog } from "../tools/log-sources/follow-syslog.ts";
import { makeIntake } from "../tools/log-sources/intake.ts";
import { type Cursor, cursorSchema, type LogEvent } from "../tools/log-sources/log-source.ts";
import { FOLLOWING, type SourceStatus } from "../tools/log-sources/source-status.ts";
import type { OutsideLogs, PulledLogs, SyslogDoor } from "./config.ts";
import { makeOutsideStatus } from "./outside-status.ts";
import { REMEMBERED, type TakeLogs } from "./take-logs.ts";

export interface OutsideLogsParts {
  logs: OutsideLogs;
  take: Pick<TakeLogs, "take" | "saved">;
  taken: TakenLogs;
  leases: Leases;
  /** Tells this process from others. */
  holder: string;
  leaseMs: number;
  isService: (name: string) => boolean;
  /** A source went down or came back, told once for each service that is seen through it. */
  onSource: (status: LogSourceStatus) => void;
  /** The same of a source of which no service is known. */
  onNews: (status: SourceStatus) => void;
  onError: (source: string, error: unknown) => void;
  clock: Clock;
}

const TIDY_EVERY_MS = 10 * 60_000;
/** Senders do not try again for longer than this. */
const IDS_KEPT_MS = 24 * 3_600_000;

export function makeOutsideLogs(parts: OutsideLogsParts) {
  const { logs, take, taken, leases, holder, leaseMs, clock, onError } = parts;
  const statuses = makeOutsideStatus(parts);
  const reading = new Map<string, AbortController>();
  const own = makeOwnServices({
    leases,
    holder,
    leaseMs,
    kind: "logs",
    onLost: (name, why) => reading.get(name)?.abort(why),
  });

  /** Another process may hold it; where that one ends, this one goes on. */
  async function pull(one: PulledLogs, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const done = await own
        .exclusively(one.name, async () => {
          statuses.begins(one);
          const mine = new AbortController();
          reading.set(one.name, mine);
          await follow(one, AbortSignal.any([signal, mine.signal]));
          // The next reader goes on behind what is counted here.
          await take.saved();
          return true;
        })
        .catch((error: unknown) => onError(one.name, error));
      if (done === undefined) statuses.waits(one);
      await clock.sleep(leaseMs / 3, signal).catch(() => undefined);
    }
  }

  async function follow(one: PulledLogs, signal: AbortSignal): Promise<void> {
    const { name, entry, everyMs, lookBackMs } = one;
    const { pulledSource } = await import("../tools/log-sources/pulled-source.ts");
    const { token } = await own.check(name);
    const placeOf = (cursor: Cursor) => ({ source: name, token, place: cursor });
    let stored = false;
    await followSource(
      {
        source: pulledSource(entry, clock),
        cursors: {
          load: async () => {
            const place = await taken.place(name);
            stored = cursorSchema.safeParse(place).success;
            return place;
          },
          // Stored with the next save of what was counted. Only a beginning is waited for: it lies in nothing yet.
          save: async (_, cursor) => {
            await take.take([], { place: placeOf(cursor) });
            if (!stored) await take.saved();
            stored = true;
          },
        },
        onEvents: (events, next) => take.take(received(one, events), { place: placeOf(next) }),
        onStatus: (status) => statuses.say(one, status),
        onLag: (lagMs) => statuses.lag(one, lagMs),
        clock,
        pollEveryMs: everyMs,
        lookBackMs,
      },
      signal,
    );
  }

  async function listen(door: SyslogDoor, signal: AbortSignal): Promise<void> {
    // Nobody waits for an answer, so nobody has to wait for the store.
    const onEvents = (events: LogEvent[]) => take.take(received(door, events), { once: true });
    const { name, listen: address, serviceField } = door;
    const onStatus = (status: SourceStatus) => statuses.say(door, status);
    await followSyslog(
      {
        name,
        listen: address,
        serviceField,
        intake: makeIntake({ onEvents }),
        clock,
        onStatus,
        onListening: () => statuses.say(door, { ok: true, text: FOLLOWING, at: clock.now() }),
      },
      signal,
    );
  }

  function received(one: PulledLogs | SyslogDoor, events: readonly LogEvent[]): readonly LogEvent[] {
    const { service } = one;
    const named = service === undefined ? events : events.map((event) => ({ ...event, service }));
    statuses.received(one, named);
    return named;
  }

  async function tidy(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(TIDY_EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await taken
        .tidy({ olderThan: clock.now() - IDS_KEPT_MS, most: REMEMBERED })
        .catch((error: unknown) => onError("stored ids", error));
    }
  }

  return {
    /** The last word on each source. */
    sources: statuses.all,
    /** Reads all of them until aborted. Never rejects. */
    async run(signal: AbortSignal): Promise<void> {
      await Promise.all([
        ...logs.pulled.map((one) => pull(one, signal)),
        ...logs.syslog.map((door) => listen(door, signal)),
        tidy(signal),
      ]);
    },
  };
}
