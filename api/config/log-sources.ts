// From what was written about outside log sources to what reads them.
import { type PulledEntry, sourceName } from "../../tools/log-sources/source-name.ts";
import type { LogSourceInput } from "./log-schema.ts";
import { ms } from "./units.ts";

/** A store that is asked again and again. */
export interface PulledLogs {
  /** What an operator knows it by; the place that was read to belongs to it. Holds no secret. */
  name: string;
  entry: PulledEntry;
  /** All lines belong to this service. */
  service?: string;
  everyMs: number;
  /** How far back it is read the first time. */
  lookBackMs: number;
}

/** A door that senders of syslog find. */
export interface SyslogDoor {
  name: string;
  listen: string;
  service?: string;
  serviceField?: string;
}

export interface OutsideLogs {
  pulled: PulledLogs[];
  syslog: SyslogDoor[];
}

export function toOutsideLogs(inputs: readonly LogSourceInput[]): OutsideLogs {
  const logs: OutsideLogs = { pulled: [], syslog: [] };
  for (const { service, ...input } of inputs) {
    const whose = service === undefined ? {} : { service };
    if (input.type === "syslog") {
      const { listen, serviceField } = input;
      const named = serviceField === undefined ? {} : { serviceField };
      logs.syslog.push({ name: `syslog ${listen}`, listen, ...whose, ...named });
    } else {
      const { every, lookBack, ...rest } = input;
      const entry = withLogin(rest);
      logs.pulled.push({
        name: sourceName(entry),
        entry,
        ...whose,
        everyMs: ms(every),
        lookBackMs: ms(lookBack),
      });
    }
  }
  return logs;
}

type Login = { username?: string | undefined; password?: string | undefined };

/** Sources find user and password in the address. */
function withLogin(input: PulledEntry & Login): PulledEntry {
  const { username, password = "", ...rest } = input;
  if (username === undefined || rest.url === undefined) return rest;
  const url = new URL(rest.url);
  url.username = encodeURIComponent(username);
  url.password = encodeURIComponent(password);
  return { ...rest, url: url.href };
}
