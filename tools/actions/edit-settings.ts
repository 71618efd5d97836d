// edit-settings: several values in several files, all or none. Every new text is made before the first file is written;
// where one cannot be written, those before it are put back at once. After a crash in between, the world tells which
// files are still to do.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Action, ActionContext, Captured, CapturedFile } from "../action.ts";
import { equal } from "../editors/editor.ts";
import { needFiles, stale } from "./checked.ts";
import { editSchema, edited, type Edit, shownValue, valueIfAny, valueIn } from "./edit-setting.ts";
import { needEditor } from "../editors/editors.ts";

const paramsSchema = z.strictObject({
  edits: z
    .array(editSchema)
    .min(1)
    .max(20)
    .refine(
      (edits) => new Set(edits.map(({ path, pointer }) => `${path}\n${pointer}`)).size === edits.length,
      "a setting stands in it twice",
    ),
});
type Params = z.infer<typeof paramsSchema>;

export const editSettings: Action<Params> = {
  name: "edit-settings",
  summary:
    "Changes settings in several of the service's files, all of them or none, and nothing else in them",
  undoes: "gives the files back as they were, byte for byte",
  class: "configuration",
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  wouldBe: (params, captured) =>
    captured.files.map((file) => ({ path: file.path, content: wanted(params, file) })),
  async capture(params, context) {
    const files: CapturedFile[] = [];
    for (const path of pathsOf(params)) {
      const file = await present(path, context);
      wanted(params, file);
      files.push(file);
    }
    return { state: null, files };
  },
  async apply(params, captured, context) {
    needCaptured(captured);
    const due = await filesDue(params, captured, context);
    await writeAll(
      due.map((one) => ({ ...one.now, content: one.text })),
      due.map((one) => one.now),
      context,
    );
    return due.length === 0
      ? "the settings are as wanted already"
      : `changed ${due.map((one) => one.now.path).join(", ")}`;
  },
  async verify(params, _captured, context) {
    const different: string[] = [];
    for (const edit of params.edits) {
      const value = valueIn(edit, textOf(await present(edit.path, context)));
      if (!equal(value, edit.to)) different.push(`${edit.pointer} in ${edit.path} is ${shownValue(value)}`);
    }
    const ok = different.length === 0;
    return { ok, text: ok ? `${params.edits.length} settings are as wanted` : different.join("; ") };
  },
  async undo(params, captured, context) {
    needCaptured(captured);
    const back: CapturedFile[] = [];
    const as: CapturedFile[] = [];
    for (const before of captured.files) {
      const now = await presentOrNot(before.path, context);
      const content = contentToPutBack(params, before, now);
      if (now.content === content && now.mode === before.mode) continue;
      back.push({ ...before, content });
      as.push(now);
    }
    await writeAll(back, as, context);
    return back.length === 0
      ? "the files are as they were"
      : `put ${back.map((one) => one.path).join(", ")} back`;
  },
  async verifyUndo(params, captured, context) {
    needCaptured(captured);
    const different: string[] = [];
    for (const before of captured.files) {
      const now = await presentOrNot(before.path, context);
      if (now.content === before.content && now.mode === before.mode) continue;
      const ours = editsOf(params, before.path);
      const isBack = ours.every((edit) =>
        equal(valueIfAny(edit, now.content ?? "") ?? null, valueIn(edit, textOf(before))),
      );
      if (now.content === null || now.content === before.content || !isBack) different.push(before.path);
    }
    const ok = different.length === 0;
    return { ok, text: ok ? "the files are as they were" : `not as they were: ${different.join(", ")}` };
  },
};

const pathsOf = ({ edits }: Params): string[] => [...new Set(edits.map((one) => one.path))];
const editsOf = ({ edits }: Params, path: string): Edit[] => edits.filter((one) => one.path === path);

/** The new text of a file. HealError "stale-plan" where a value is neither what the plan saw nor what it wants. */
function wanted(params: Params, file: CapturedFile): string {
  return editsOf(params, file.path).reduce((text, edit) => edited(edit, text), textOf(file));
}

/** All are looked at before one is written: what somebody else has changed stops all of them. */
async function filesDue(params: Params, captured: Captured, context: ActionContext) {
  const due: { now: CapturedFile; text: string }[] = [];
  for (const before of captured.files) {
    const now = await present(before.path, context);
    const text = wanted(params, now);
    if (text === now.content) continue;
    if (now.content !== before.content) {
      throw stale(`${before.path} was changed by someone else after the backup`, "diagnose again");
    }
    due.push({ now, text });
  }
  return due;
}

/** All or none: what was written before one that fails is written back. */
async function writeAll(
  to: readonly CapturedFile[],
  from: readonly CapturedFile[],
  context: ActionContext,
): Promise<void> {
  const files = needFiles(context);
  for (const [place, { path, content, mode }] of to.entries()) {
    try {
      await files.write(path, content ?? undefined, mode);
    } catch (error) {
      for (const one of from.slice(0, place).toReversed()) {
        await files.write(one.path, one.content ?? undefined, one.mode).catch(() => undefined);
      }
      throw error;
    }
  }
}

/** As edit-setting does it for one: byte for byte where only this action changed the file, else each value alone. */
function contentToPutBack(params: Params, before: CapturedFile, now: CapturedFile): string {
  const captured = textOf(before);
  const ours = [captured, wanted(params, before)];
  if (now.content === null || ours.includes(now.content)) return captured;
  return editsOf(params, before.path).reduce((text, edit) => {
    const [original, value] = [valueIn(edit, captured), valueIfAny(edit, text)];
    if (value !== undefined && equal(value, original)) return text;
    if (value !== undefined && equal(value, edit.to)) {
      return needEditor(edit.path).edit(text, edit.pointer, original);
    }
    throw new HealError(`${edit.pointer} in ${edit.path} was changed by someone else since`, {
      code: "undo-conflict",
      hint: "decide by hand; the backup has the file as it was",
    });
  }, now.content);
}

function needCaptured({ files }: Captured): void {
  if (files.length > 0) return;
  throw new HealError("the backup of edit-settings holds no file", { code: "captured-unreadable" });
}

async function present(path: string, context: ActionContext): Promise<CapturedFile> {
  const file = await presentOrNot(path, context);
  if (file.content !== null) return file;
  throw stale(`there is no file ${path} any more`, "diagnose again, or restore the file's last good version");
}

async function presentOrNot(path: string, context: ActionContext): Promise<CapturedFile> {
  const file = await needFiles(context).read(path);
  return { path, content: file?.content ?? null, mode: file?.mode ?? 0 };
}

function textOf({ content }: CapturedFile): string {
  return content ?? "";
}
