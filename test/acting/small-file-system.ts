// A real file system of a few megabytes, where the machine lets us mount one.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Returns what takes it away again. */
export function mountTmpfs(place: string, options: string): () => void {
  const made = spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", place], { encoding: "utf8" });
  if (made.status !== 0) throw new Error(`cannot mount: ${made.stderr}`);
  return () => {
    spawnSync("umount", ["-l", place]);
  };
}

/** A container without the right to mount skips these. */
export const mountable = canMount();

function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const place = mkdtempSync(join(tmpdir(), "opsmedic-mount-"));
  try {
    mountTmpfs(place, "size=1m")();
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
