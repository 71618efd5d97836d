// The machine itself, from /proc and statfs: no child process, well under a millisecond.
// Meaning of the numbers: proc(5), sections /proc/stat and /proc/meminfo.
import { readFileSync } from "node:fs";
import { readFile, stat, statfs } from "node:fs/promises";
import type { Host, HostUse } from "./host.ts";
import { withinLimit } from "./time-limit.ts";

export interface LinuxHostSettings {
  /** Mount points to watch; a data folder may stand for the file system it is on. */
  mounts?: readonly string[];
  procFolder?: string;
}

interface CpuTimes {
  busy: number;
  total: number;
}

/** Ticks are 10 ms; a shorter distance than this says nothing about CPU use. */
const SHORTEST_TICKS = 10;
/** A dead network mount must not hold up the others. */
const DISK_LIMIT_MS = 1_000;

/** CPU is the mean between two calls (the first: since makeLinuxHost), so one Host serves one kind of caller. */
export function makeLinuxHost({ mounts = ["/"], procFolder = "/proc" }: LinuxHostSettings = {}): Host {
  let before = cpuTimes(readFileSync(`${procFolder}/stat`, "utf8"));
  let cpu = 0;

  async function cpuUse(): Promise<number> {
    const now = cpuTimes(await readFile(`${procFolder}/stat`, "utf8"));
    const ticks = now.total - before.total;
    if (ticks < SHORTEST_TICKS) return cpu;
    cpu = clamp((now.busy - before.busy) / ticks);
    before = now;
    return cpu;
  }

  return {
    async use(signal): Promise<HostUse> {
      const [cpu, meminfo, disks] = await Promise.all([
        cpuUse(),
        readFile(`${procFolder}/meminfo`, "utf8"),
        diskUse(mounts, signal),
      ]);
      return { cpu, memory: memoryUse(meminfo), disks };
    },
  };
}

/** First line of /proc/stat: user nice system idle iowait irq softirq steal (guest times are part of user). */
export function cpuTimes(stat: string): CpuTimes {
  const times = stat.split("\n", 1)[0]?.trim().split(/\s+/).slice(1, 9).map(Number) ?? [];
  const total = times.reduce((sum, one) => sum + one, 0);
  return { total, busy: total - (times[3] ?? 0) - (times[4] ?? 0) };
}

/** What cannot be given to a new program without swapping: 1 − MemAvailable / MemTotal. */
export function memoryUse(meminfo: string): number {
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(meminfo)?.[1]);
  const total = kilobytes("MemTotal");
  const available = kilobytes("MemAvailable");
  return total > 0 && available >= 0 ? clamp(1 - available / total) : 0;
}

interface Disk {
  device: number;
  disk: HostUse["disks"][number];
}

/** One entry for each file system, under the first name given; what cannot be read is left out. */
async function diskUse(mounts: readonly string[], signal?: AbortSignal): Promise<HostUse["disks"]> {
  const found = await Promise.all(mounts.map((mount) => oneDisk(mount, signal).catch(() => undefined)));
  const byDevice = new Map<number, Disk>();
  for (const disk of found) {
    if (disk !== undefined && !byDevice.has(disk.device)) byDevice.set(disk.device, disk);
  }
  return [...byDevice.values()].map((one) => one.disk);
}

/** As df counts: blocks kept for root are neither used nor free. */
async function oneDisk(mount: string, signal?: AbortSignal): Promise<Disk> {
  const [{ dev }, { blocks, bfree, bavail, files, ffree }] = await withinLimit(DISK_LIMIT_MS, signal, () =>
    Promise.all([stat(mount), statfs(mount)]),
  );
  const used = blocks - bfree;
  const share = used + bavail === 0 ? 0 : clamp(used / (used + bavail));
  const disk = { mount, used: share, ...(files > 0 && { inodes: clamp(1 - ffree / files) }) };
  return { device: dev, disk };
}

function clamp(ratio: number): number {
  return Math.min(1, Math.max(0, ratio));
}
