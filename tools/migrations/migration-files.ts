// A service's own migrations as they lie on disk: plain SQL files below one folder, in the order of their names. They are
// read and never written; what is too large, no text, or a link that leads out is named and not read.
import { createHash } from "node:crypto";
import { realpath } from "node:fs/promises";
import { HealError, messageOf } from "../../domain/errors.ts";
import type { MigrationFiles } from "../../domain/service.ts";
import { shown } from "../file-errors.ts";
import { listPaths } from "../file-listing.ts";
import { makeGuardedFiles } from "../guarded-files.ts";
import { makeEditableGlobs } from "../guarded-path.ts";

export interface MigrationFile {
  /** Relative to the folder, with forward slashes. */
  path: string;
  sql: string;
}

export interface MigrationFolder {
  /** In order. */
  files: MigrationFile[];
  /** Those of which nobody knows what they do. */
  unread: { path: string; why: string }[];
}

/** A folder with more is no folder of migrations; and a diagnosis has five seconds for it. */
const MOST_FILES = 2_000;
const MOST_BYTES = 32 * 1024 ** 2;

const names = new Intl.Collator("en", { numeric: true });

/** 9_a.sql comes before 10_b.sql; below zero where `a` comes first. */
export function compareOrder(a: string, b: string): number {
  return names.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

export function hashOf({ sql }: Pick<MigrationFile, "sql">): string {
  return createHash("sha256").update(sql).digest("hex");
}

/** HealError "migrations-unreadable" where there is no such folder, or far too much in it. */
export async function readMigrations(spec: MigrationFiles): Promise<MigrationFolder> {
  const paths = await pathsOf(spec);
  if (paths.length > MOST_FILES)
    throw unreadable(spec, `it has ${paths.length} files, more than ${MOST_FILES}`);
  const guarded = guardedFiles(spec);
  const folder: MigrationFolder = { files: [], unread: [] };
  let bytes = 0;
  for (const path of paths) {
    const read = await guarded.read(path).catch((error: unknown) => inWords(error));
    if (typeof read === "string") folder.unread.push({ path, why: read });
    else if (read !== undefined) folder.files.push({ path, sql: withoutMark(read.content) });
    bytes += typeof read === "object" ? read.content.length : 0;
    if (bytes > MOST_BYTES) throw unreadable(spec, `its files have more than ${MOST_BYTES / 1024 ** 2} MB`);
  }
  return folder;
}

/** HealError "migrations-unreadable" where it is none of the files that the configuration names, or not to be read. */
export async function readMigration(spec: MigrationFiles, path: string): Promise<MigrationFile> {
  const read = await guardedFiles(spec)
    .read(path)
    .catch((error: unknown) => inWords(error));
  if (typeof read === "object") return { path, sql: withoutMark(read.content) };
  throw unreadable(spec, `${shown(path)} ${read ?? "is not there"}`);
}

function guardedFiles({ root, glob }: MigrationFiles) {
  return makeGuardedFiles({ root, editable: [glob], afterEdit: "none" });
}

async function pathsOf(spec: MigrationFiles): Promise<string[]> {
  const { bases, has } = makeEditableGlobs([spec.glob]);
  try {
    return (await listPaths(await realpath(spec.root), bases, has)).toSorted(compareOrder);
  } catch (error) {
    throw unreadable(spec, error instanceof HealError ? "it has far too many names" : messageOf(error));
  }
}

const reasons: Readonly<Record<string, string>> = {
  "file-too-large": "is larger than 1 MB",
  "file-not-text": "is no UTF-8 text",
  "path-outside-root": "is a link that leads out of the folder",
  "path-not-editable": "is no ordinary file of the folder",
  "file-permission": "may not be read by opsmedic",
};

function inWords(error: unknown): string {
  const known = error instanceof HealError ? reasons[error.code] : undefined;
  return known ?? `cannot be read (${messageOf(error)})`;
}

/** Some editors put a byte order mark before the text, which is none of its SQL. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function unreadable({ root }: MigrationFiles, why: string): HealError {
  return new HealError(`the migrations below ${shown(root)} were not read: ${why}`, {
    code: "migrations-unreadable",
    hint: "correct postgres.migrations.files of the service, or mount the folder where opsmedic runs",
  });
}
