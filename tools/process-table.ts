// What /proc says about processes: identity, resources, groups. Source: proc(5).
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second of /proc/PID/stat: fixed at 100 on Linux for every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

export interface ProcessFacts {
  pid: number;
  /** Field 22: ticks since boot. With the pid it names a process for good; a reused pid has another. */
  startTicks: string;
  /** Z and X are dead already. */
  alive: boolean;
  parent: number;
  group: number;
  cpuSeconds: number;
  /** Resident set; what is shared with other processes counts in each. */
  memoryBytes: number;
}

/** undefined: there is no such process. */
export function processFacts(pid: number): ProcessFacts | undefined {
  const line = readOrEmpty(`/proc/${pid}/stat`);
  if (line === "") return undefined;
  // The program's name stands in brackets and may contain any character; the fields follow the last one.
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): string => fields[number - 3] ?? "";
  return {
    pid,
    startTicks: field(22),
    alive: !["Z", "X"].includes(field(3)),
    parent: Number(field(4)),
    group: Number(field(5)),
    cpuSeconds: (Number(field(14)) + Number(field(15))) / TICKS_PER_SECOND,
    memoryBytes: Number(field(24)) * PAGE_BYTES,
  };
}

/**
 * Seconds that a process's threads ran, and waited for a processor while they could have run.
 * /proc/PID/task/TID/schedstat: nanoseconds of both. undefined without it.
 */
export function processorTime(pid: number): { ran: number; waited: number } | undefined {
  const time = { ran: 0, waited: 0 };
  for (const thread of threadsOf(pid)) {
    const [ran, waited] = readOrEmpty(`/proc/${pid}/task/${thread}/schedstat`).split(" ").map(Number);
    if (ran === undefined || waited === undefined) return undefined;
    time.ran += ran / 1e9;
    time.waited += waited / 1e9;
  }
  return time;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** Alive, and still the same process that had this start time. */
export function isAlive({ pid, startTicks }: { pid: number; startTicks: string }): boolean {
  const facts = processFacts(pid);
  return facts !== undefined && facts.alive && facts.startTicks === startTicks;
}

/** All living processes of a group, the ones whose parent has gone too. */
export function groupMembers(group: number): ProcessFacts[] {
  return groupProcesses(group).filter((one) => one.alive);
}

/** Those of a group that ended and were not collected, too. */
export function groupProcesses(group: number): ProcessFacts[] {
  return allProcesses().filter((one) => one.group === group);
}

/** A process with all that descend from it, itself first; the living ones. */
export function familyOf(root: number): number[] {
  const children = Map.groupBy(
    allProcesses().filter((one) => one.alive),
    (one) => one.parent,
  );
  const below = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((one) => [one.pid, ...below(one.pid)]);
  return [root, ...below(root)];
}

function allProcesses(): ProcessFacts[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processFacts(Number(name)) ?? []);
}

/** Whether a process was started with this in its environment; false also where it may not be read. */
export function hasInEnvironment(pid: number, assignment: string): boolean {
  return readOrEmpty(`/proc/${pid}/environ`).split("\0").includes(assignment);
}

/** Whether the kernel counts it to a control group whose path names this, as a container's id. */
export function isInControlGroup(pid: number, name: string): boolean {
  return readOrEmpty(`/proc/${pid}/cgroup`).includes(name);
}

/** Memory without counting twice what processes share (PSS); undefined where the kernel does not tell. */
export function proportionalMemory(pid: number): number | undefined {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** How many CPUs the process may run on. */
export function allowedCpus(pid: number): number | undefined {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1];
  return list?.split(",").reduce((sum, range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return sum + last - first + 1;
  }, 0);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
