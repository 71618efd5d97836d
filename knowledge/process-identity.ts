// Who a process is, so that a reused pid is not mistaken for it: pid, start time and where that pid counts.
// Source: proc(5), /proc/PID/stat field 3 (state) and field 22 (start time in clock ticks since boot).
import { readFileSync, readlinkSync } from "node:fs";
import { z } from "zod";

export const processIdentitySchema = z.object({
  pid: z.int().positive(),
  /** null where there is no /proc. */
  startTime: z.string().nullable(),
  /** Boot and pid namespace: elsewhere the same number is another process. */
  scope: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startTime: stat(process.pid)?.startTime ?? null, scope: ownScope() };
}

/** unknown: the process lives in another container or machine and cannot be asked about from here. */
export function livenessOf(identity: ProcessIdentity): "alive" | "dead" | "unknown" {
  if (identity.scope !== ownScope()) return "unknown";
  const now = stat(identity.pid);
  if (identity.startTime === null || (now === undefined && stat(process.pid) === undefined)) {
    return answersSignals(identity.pid) ? "alive" : "dead";
  }
  return now !== undefined && !now.ended && now.startTime === identity.startTime ? "alive" : "dead";
}

function ownScope(): string {
  const boot = orEmpty(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
  return `${boot}/${orEmpty(() => readlinkSync("/proc/self/ns/pid"))}`;
}

function stat(pid: number): { startTime: string; ended: boolean } | undefined {
  const line = orEmpty(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The program's name stands in brackets and may contain any character; the fields follow the last one.
  const [state = "", ...rest] = line.slice(line.lastIndexOf(")") + 2).split(" ");
  const startTime = rest[18];
  return startTime === undefined ? undefined : { startTime, ended: state === "Z" || state === "X" };
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
