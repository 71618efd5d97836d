// Which editor knows a file, by its name.
import { HealError } from "../../domain/errors.ts";
import { shown } from "../file-errors.ts";
import type { Editor } from "./editor.ts";
import { envEditor } from "./env-editor.ts";
import { jsonEditor } from "./json-editor.ts";
import { pythonEditor } from "./python-editor.ts";
import { javascriptEditor, tsxEditor, typescriptEditor } from "./script-editor.ts";
import { tomlEditor } from "./toml-editor.ts";
import { yamlEditor } from "./yaml-editor.ts";

export const editors: readonly Editor[] = [
  jsonEditor,
  yamlEditor,
  envEditor,
  tomlEditor,
  javascriptEditor,
  typescriptEditor,
  tsxEditor,
  pythonEditor,
];

/** undefined when no editor knows the format. */
export function editorFor(path: string): Editor | undefined {
  return editors.find((editor) => editor.handles(path));
}

/** HealError "settings-unsupported" when no editor knows the format. */
export function needEditor(path: string): Editor {
  const editor = editorFor(path);
  if (editor !== undefined) return editor;
  throw new HealError(`no editor knows the format of ${shown(path)}`, {
    code: "settings-unsupported",
    hint: "settings are changed in .json, .jsonc, .yaml, .yml, .env, .toml, .js, .ts and .py files",
  });
}
