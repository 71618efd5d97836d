// The backup that was taken before anything was touched, and what differs from it.
import type { BackupDiff } from "../../../tools/backup.ts";
import type { RunStory } from "../../operations.ts";
import { many, moment } from "../render/words.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function backup(story: Pick<RunStory, "backup" | "incident">, paint: Paint): Section | undefined {
  if (story.backup === null) {
    const id = story.incident?.backupId ?? null;
    return id === null ? undefined : { heading: "Backup", lines: [`${id}, no longer kept`] };
  }
  const { meta, diff } = story.backup;
  return {
    heading: `Backup ${meta.id}`,
    lines: [`taken ${moment(meta.at)}, ${many(meta.files.length, "file")}`, ...diffLines(diff, paint)],
  };
}

export function diffLines(diff: BackupDiff, paint: Paint): string[] {
  if (diff.length === 0) return ["No file differs."];
  return diff.flatMap(({ patch, path }) => [
    paint("bold", path),
    ...patch
      .trimEnd()
      .split("\n")
      .map((line) => lineLook(line, paint)),
  ]);
}

function lineLook(line: string, paint: Paint): string {
  if (line.startsWith("+++") || line.startsWith("---")) return paint("dim", line);
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("-") ? paint("red", line) : line;
}
