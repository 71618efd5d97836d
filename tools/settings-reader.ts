// Reads the settings out of a file's text, for whoever only looks: evidence, change summaries, pages.
import { editorFor } from "./editors/editors.ts";
import type { Setting } from "./editors/editor.ts";

export type { Setting } from "./editors/editor.ts";

/** undefined when no editor knows the format; HealError "settings-unreadable" when the text is not of its format. */
export function readSettings(path: string, content: string): Setting[] | undefined {
  return editorFor(path)?.settings(content);
}
