// What a container uses: CPU as a share of what it may use, memory without the file cache that the kernel would
// give back. Source: Docker Engine API 1.41, GET /containers/{id}/stats.
import { z } from "zod";
import type { Allowance, ResourceUse } from "./target.ts";

const cpuSchema = z
  .object({
    cpu_usage: z.object({ total_usage: z.number().default(0) }).prefault({}),
    online_cpus: z.number().optional(),
  })
  .prefault({});

export const statsSchema = z.object({
  read: z.string(),
  preread: z.string().default(""),
  cpu_stats: cpuSchema,
  precpu_stats: cpuSchema,
  memory_stats: z
    .object({
      usage: z.number().default(0),
      limit: z.number().optional(),
      stats: z.record(z.string(), z.number()).default({}),
    })
    .prefault({}),
  /** `limit` is the largest number there is where there is none. */
  pids_stats: z.object({ current: z.number().default(0), limit: z.number().default(0) }).prefault({}),
});
export type Stats = z.infer<typeof statsSchema>;

/** One point of a container's CPU clock. */
export interface CpuSample {
  instance: string;
  at: number;
  cpuNs: number;
}

export interface CpuAllowance {
  NanoCpus?: number | undefined;
  CpuQuota?: number | undefined;
  CpuPeriod?: number | undefined;
  CpusetCpus?: string | undefined;
}

export function sampleOf(stats: Stats, instance: string): CpuSample {
  return { instance, at: Date.parse(stats.read), cpuNs: stats.cpu_stats.cpu_usage.total_usage };
}

/** The sample before, which the engine sends along unless asked for one shot. */
export function earlierSampleOf(stats: Stats, instance: string): CpuSample | undefined {
  const at = Date.parse(stats.preread);
  if (Number.isNaN(at) || at <= 0) return undefined;
  return { instance, at, cpuNs: stats.precpu_stats.cpu_usage.total_usage };
}

export function useFrom(
  stats: Stats,
  { now, before }: { now: CpuSample; before: CpuSample | undefined },
  allowance: CpuAllowance & { memoryLimitBytes: number | undefined },
): ResourceUse {
  const elapsedNs = before === undefined ? 0 : (now.at - before.at) * 1e6;
  const cores = before !== undefined && elapsedNs > 0 ? Math.max(0, now.cpuNs - before.cpuNs) / elapsedNs : 0;
  const { usage, stats: details } = stats.memory_stats;
  const { current: threads, limit: mostThreads } = stats.pids_stats;
  const cache = details["total_inactive_file"] ?? details["inactive_file"] ?? 0; // cgroup v1, v2
  return {
    cpu: cores / allowedCpus(allowance, stats.cpu_stats.online_cpus ?? 1),
    memoryBytes: Math.max(0, usage - cache),
    ...(allowance.memoryLimitBytes !== undefined && { memoryLimitBytes: allowance.memoryLimitBytes }),
    ...(isLimit(mostThreads) && { threads: { used: threads, limit: mostThreads } }),
  };
}

export function allowedCpus(
  { NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0, CpusetCpus = "" }: CpuAllowance,
  online: number,
): number {
  const named = CpusetCpus === "" ? online : Math.min(online, countCpus(CpusetCpus));
  const quota = NanoCpus > 0 ? NanoCpus / 1e9 : CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : named;
  return Math.max(Math.min(named, quota), 0.01);
}

/** "0-2,5" are four. */
function countCpus(list: string): number {
  return list.split(",").reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

const isLimit = (count: number): boolean => count > 0 && count < Number.MAX_SAFE_INTEGER;

/** Of several, each number as the one has it that is nearest its limit. */
export function fullest(uses: readonly (ResourceUse | undefined)[]): ResourceUse | undefined {
  const all = uses.flatMap((one) => one ?? []);
  const [most] = all.toSorted((a, b) => memoryShare(b) - memoryShare(a));
  if (most === undefined || all.length === 1) return most;
  const openFiles = nearestLimit(all.flatMap((one) => one.openFiles ?? []));
  const threads = nearestLimit(all.flatMap((one) => one.threads ?? []));
  return {
    ...most,
    cpu: Math.max(...all.map((one) => one.cpu)),
    ...(openFiles && { openFiles }),
    ...(threads && { threads }),
  };
}

/** Without limits the one that uses most. */
const memoryShare = ({ memoryBytes, memoryLimitBytes = Number.MAX_SAFE_INTEGER }: ResourceUse): number =>
  memoryBytes / memoryLimitBytes;

const nearestLimit = (all: readonly Allowance[]): Allowance | undefined =>
  all.toSorted((a, b) => b.used / b.limit - a.used / a.limit)[0];
