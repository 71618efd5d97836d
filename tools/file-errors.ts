// What can be wrong with a service's file, in words: what was refused, why, and what would make it work.
import { HealError, messageOf } from "../domain/errors.ts";

/** Settings are small; what is larger is data. Bytes. */
export const largestFile = 1_048_576;

export function outside(path: string, why: string, cause?: unknown): HealError {
  return new HealError(`${shown(path)} was not touched: ${why}`, {
    code: "path-outside-root",
    hint: "name a file inside files.root of the service, without '..' and without links that lead out",
    cause,
  });
}

export function notEditable(path: string, why: string): HealError {
  return new HealError(`${shown(path)} was not touched: ${why}`, {
    code: "path-not-editable",
    hint: "add it to files.editable of the service if fixes may change it",
  });
}

/** A path as it may stand in a message: no control characters, not endless. */
export function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

export function trouble(path: string, error: unknown): HealError {
  if (error instanceof HealError) return error;
  const code = codeOf(error) ?? "";
  if (code === "ELOOP" || code === "ENOTDIR")
    return outside(path, "a link or a file stands in its way", error);
  const codes: Record<string, string> = {
    ENOENT: "file-missing",
    EACCES: "file-permission",
    EPERM: "file-permission",
    EROFS: "file-permission",
    ENOSPC: "disk-full",
    EDQUOT: "disk-full",
  };
  return new HealError(`${shown(path)} could not be used: ${messageOf(error)}`, {
    code: codes[code] ?? "file-io",
    retryable: codes[code] === undefined,
    cause: error,
  });
}

export function tooLarge(path: string, bytes: number): HealError {
  return new HealError(
    `${shown(path)} has ${bytes} bytes; files of more than ${largestFile} are left alone`,
    {
      code: "file-too-large",
      hint: "keep settings in a small file, or list it no longer in files.editable",
    },
  );
}

export function tooMany(root: string, most: number): HealError {
  return new HealError(`files.editable covers more than ${most} names below ${shown(root)}`, {
    code: "too-many-files",
    hint: "list the folders that hold settings, such as config/**, rather than **",
  });
}

export function notText(path: string): HealError {
  return new HealError(`${shown(path)} is not UTF-8 text; binary files are left alone`, {
    code: "file-not-text",
  });
}
