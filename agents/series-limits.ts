// What a number may reach before it is a trouble: where the detectors begin to call it critical, and a disk when full.
import type { Thresholds } from "../domain/policy.ts";
import type { Service } from "../domain/service.ts";
import type { SeriesName } from "../knowledge/observations.ts";

/** undefined where nothing limits it. Shares are ratios, latency milliseconds. */
export function limitOf(
  { name, measuredOn }: SeriesName,
  service: Pick<Service, "health"> | undefined,
  thresholds: Thresholds,
): number | undefined {
  switch (name) {
    case "cpu":
    case "memory": // also what a cache may hold, which the server itself limits
      return thresholds[name];
    case "disk":
    case "connections": // a share of what the server accepts
      return 1;
    case "latency":
      return latencyLimit(measuredOn, service, thresholds);
    default:
      return undefined;
  }
}

/** The owner's own limit for this check, where it is the stricter one. */
export function latencyLimit(
  probe: string,
  service: Pick<Service, "health"> | undefined,
  { latencyMs }: Thresholds,
): number {
  const own = service?.health.find((one) => one.kind === "http" && probe === `http ${one.url}`);
  return Math.min(latencyMs, own?.expect.maxMs ?? Infinity);
}
