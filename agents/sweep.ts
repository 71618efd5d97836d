// A sweep: every service is looked at once, many at a time, so that a thousand services take seconds.
import pLimit from "p-limit";
import type { Service } from "../domain/service.ts";
import type { Signal } from "../domain/signal.ts";
import type { HealthMonitor } from "./health-monitor.ts";

export interface SweepOptions {
  /** How many services are looked at at the same time. */
  concurrency?: number;
  signal?: AbortSignal;
}

/** The window of each service by name, in the order given. Rejects only when aborted. */
export async function sweep(
  monitor: Pick<HealthMonitor, "observe">,
  services: readonly Service[],
  { concurrency = 64, signal }: SweepOptions = {},
): Promise<Map<string, Signal[]>> {
  const limit = pLimit(concurrency);
  const windows = await limit.map(services, async (service) => {
    signal?.throwIfAborted();
    return [service.name, await monitor.observe(service, signal)] as const;
  });
  return new Map(windows);
}
