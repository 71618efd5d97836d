// The machine itself, from /proc and statfs: no child process, well under a millisecond.
// Meaning of the numbers: proc(5), sections /proc/stat and /proc/meminfo.
import { readFileSync } from "node:fs";
import { readFile, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Disk, Host, HostUse } from "./host.ts";
import { withinLimit } from "./time-limit.ts";

export interface LinuxHostSettings {
  /** Mount points to watch; a data folder may stand for the file system it is on. */
  mounts?: readonly string[];
  /** Where the services keep things, asked for anew each time: the disks below are watched for them. */
  places?: () => readonly Place[];
  procFolder?: string;
}

export interface Place {
  service: string;
  path: string;
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
export function makeLinuxHost({
  mounts = ["/"],
  places = () => [],
  procFolder = "/proc",
}: LinuxHostSettings = {}): Host {
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
        diskUse(mounts, places(), signal),
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

interface Found {
  device: number;
  disk: Disk;
}

/** One entry for each file system, under the first name given; what cannot be read is left out. */
async function diskUse(
  mounts: readonly string[],
  places: readonly Place[],
  signal?: AbortSignal,
): Promise<Disk[]> {
  const look = (path: string) => oneDisk(path, signal).catch(() => undefined);
  const shared = await Promise.all(mounts.map(look));
  const byDevice = new Map<number, Disk>();
  for (const found of shared) {
    if (found !== undefined && !byDevice.has(found.device)) byDevice.set(found.device, found.disk);
  }
  const everybodys = new Set(byDevice.keys());
  const paths = [...new Set(places.map((one) => one.path))];
  const own = await Promise.all(paths.map(look));
  for (const [index, found] of own.entries()) {
    if (found === undefined || everybodys.has(found.device)) continue;
    const services = places.filter((one) => one.path === paths[index]).map((one) => one.service);
    const known = byDevice.get(found.device) ?? { ...found.disk, mount: await mountOf(found) };
    byDevice.set(found.device, { ...known, of: [...new Set([...(known.of ?? []), ...services])] });
  }
  return [...byDevice.values()];
}

/** The uppermost folder on the same file system. */
async function mountOf({ device, disk: { mount } }: Found): Promise<string> {
  for (let path = mount; ; ) {
    const above = dirname(path);
    const there = above === path ? undefined : await stat(above).catch(() => undefined);
    if (there?.dev !== device) return path;
    path = above;
  }
}

/** As df counts: blocks kept for root are neither used nor free. */
async function oneDisk(mount: string, signal?: AbortSignal): Promise<Found> {
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
