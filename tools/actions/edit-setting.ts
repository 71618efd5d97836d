// edit-setting: one value in one file, from what the plan saw to what it wants. Undo gives the file back byte for byte.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Json } from "../../domain/json.ts";
import type { Action, ActionContext, Captured, CapturedFile } from "../action.ts";
import { needEditor } from "../editors/editors.ts";
import { equal } from "../editors/editor.ts";
import type { ServiceFile } from "../service-files.ts";
import { needFiles, stale } from "./checked.ts";
import { tooLargeStep } from "./small-step.ts";

const scalarSchema = z.union([z.string().max(1_000), z.number(), z.boolean()]);
export const editSchema = z
  .strictObject({
    path: z.string().min(1).max(1_024),
    pointer: z.string().min(1).max(500),
    from: scalarSchema,
    to: scalarSchema,
  })
  .superRefine(({ from, to }, refinement) => {
    const problem = tooLargeStep(from, to);
    if (problem !== undefined) refinement.addIssue({ code: "custom", message: problem, path: ["to"] });
  });
export type Edit = z.infer<typeof editSchema>;
type Params = Edit;

export const editSetting: Action<Params> = {
  name: "edit-setting",
  summary: "Changes one setting in one of the service's files, and nothing else in it",
  undoes: "gives the file back as it was, byte for byte",
  class: "configuration",
  effect: "reversible",
  risk: "medium",
  params: editSchema,
  downtimeMs: () => 0,

  wouldBe: (params, captured) => [{ path: params.path, content: edited(params, contentIn(captured)) }],
  async capture(params, context) {
    const { path, content, mode } = await present(params, context);
    edited(params, content);
    return { state: null, files: [{ path, content, mode }] };
  },
  async apply(params, captured, context) {
    const now = await present(params, context);
    if (equal(valueIn(params, now.content), params.to))
      return `${params.pointer} is ${shownValue(params.to)} already`;
    if (now.content !== contentIn(captured)) {
      throw stale(`${params.path} was changed by someone else after the backup`, "diagnose again");
    }
    await needFiles(context).write(params.path, edited(params, now.content), now.mode);
    return `changed ${params.pointer} in ${params.path} from ${shownValue(params.from)} to ${shownValue(params.to)}`;
  },
  async verify(params, _captured, context) {
    const value = valueIn(params, (await present(params, context)).content);
    return { ok: equal(value, params.to), text: `${params.pointer} is ${shownValue(value)}` };
  },
  async undo(params, captured, context) {
    const files = needFiles(context);
    const before = fileIn(captured);
    const now = await files.read(params.path);
    if (now?.content === before.content && now.mode === before.mode) return "the file is as it was";
    const back = contentToPutBack(params, before, now);
    await files.write(params.path, back, before.mode);
    return back === before.content
      ? `put ${params.path} back as it was`
      : `put ${params.pointer} back; what someone else changed in ${params.path} meanwhile stays`;
  },
  async verifyUndo(params, captured, context) {
    const before = fileIn(captured);
    const now = await needFiles(context).read(params.path);
    if (now === undefined) return { ok: false, text: `${params.path} is gone` };
    if (now.content === before.content) {
      return { ok: now.mode === before.mode, text: `${params.path} is as it was, byte for byte` };
    }
    const value = valueIfAny(params, now.content) ?? null;
    const ok = equal(value, valueIn(params, before.content ?? ""));
    return { ok, text: `${params.pointer} is ${shownValue(value)}` };
  },
};

async function present({ path }: Params, context: ActionContext): Promise<ServiceFile> {
  const file = await needFiles(context).read(path);
  if (file !== undefined) return file;
  throw stale(`there is no file ${path} any more`, "diagnose again, or restore the file's last good version");
}

/** The new text; the same text when the value is `to` already. HealError "stale-plan" when it is neither. */
export function edited(params: Params, content: string): string {
  const value = valueIn(params, content);
  if (!equal(value, params.from) && !equal(value, params.to)) {
    throw stale(
      `${params.pointer} in ${params.path} is ${shownValue(value)}, not ${shownValue(params.from)} as the plan says`,
      "diagnose again: someone changed it meanwhile",
    );
  }
  return needEditor(params.path).edit(content, params.pointer, params.to);
}

/**
 * Byte for byte what was captured, if only this action changed the file; if someone changed other things in it since,
 * only this value goes back. HealError "undo-conflict" when this very value was changed again.
 */
function contentToPutBack(params: Params, before: CapturedFile, now: ServiceFile | undefined): string {
  const captured = before.content ?? "";
  if (now === undefined || now.content === captured || now.content === edited(params, captured))
    return captured;
  const original = valueIn(params, captured);
  const value = valueIfAny(params, now.content);
  if (value !== undefined && equal(value, original)) return now.content;
  if (value !== undefined && equal(value, params.to)) {
    return needEditor(params.path).edit(now.content, params.pointer, original);
  }
  throw new HealError(`${params.pointer} in ${params.path} was changed by someone else since`, {
    code: "undo-conflict",
    hint: "decide by hand; the backup has the file as it was",
  });
}

export function valueIfAny(params: Params, content: string): Json | undefined {
  try {
    return valueIn(params, content);
  } catch {
    return undefined;
  }
}

export function valueIn({ path, pointer }: Params, content: string): Json {
  const found = needEditor(path)
    .settings(content)
    .filter((one) => one.pointer === pointer);
  const [setting] = found;
  if (setting !== undefined && found.length === 1) return setting.value;
  throw stale(`${pointer} stands ${found.length} times in ${path}, not once`, "diagnose again");
}

function fileIn(captured: Captured): CapturedFile {
  const [file] = captured.files;
  if (file !== undefined && file.content !== null) return file;
  throw new HealError("the backup of edit-setting holds no file", { code: "captured-unreadable" });
}

function contentIn(captured: Captured): string {
  return fileIn(captured).content ?? "";
}

export function shownValue(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
