// One look at services, now: what the schedule, a check and the command line without a server have in common.
import pLimit from "p-limit";
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Service } from "../domain/service.ts";
import { only, type Signal } from "../domain/signal.ts";
import type { Wired } from "./wire.ts";

/** Looks at the same time: enough for a thousand services in seconds, few enough for the sockets. */
const LOOKS_AT_ONCE = 64;

/** A failed probe is looked at again until a detector makes something of it: the most patient one wants so many answers. */
const MOST_LOOKS = 5;
const PAUSE_MS = 400;

export interface Looked {
  service: Service;
  findings: Finding[];
}

/** Remembers what it finds, for whoever asks how things are. */
export function makeLook({ engine, clock }: Pick<Wired, "engine" | "clock">) {
  const limit = pLimit(LOOKS_AT_ONCE);
  return (services: readonly Service[]): Promise<Looked[]> =>
    limit.map(services, async (service) => {
      let signals: Signal[] = [];
      for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
        const began = clock.now();
        signals = await engine.monitor.observe(service);
        const failed = only(signals, "probe").some((one) => one.at >= began && !one.ok);
        if (!failed || engine.detect(service, signals).some(isSymptom)) break;
        // The second look tells a first failed probe from a service that is down; nobody waits for that.
        if (looks > 1 && looks < MOST_LOOKS) await clock.sleep(PAUSE_MS);
      }
      return { service, findings: engine.judge(service, signals) };
    });
}
