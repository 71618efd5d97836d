// Which files some process holds open: a file that is old may still be in use. Linux only; elsewhere nothing is known and
// nothing is kept for it. proc(5), /proc/PID/fd.
import { readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { withinLimit } from "./time-limit.ts";

export interface OpenFiles {
  /** Absolute, of processes that see the mounts that we see. */
  paths: ReadonlySet<string>;
  /** Of processes with mounts of their own, as in a container, where the same file has another path: by idOf. */
  ids: ReadonlySet<string>;
}

/** A dead network mount must not hold up a diagnosis. */
const LIMIT_MS = 1_000;

/** One file of one file system, whatever its path is. */
export const idOf = ({ dev, ino }: { dev: number; ino: number }): string => `${dev}:${ino}`;

/** Of processes that may not be looked at (another user's, where we are not root) nothing is in it. */
export async function openFiles(): Promise<OpenFiles> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const ours = await mountsOf("self");
  const paths = new Set<string>();
  const ids = new Set<string>();
  for (const pid of pids) {
    const isApart = (await mountsOf(pid)) !== ours;
    for (const link of await linksOf(pid)) {
      const path = await readlink(link).catch(() => "");
      if (!path.startsWith("/")) continue;
      if (!isApart) paths.add(path);
      const info = isApart ? await statOf(link) : undefined;
      if (info) ids.add(idOf(info));
    }
  }
  return { paths, ids };
}

async function mountsOf(pid: string): Promise<string> {
  return readlink(`/proc/${pid}/ns/mnt`).catch(() => "");
}

async function linksOf(pid: string): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  return (await readdir(folder).catch(() => [])).map((name) => join(folder, name));
}

/** The link leads to the open file itself, not to what has its path here. */
async function statOf(link: string) {
  return withinLimit(LIMIT_MS, undefined, () => stat(link)).catch(() => undefined);
}
