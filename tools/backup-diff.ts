// What changed between two states of files, as a unified patch that a person (and `patch`) reads.
import { createTwoFilesPatch } from "diff";
import type { CapturedFile } from "./action.ts";
import type { BackupDiff } from "./backup.ts";

type Seen = Pick<CapturedFile, "path" | "content">;

/** One patch for each file that differs, sorted by path; a file missing on one side, or null there, is /dev/null. */
export function diffOf(before: readonly Seen[], after: readonly Seen[]): BackupDiff {
  const old = new Map(before.map((file) => [file.path, file.content]));
  const now = new Map(after.map((file) => [file.path, file.content]));
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths.flatMap((path) => {
    const [from, to] = [old.get(path) ?? null, now.get(path) ?? null];
    return from === to ? [] : [{ path, patch: patchOf(path, from, to) }];
  });
}

function patchOf(path: string, from: string | null, to: string | null): string {
  return createTwoFilesPatch(
    from === null ? "/dev/null" : `a/${path}`,
    to === null ? "/dev/null" : `b/${path}`,
    from ?? "",
    to ?? "",
    undefined,
    undefined,
    { context: 3 },
  );
}
