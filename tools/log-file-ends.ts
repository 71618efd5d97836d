// The ends of log files that nobody follows: what was written to them lately, for one who looks only now.
import { filesMatching } from "./log-file-glob.ts";
import { makeByteLines } from "./log-file-lines.ts";
import { openRegular } from "./log-file-reader.ts";

export interface FileEnd {
  path: string;
  /** Whole lines, oldest first. */
  lines: string[];
  /** Where reading goes on. */
  position: number;
}

/** Enough for the last few thousand lines. */
const END_BYTES = 1024 * 1024;
const LONGEST_LINE = 32_000;

/**
 * Of every file that the glob means: at most its last megabyte, or what came after the position where an earlier reading
 * stopped; no line where it was not written to since `since` (Unix ms). What cannot be read is left out, and named.
 */
export async function endsOf(
  glob: string,
  { since, positions = new Map() }: { since: number; positions?: ReadonlyMap<string, number> },
): Promise<{ ends: FileEnd[]; unreadable: { path: string; error: unknown }[] }> {
  const ends: FileEnd[] = [];
  const unreadable: { path: string; error: unknown }[] = [];
  for (const path of await filesMatching(glob)) {
    try {
      ends.push(await endOf(path, since, positions.get(path)));
    } catch (error) {
      unreadable.push({ path, error });
    }
  }
  return { ends, unreadable };
}

async function endOf(path: string, since: number, before: number | undefined): Promise<FileEnd> {
  const { handle, stats } = await openRegular(path);
  try {
    if (stats.mtimeMs < since) return { path, lines: [], position: stats.size };
    // A file that is shorter than it was has begun anew.
    const goesOn = before !== undefined && before <= stats.size;
    const from = Math.max(stats.size - END_BYTES, goesOn ? before : 0);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(stats.size - from),
      0,
      stats.size - from,
      from,
    );
    const cutter = makeByteLines(LONGEST_LINE, from > 0 && from !== before);
    const lines: string[] = [];
    cutter.push(buffer.subarray(0, bytesRead), (text) => lines.push(text));
    return { path, lines, position: from + bytesRead - cutter.pending() };
  } finally {
    await handle.close();
  }
}
