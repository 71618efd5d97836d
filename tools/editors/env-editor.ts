// .env files: NAME=value a line, optional `export`, quotes and comments. Readers differ (dotenv, Docker, shells), so a
// value that they read differently can be seen but not changed.
import type { Json } from "../../domain/json.ts";
import { type Format, type Setting, makeEditor } from "./editor.ts";
import { numberText } from "./number-text.ts";

const assignment = /^[ \t]*(?:export[ \t]+)?(?<name>[A-Za-z_][\w.-]*)(?<equals>[ \t]*=)/;
const ignorable = /^[ \t]*(?:#.*|(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*)?$/;
const afterQuotes = /^[ \t]*(?:#.*)?$/;
/** Read alike by every reader, without quotes. */
const plain = /^[^\s#'"`\\$]*$/;

const format: Format = {
  name: "a .env file",
  handles: (path) => /(^|\/)\.env(\.[^/]+)?$|\.env$/i.test(path),
  find(text) {
    const found: Setting[] = [];
    let at = 0;
    while (at < text.length) at = readLine(text, at, found);
    return found;
  },
  render(to, old) {
    if (to === null) return undefined;
    const quote = /^['"`]/.exec(old.text)?.[0] ?? "";
    const text =
      typeof to === "number" ? numberText(to, quote === "" ? old.text : old.text.slice(1, -1)) : `${to}`;
    if (text === undefined) return undefined;
    return isSafe(text, quote) ? quote + text + quote : undefined;
  },
};

export const envEditor = makeEditor(format);

function isSafe(text: string, quote: string): boolean {
  if (quote === "") return plain.test(text) && text !== "";
  return !text.includes(quote) && !/[\\$\n\r\0]/.test(text);
}

/** Reads the line that starts at `at`; answers where the next one starts. */
function readLine(text: string, at: number, found: Setting[]): number {
  const end = endOfLine(text, at);
  const line = text.slice(at, end);
  const match = assignment.exec(line);
  if (match?.groups === undefined) {
    if (!ignorable.test(line)) throw new Error(`no NAME=value: line ${text.slice(0, at).split("\n").length}`);
    return nextLine(text, end);
  }
  const name = match.groups["name"] ?? "";
  const setting = valueAt(text, at + match[0].length, end);
  found.push({ pointer: name, ...setting });
  return nextLine(text, endOfLine(text, setting.end));
}

function valueAt(text: string, after: number, end: number): Omit<Setting, "pointer"> {
  const blank = /^[ \t]*/.exec(text.slice(after, end))?.[0].length ?? 0;
  const start = after + blank;
  return quotedAt(text, start) ?? plainAt(text.slice(start, end), start, after);
}

function quotedAt(text: string, start: number): Omit<Setting, "pointer"> | undefined {
  const quote = text[start];
  if (quote !== '"' && quote !== "'" && quote !== "`") return undefined;
  const close = text.indexOf(quote, start + 1);
  if (close < 0) throw new Error("a quote is opened and not closed");
  const inner = text.slice(start + 1, close);
  const value = { value: typed(inner), start, end: close + 1 };
  if (!afterQuotes.test(text.slice(close + 1, endOfLine(text, close + 1)))) {
    return { ...value, locked: "something follows its closing quote" };
  }
  const special = quote === "'" ? /[\n\r]/ : /[\\$\n\r]/;
  return special.test(inner)
    ? { ...value, locked: "its text is escaped, expanded or of several lines" }
    : value;
}

function plainAt(rest: string, start: number, after: number): Omit<Setting, "pointer"> {
  const text = rest.replace(/(^|[ \t])#.*$/, "").trimEnd();
  // Nothing there: a new value belongs right behind the equals sign.
  if (text === "") return { value: "", start: after, end: after };
  const value = { value: typed(text), start, end: start + text.length };
  return plain.test(text)
    ? value
    : { ...value, locked: "without quotes, readers of .env files disagree on its value" };
}

/** Numbers and booleans where their text is the usual one, so that they can be compared and bounded; else the text. */
function typed(text: string): Json {
  if (text === "true" || text === "false") return text === "true";
  return /^-?\d+(\.\d+)?$/.test(text) && isUsual(text) ? Number(text) : text;
}

function isUsual(text: string): boolean {
  const value = Number(text);
  return String(value) === text || `${value}.0` === text;
}

function endOfLine(text: string, at: number): number {
  const feed = text.indexOf("\n", at);
  const end = feed < 0 ? text.length : feed;
  return text[end - 1] === "\r" && end - 1 >= at ? end - 1 : end;
}

function nextLine(text: string, end: number): number {
  const feed = text.indexOf("\n", end);
  return feed < 0 ? text.length : feed + 1;
}
