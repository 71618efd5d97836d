// restore-files: gives files the content they had while the service was well. What that content is, is captured too,
// so that applying after a crash does the same, whatever was kept as good in between.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Action, ActionContext, Captured, CapturedFile } from "../action.ts";
import type { FileHistory } from "../backup.ts";
import { needFiles, stale, stateOf } from "./checked.ts";

const paramsSchema = z.strictObject({
  /** Of the file history: what the plan was made for. */
  version: z.string().min(1).max(100),
  paths: z
    .array(z.string().min(1).max(1_024))
    .min(1)
    .max(50)
    .refine((paths) => new Set(paths).size === paths.length, "a path stands in it twice"),
});
type Params = z.infer<typeof paramsSchema>;
type WantedFile = z.infer<typeof fileSchema>;

const fileSchema = z.object({ path: z.string(), content: z.string().nullable(), mode: z.number() });
const stateSchema = z.object({ version: z.string(), wanted: z.array(fileSchema) });

export const RESTORE_FILES = "restore-files";

export function makeRestoreFiles(history: FileHistory): Action<Params> {
  return {
    name: RESTORE_FILES,
    summary: "Gives files the content they had while the service was last well",
    undoes: "gives the files back as they were before, byte for byte, and removes those that did not exist",
    class: "configuration",
    effect: "reversible",
    risk: "medium",
    params: paramsSchema,
    downtimeMs: () => 0,

    wouldBe: (_params, captured) => wantedIn(captured),
    async capture(params, context) {
      const wanted = await goodFiles(history, params, context);
      const files = await Promise.all(params.paths.map((path) => present(path, context)));
      return { state: { version: params.version, wanted }, files };
    },
    async apply(_params, captured, context) {
      const changed = await moveFiles(captured.files, wantedIn(captured), "stale-plan", context);
      return changed.length === 0 ? "the files are as they were then" : `restored ${changed.join(", ")}`;
    },
    verify: (_params, captured, context) => compare(wantedIn(captured), context),
    async undo(_params, captured, context) {
      const changed = await moveFiles(wantedIn(captured), captured.files, "undo-conflict", context);
      return changed.length === 0 ? "the files are as they were" : `put back ${changed.join(", ")}`;
    },
    verifyUndo: (_params, captured, context) => compare(captured.files, context),
  };
}

async function goodFiles(
  history: FileHistory,
  { version, paths }: Params,
  { service }: ActionContext,
): Promise<WantedFile[]> {
  const good = await history.lastGood(service.name);
  if (good?.version !== version) {
    throw stale(`${version} is not the last good version of ${service.name}'s files`, "diagnose again");
  }
  const byPath = new Map(good.files.map((file) => [file.path, file]));
  return paths.map((path) => byPath.get(path) ?? { path, content: null, mode: 0 });
}

function wantedIn(captured: Captured): CapturedFile[] {
  return stateOf(stateSchema, "restore-files", captured.state).wanted;
}

async function present(path: string, context: ActionContext): Promise<CapturedFile> {
  const file = await needFiles(context).read(path);
  return { path, content: file?.content ?? null, mode: file?.mode ?? 0 };
}

/**
 * Each file goes from one known state to the other; one that is there already is left alone, and one that is in neither
 * was changed by someone else, so nothing at all is written.
 */
async function moveFiles(
  from: readonly CapturedFile[],
  to: readonly CapturedFile[],
  conflict: "stale-plan" | "undo-conflict",
  context: ActionContext,
): Promise<string[]> {
  const due: CapturedFile[] = [];
  for (const wanted of to) {
    const now = await present(wanted.path, context);
    if (same(now, wanted)) continue;
    const expected = from.find((file) => file.path === wanted.path);
    if (now.content !== wanted.content && now.content !== expected?.content)
      throw changedSince(wanted, conflict);
    due.push(wanted);
  }
  for (const { path, content, mode } of due) {
    await needFiles(context).write(path, content ?? undefined, mode);
  }
  return due.map((file) => file.path);
}

async function compare(wanted: readonly CapturedFile[], context: ActionContext) {
  const different: string[] = [];
  for (const file of wanted) {
    if (!same(await present(file.path, context), file)) different.push(file.path);
  }
  const ok = different.length === 0;
  return { ok, text: ok ? `${wanted.length} files are as wanted` : `not as wanted: ${different.join(", ")}` };
}

function same(one: CapturedFile, other: CapturedFile): boolean {
  return one.content === other.content && (one.content === null || one.mode === other.mode);
}

function changedSince({ path }: CapturedFile, code: "stale-plan" | "undo-conflict"): HealError {
  return new HealError(`${path} was changed by someone else meanwhile`, {
    code,
    hint: "look at the change, then diagnose again or decide by hand; the backup has the file as it was",
  });
}
