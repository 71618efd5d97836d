// Keeps a syslog door open: a port that is taken is reported and tried again, messages that found no room are told.
import { HealError, messageOf } from "../../domain/errors.ts";
import { makeSourceBreaker } from "./source-breaker.ts";
import { SourceError } from "./source-error.ts";
import { FOLLOWING, type SourceStatus, statusReporter } from "./source-status.ts";
import { listenSyslog, type SyslogListener, type SyslogSettings } from "./syslog.ts";

export interface FollowSyslogSettings extends Omit<SyslogSettings, "onLost"> {
  onStatus?: (status: SourceStatus) => void;
  /** Called when it listens, with the address that senders use. */
  onListening?: (listener: SyslogListener) => void;
}

/** Resolves when aborted; never rejects. */
export async function followSyslog(settings: FollowSyslogSettings, signal: AbortSignal): Promise<void> {
  const { clock, onListening } = settings;
  const report = statusReporter({ ...settings, source: settings.name });
  const breaker = makeSourceBreaker();
  while (!signal.aborted) {
    try {
      const listener = await listenSyslog({
        ...settings,
        onLost: ({ over, count }) =>
          over
            ? report(true, `following again; ${count} messages found no room and are lost`)
            : report(
                false,
                "messages come faster than they can be stored, and UDP loses what finds no room",
                "Use TCP.",
              ),
      });
      report(true, FOLLOWING);
      onListening?.(listener);
      await aborted(signal);
      await listener.close();
    } catch (error) {
      const { ms } = breaker.failed(error instanceof SourceError ? error : undefined);
      report(false, messageOf(error), error instanceof HealError ? error.hint : undefined);
      await clock.sleep(ms, signal).catch(() => {});
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
