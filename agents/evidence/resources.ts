// What the service and its machine use right now: CPU, memory, disk.
import { only } from "../../domain/signal.ts";
import { type Look, numberParam, type Observer, percent, seen, signalsOf, unseen } from "./observer.ts";

const MEGABYTE = 1024 * 1024;
/** Numbers move in small steps: a memory limit by half of itself at most. */
const LIMIT_STEP = 1.5;

const cpuNow: Observer = async (look) => {
  const cpu = lastMetric(look, "cpu") ?? (await look.use())?.cpu;
  return cpu === undefined ? unseen("no CPU use was measured") : seen(cpu, `CPU at ${percent(cpu)}`);
};

const memoryNow: Observer = async (look) => {
  const use = await look.use();
  const share = use?.memoryLimitBytes ? use.memoryBytes / use.memoryLimitBytes : lastMetric(look, "memory");
  return share === undefined
    ? unseen("no memory use was measured")
    : seen(share, `memory at ${percent(share)}`);
};

/** The limit, with a higher one where the owner allows one; null where the limit is the highest that is allowed. */
const memoryLimit: Observer = async (look) => {
  const limit = await limitBytes(look);
  if (limit === undefined) return unseen("no memory limit is known");
  const most = look.scene.service.limits.maxMemoryBytes;
  if (most === undefined)
    return seen(
      { value: limit },
      `limit ${megabytes(limit)}, and its owner allows no other (limits.maxMemory)`,
    );
  const proposed = Math.min(Math.round((limit * LIMIT_STEP) / MEGABYTE) * MEGABYTE, most);
  if (proposed <= limit) return seen(null, `limit ${megabytes(limit)}, the most that is allowed`);
  return seen({ value: limit, proposed }, `limit ${megabytes(limit)}, may have ${megabytes(proposed)}`);
};

const hostMemory: Observer = async ({ parts, signal }) => {
  const use = await parts.host?.use(signal);
  return use
    ? seen(use.memory, `the machine's memory at ${percent(use.memory)}`)
    : unseen("no machine is watched");
};

const diskUsage: Observer = async (look) => {
  const all = (await look.parts.host?.use(look.signal))?.disks ?? [];
  // The machine's own: one on which only some services keep things is a volume of theirs ("volume-use").
  const disks = all.filter((one) => one.of === undefined);
  const told = look.scene.findings.find((one) => one.kind === "disk")?.facts;
  const fullest = disks.toSorted((a, b) => b.used - a.used)[0];
  if (fullest) {
    return seen(
      { value: fullest.used, mount: fullest.mount },
      `${fullest.mount} at ${percent(fullest.used)}`,
    );
  }
  const used = told?.["used"];
  return typeof used === "number" ? seen(used, `a disk at ${percent(used)}`) : unseen("no disk was measured");
};

export const resources: Record<string, Observer> = {
  "cpu-now": cpuNow,
  "memory-now": memoryNow,
  "memory-limit": memoryLimit,
  "host-memory": hostMemory,
  "disk-usage": diskUsage,
};

// A sample of this look's window is as good as a new one, which would be taken over a shorter time.
function lastMetric(look: Look, name: "cpu" | "memory"): number | undefined {
  const since = look.scene.now - numberParam(look.params, "freshMs", 60_000);
  return only(signalsOf(look), "metric").findLast(
    (one) => one.name === name && one.of === "service" && one.at >= since,
  )?.value;
}

/** The limit that is set, also of what does not run; only where the runtime does not tell it, what was measured. */
async function limitBytes(look: Look): Promise<number | undefined> {
  const use = await look.use();
  if (use?.memoryLimitBytes !== undefined) return use.memoryLimitBytes;
  const described = (await look.described())?.["memoryLimitBytes"];
  if (typeof described === "number") return described;
  const told = look.scene.findings.find((one) => one.kind === "oom-killed")?.facts["limitBytes"];
  const measured = only(signalsOf(look), "metric").findLast(
    (one) => one.name === "memory-bytes" && one.limit !== undefined,
  );
  return typeof told === "number" ? told : measured?.limit;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / MEGABYTE)} MB`;
}
