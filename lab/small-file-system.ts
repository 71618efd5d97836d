// A real file system of a few megabytes for tests and the lab, where the machine lets us mount one.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statfsSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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

/** Writes until no more than these bytes are free, and gives the file's path back. */
export function fillBut(place: string, freeBytes: number, name = "others"): string {
  const path = join(place, name);
  const { bavail, bsize } = statfsSync(place);
  appendFileSync(path, Buffer.alloc(Math.max(0, bavail * bsize - freeBytes), 1));
  return path;
}

/** A file of so many bytes that its owner gives up, by its age. */
export function oldExport(place: string, bytes: number): string {
  mkdirSync(join(place, "exports"), { recursive: true });
  const path = join(place, "exports", "old.csv");
  writeFileSync(path, "1;2;3\n".repeat(bytes / 6));
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  return path;
}

/** The rule by which it goes, as in opsmedic.yaml. */
export const exportsGoFrom = (place: string) => ({
  temporary: [{ files: `${place}/exports/**`, olderThan: "7d" }],
});
