// An editor knows one file format: which settings a text holds, where each value stands, and how to write another
// value there. Everything else in the file stays byte for byte as it was.
import { HealError, messageOf } from "../../domain/errors.ts";
import { canonicalJson, type Json } from "../../domain/json.ts";

export interface Setting {
  /** Readable path: "retry.delayMs", "UPSTREAM_DELAY", 'levels["app.http"]'. */
  pointer: string;
  value: Json;
  /** UTF-16 offsets of the value in the text, quotes included. */
  start: number;
  end: number;
  /** Why this value cannot be changed alone (an alias, a block of text), where it cannot. */
  locked?: string;
}

export interface Editor {
  handles(path: string): boolean;
  /** In the order of the text. HealError "settings-unreadable" when the text is not of this format. */
  settings(content: string): Setting[];
  /**
   * The text with this one value changed. HealError "setting-not-found", "setting-ambiguous", "setting-locked",
   * or "edit-refused" when anything but the value would change.
   */
  edit(content: string, pointer: string, to: Json): string;
}

export type ScalarValue = string | number | boolean | null;

/** What a format has to bring; makeEditor adds the rules that hold for all of them. */
export interface Format {
  name: string;
  handles(path: string): boolean;
  /** May throw anything on bad input. The text comes without a byte order mark. */
  find(text: string): Setting[];
  /** The text of `to` in the style of the old text; undefined when the format cannot express it there. */
  render(to: ScalarValue, old: { text: string; value: Json }): string | undefined;
}

const byteOrderMark = "\uFEFF";

export function makeEditor(format: Format): Editor {
  const settings = (content: string) => readAll(format, content);
  return {
    handles: (path) => format.handles(path),
    settings,
    edit(content, pointer, to) {
      const before = settings(content);
      const setting = theOne(before, pointer);
      if (equal(setting.value, to)) return content;
      const text = rendered(format, content, setting, to);
      const after = content.slice(0, setting.start) + text + content.slice(setting.end);
      assertOnlyChange(before, readAfter(format, after, pointer), pointer, to);
      return after;
    },
  };
}

function readAll(format: Format, content: string): Setting[] {
  const shift = content.startsWith(byteOrderMark) ? 1 : 0;
  try {
    const found = format.find(content.slice(shift));
    return found.map((one) => ({ ...one, start: one.start + shift, end: one.end + shift }));
  } catch (error) {
    throw new HealError(`the text could not be read as ${format.name}: ${firstLine(messageOf(error))}`, {
      code: "settings-unreadable",
      hint: "correct the file by hand, or restore its last good version",
      cause: error,
    });
  }
}

function theOne(settings: readonly Setting[], pointer: string): Setting {
  const [found, ...more] = settings.filter((one) => one.pointer === pointer);
  if (found === undefined) {
    throw new HealError(`there is no setting ${pointer} in the file`, {
      code: "setting-not-found",
      hint: `settings there: ${settings
        .slice(0, 20)
        .map((one) => one.pointer)
        .join(", ")}`,
    });
  }
  if (more.length > 0) {
    throw new HealError(`${pointer} stands ${more.length + 1} times in the file`, {
      code: "setting-ambiguous",
      hint: "remove the copies that have no effect",
    });
  }
  if (found.locked !== undefined) {
    throw new HealError(`${pointer} was not changed: ${found.locked}`, { code: "setting-locked" });
  }
  return found;
}

function rendered(format: Format, content: string, setting: Setting, to: Json): string {
  const old = { text: content.slice(setting.start, setting.end), value: setting.value };
  const text = isScalar(to) ? format.render(to, old) : undefined;
  if (text === undefined) {
    throw refused(setting.pointer, `${format.name} cannot express the new value in this place`);
  }
  return text;
}

function readAfter(format: Format, after: string, pointer: string): Setting[] {
  try {
    return readAll(format, after);
  } catch (error) {
    throw refused(pointer, `the file would no longer be readable as ${format.name}`, error);
  }
}

/** The proof that an edit touched nothing else: every setting before is there after, equal but for this one. */
function assertOnlyChange(before: Setting[], after: Setting[], pointer: string, to: Json): void {
  if (before.length !== after.length) throw refused(pointer, "other settings would appear or vanish");
  for (const [place, old] of before.entries()) {
    const now = after[place];
    const wanted = old.pointer === pointer ? to : old.value;
    if (now === undefined || now.pointer !== old.pointer || !equal(now.value, wanted)) {
      throw refused(pointer, `${old.pointer} would read ${canonicalJson(now?.value)} afterwards`);
    }
  }
}

function refused(pointer: string, why: string, cause?: unknown): HealError {
  return new HealError(`${pointer} was not changed: ${why}`, { code: "edit-refused", cause });
}

export function isScalar(value: Json): value is ScalarValue {
  return value === null || typeof value !== "object";
}

export function equal(one: Json, other: Json): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 200) ?? "";
}
