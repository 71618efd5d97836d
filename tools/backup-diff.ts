// What changed between two states of files, as a unified patch that a person (and `patch`) reads; and the same for whoever
// may look but not know the secrets that stand in the files.
import { createTwoFilesPatch } from "diff";
import { withoutSecrets } from "../domain/mask-secrets.ts";
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

/** Masked before they are compared: the lines around a change may be the middle of a key that is none by its own look. */
export function shownDiffOf(before: readonly Seen[], after: readonly Seen[]): BackupDiff {
  const masked = (files: readonly Seen[]): Seen[] =>
    files.map(({ path, content }) => ({ path, content: content === null ? null : withoutSecrets(content) }));
  const shown = new Map(diffOf(masked(before), masked(after)).map((one) => [one.path, one]));
  return diffOf(before, after).map(
    ({ path }) => shown.get(path) ?? { path, patch: `--- a/${path}\n+++ b/${path}\nOnly secrets differ.\n` },
  );
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
