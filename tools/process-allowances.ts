// What the kernel allows the processes of a service, and how much of it is taken: open files, threads.
// Source: proc(5), Documentation/admin-guide/cgroup-v2 (pids.current, pids.max).
import { readdirSync, readFileSync } from "node:fs";
import type { Allowance, ResourceUse } from "./target.ts";

type Allowances = Pick<ResourceUse, "openFiles" | "threads">;

/** Of the process that is nearest its limit; what may not be read is left out. */
export function allowancesOf(pids: readonly number[]): Allowances {
  const files = nearest(pids.flatMap((one) => openFilesOf(one) ?? []));
  const threads = nearest([...new Set(pids.flatMap((one) => pidsGroupOf(one) ?? []))].flatMap(inGroup));
  return {
    ...(files !== undefined && { openFiles: files }),
    ...(threads !== undefined && { threads }),
  };
}

function nearest(all: readonly Allowance[]): Allowance | undefined {
  return all.toSorted((a, b) => b.used / b.limit - a.used / a.limit)[0];
}

/** undefined: another user's process, or gone. */
export function openFilesOf(pid: number): Allowance | undefined {
  try {
    const used = readdirSync(`/proc/${pid}/fd`).length;
    const limit = Number(
      /^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1] ?? 0,
    );
    return limit > 0 ? { used, limit } : undefined;
  } catch {
    return undefined;
  }
}

/** The control group whose tasks are counted together: "/" has no limit of its own. */
function pidsGroupOf(pid: number): string | undefined {
  const lines = readOrEmpty(`/proc/${pid}/cgroup`).split("\n");
  const of = (head: RegExp, root: string) => {
    const path = lines.find((one) => head.test(one))?.replace(head, "");
    return path === undefined || path === "/" ? undefined : `${root}${path}`;
  };
  return of(/^\d+:[^:]*\bpids\b[^:]*:/, "/sys/fs/cgroup/pids") ?? of(/^0::/, "/sys/fs/cgroup");
}

function inGroup(folder: string): Allowance[] {
  const limit = Number(readOrEmpty(`${folder}/pids.max`).trim() || "max"); // "max": none
  const used = Number(readOrEmpty(`${folder}/pids.current`).trim() || Number.NaN);
  return Number.isFinite(limit) && limit > 0 && Number.isFinite(used) ? [{ used, limit }] : [];
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
