// Which files some process holds open, by their paths: a file that is old may still be in use. Linux only; elsewhere
// nothing is known and nothing is kept for it. proc(5), /proc/PID/fd.
import { readdir, readlink } from "node:fs/promises";
import { join } from "node:path";

/** Absolute paths. Of processes that may not be looked at (another user's, where we are not root) nothing is in it. */
export async function openPaths(): Promise<ReadonlySet<string>> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const paths = new Set<string>();
  for (const pid of pids) {
    const folder = `/proc/${pid}/fd`;
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      const path = await readlink(join(folder, name)).catch(() => "");
      if (path.startsWith("/")) paths.add(path);
    }
  }
  return paths;
}
