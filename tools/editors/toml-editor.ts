// TOML 1.0: tables, arrays of tables, inline tables, dotted keys. https://toml.io/en/v1.0.0
import { type AST, parseTOML } from "toml-eslint-parser";
import { type Format, type Setting, makeEditor } from "./editor.ts";
import { numberText } from "./number-text.ts";
import { type PointerPart, pointerOf } from "./pointer.ts";

const format: Format = {
  name: "TOML",
  handles: (path) => /\.toml$/i.test(path),
  find(text) {
    const found: Setting[] = [];
    for (const table of parseTOML(text).body) collectTable(table, text, found);
    return found;
  },
  render(to, old) {
    if (to === null) return undefined;
    if (typeof to === "number") return numberText(to, old.text);
    if (typeof to === "boolean") return String(to);
    const literal = old.text.startsWith("'") && !/['\p{Cc}]/u.test(to);
    return literal ? `'${to}'` : JSON.stringify(to);
  },
};

export const tomlEditor = makeEditor(format);

function collectTable(table: AST.TOMLTopLevelTable, text: string, into: Setting[]): void {
  for (const entry of table.body) {
    if (entry.type === "TOMLKeyValue") collectEntry(entry, [], text, into);
    else for (const one of entry.body) collectEntry(one, entry.resolvedKey, text, into);
  }
}

function collectEntry(
  entry: AST.TOMLKeyValue,
  parts: readonly PointerPart[],
  text: string,
  into: Setting[],
): void {
  const keys = entry.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
  collect(entry.value, [...parts, ...keys], text, into);
}

function collect(node: AST.TOMLContentNode, parts: PointerPart[], text: string, into: Setting[]): void {
  if (node.type === "TOMLArray") {
    node.elements.forEach((element, index) => collect(element, [...parts, index], text, into));
  } else if (node.type === "TOMLInlineTable") {
    for (const entry of node.body) collectEntry(entry, parts, text, into);
  } else {
    into.push({ pointer: pointerOf(parts), ...valueOf(node, text) });
  }
}

function valueOf(node: AST.TOMLValue, text: string): Omit<Setting, "pointer"> {
  const [start, end] = node.range;
  const written = text.slice(start, end);
  switch (node.kind) {
    case "string":
      return node.multiline
        ? { value: node.value, start, end, locked: "it is a text of several lines" }
        : { value: node.value, start, end };
    case "boolean":
      return { value: node.value, start, end };
    case "integer":
    case "float":
      return isExact(node)
        ? { value: node.value, start, end }
        : { value: written, start, end, locked: "it is no number that can be reckoned with" };
    default:
      return { value: written, start, end, locked: "it is a date or a time" };
  }
}

function isExact(node: AST.TOMLIntegerValue | AST.TOMLFloatValue): boolean {
  return node.kind === "integer" ? Number.isSafeInteger(node.value) : Number.isFinite(node.value);
}
