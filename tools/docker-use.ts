// CPU and memory of a container. One sample a call (the engine's own two-sample mode takes a second); the share
// comes from the sample before.
import { z } from "zod";
import type { Clock } from "../domain/clock.ts";
import type { ContainerInfo, Engine } from "./docker-engine.ts";
import type { ResourceUse } from "./target.ts";

const statsSchema = z.object({
  cpu_stats: z.object({
    cpu_usage: z.object({ total_usage: z.number() }),
    online_cpus: z.number().optional(),
  }),
  memory_stats: z.object({
    usage: z.number().default(0),
    stats: z
      .object({ total_inactive_file: z.number().optional(), inactive_file: z.number().optional() })
      .default({}),
  }),
});

export function makeUseReader({ engine, clock }: { engine: Engine; clock: Clock }) {
  let last: { instance: string; at: number; cpuNs: number } | undefined;

  return async function readUse(info: ContainerInfo, signal?: AbortSignal): Promise<ResourceUse> {
    const raw = await engine.call(
      "stats",
      () => engine.docker.getContainer(info.Id).stats({ stream: false, "one-shot": true }),
      signal,
    );
    const { cpu_stats: cpu, memory_stats: memory } = statsSchema.parse(raw);
    const at = clock.now();
    const instance = `${info.Id}:${info.State.StartedAt}`;
    const startedAt = Date.parse(info.State.StartedAt);
    const before = last?.instance === instance ? last : { at: Math.min(startedAt, at - 1), cpuNs: 0 };
    last = { instance, at, cpuNs: cpu.cpu_usage.total_usage };
    const cores = (cpu.cpu_usage.total_usage - before.cpuNs) / 1e6 / Math.max(at - before.at, 1);
    // Cache that the kernel can drop at once is not use (cgroup v1: total_inactive_file, v2: inactive_file).
    const droppable = memory.stats.total_inactive_file ?? memory.stats.inactive_file ?? 0;
    return {
      cpu: Math.max(cores, 0) / allowedCores(info, cpu.online_cpus ?? 1),
      memoryBytes: Math.max(memory.usage - droppable, 0),
      ...(info.HostConfig.Memory && { memoryLimitBytes: info.HostConfig.Memory }),
    };
  };
}

function allowedCores(
  { HostConfig: { NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0 } }: ContainerInfo,
  online: number,
): number {
  if (NanoCpus > 0) return NanoCpus / 1e9;
  return CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : online;
}
