// Which files a log source means right now. Bounded: a glob that is too wide finds the first files, not all of a disk.
import { readdir } from "node:fs/promises";
import path from "node:path";
import picomatch from "picomatch";

const FILES_LIMIT = 256;
const ENTRIES_LIMIT = 20_000;
const DEPTH_LIMIT = 8;

/** Absolute paths that match now, sorted. A folder that cannot be listed has no files. */
export async function filesMatching(glob: string): Promise<string[]> {
  const { base, isGlob } = picomatch.scan(glob, { unescape: true });
  if (!isGlob) return [base];
  const matches = picomatch(glob);
  const depth = glob.includes("**") ? DEPTH_LIMIT : segments(glob) - segments(base);
  const found: string[] = [];
  let entries = 0;

  async function walk(folder: string, left: number): Promise<void> {
    const listed = await readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of listed.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (found.length >= FILES_LIMIT || ++entries > ENTRIES_LIMIT) return;
      const whole = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (left > 1) await walk(whole, left - 1);
      } else if (matches(whole)) found.push(whole);
    }
  }
  await walk(base === "" ? "." : base, depth);
  return found;
}

/** The folder whose changes are worth a look. */
export function folderOf(glob: string): string {
  const { base, isGlob } = picomatch.scan(glob, { unescape: true });
  return isGlob ? base || "." : path.dirname(base);
}

function segments(text: string): number {
  return text.split("/").filter((one) => one !== "").length;
}
