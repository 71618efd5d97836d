// Numbers of the runtime and the host as metric signals. Ratios are of what the service (or the host) may use.
import type { Service } from "../domain/service.ts";
import type { MetricSignal } from "../domain/signal.ts";
import { type HostUse, isDiskOf } from "../tools/host.ts";
import type { Allowance, ResourceUse } from "../tools/target.ts";

/** Nothing when the service does not run. Memory is a ratio only where something limits it. */
export function resourceMetrics(use: ResourceUse | undefined, service: Service, at: number): MetricSignal[] {
  if (use === undefined) return [];
  const limit = lowest(use.memoryLimitBytes, service.limits.maxMemoryBytes);
  const metric = (name: MetricSignal["name"], value: number): MetricSignal => ({
    kind: "metric",
    service: service.name,
    at,
    name,
    value,
    of: "service",
    ...(limit !== undefined && name.startsWith("memory") ? { limit } : {}),
  });
  return [
    metric("cpu", use.cpu),
    metric("memory-bytes", use.memoryBytes),
    ...(limit === undefined ? [] : [metric("memory", use.memoryBytes / limit)]),
    ...nearLimit(metric, "open-files", use.openFiles),
    ...nearLimit(metric, "threads", use.threads),
    ...((use.zombies ?? 0) >= MANY_ZOMBIES ? [metric("zombies", use.zombies ?? 0)] : []),
  ];
}

/** Below these nobody wants to hear of it, and the window keeps its room for what moves. */
const WORTH_TELLING = 0.5;
const MANY_ZOMBIES = 10;

function nearLimit(
  metric: (name: MetricSignal["name"], value: number) => MetricSignal,
  name: MetricSignal["name"],
  allowance: Allowance | undefined,
): MetricSignal[] {
  if (allowance === undefined || allowance.used < allowance.limit * WORTH_TELLING) return [];
  return [{ ...metric(name, allowance.used / allowance.limit), limit: allowance.limit }];
}

function lowest(...limits: (number | undefined)[]): number | undefined {
  const known = limits.filter((one) => one !== undefined && one > 0) as number[];
  return known.length === 0 ? undefined : Math.min(...known);
}

/** `of` is "host", and the mount point for the disks that this service shares with all others or keeps something on. */
export function hostMetrics(
  { cpu, memory, disks: all }: HostUse,
  service: string,
  at: number,
): MetricSignal[] {
  const disks = all.filter((one) => isDiskOf(one, service));
  const metric = (name: MetricSignal["name"], value: number, of: string): MetricSignal => ({
    kind: "metric",
    service,
    at,
    name,
    value,
    of,
  });
  return [
    metric("cpu", cpu, "host"),
    metric("memory", memory, "host"),
    ...disks.map(({ mount, used }) => metric("disk", used, mount)),
    ...disks.flatMap(({ mount, inodes = 0 }) =>
      inodes < WORTH_TELLING ? [] : [metric("inodes", inodes, mount)],
    ),
  ];
}
