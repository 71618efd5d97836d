// One look at services, now: what the schedule, a check and the command line without a server have in common.
import pLimit from "p-limit";
import type { Finding } from "../domain/finding.ts";
import type { Service } from "../domain/service.ts";
import { only } from "../domain/signal.ts";
import type { Wired } from "./wire.ts";

/** Looks at the same time: enough for a thousand services in seconds, few enough for the sockets. */
const LOOKS_AT_ONCE = 64;

export interface Looked {
  service: Service;
  findings: Finding[];
}

/** Remembers what it finds, for whoever asks how things are. */
export function makeLook({ engine, clock }: Pick<Wired, "engine" | "clock">) {
  const limit = pLimit(LOOKS_AT_ONCE);
  return (services: readonly Service[]): Promise<Looked[]> =>
    limit.map(services, async (service) => {
      const began = clock.now();
      const window = await engine.monitor.observe(service);
      // A second look tells a first failed probe from a service that is down.
      const failed = only(window, "probe").some((one) => one.at >= began && !one.ok);
      const signals = failed ? await engine.monitor.observe(service) : window;
      return { service, findings: engine.judge(service, signals) };
    });
}
