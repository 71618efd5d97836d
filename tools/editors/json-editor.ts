// JSON, with or without comments and trailing commas.
import * as jsonc from "jsonc-parser";
import type { Json } from "../../domain/json.ts";
import { type Format, type Setting, isScalar, makeEditor } from "./editor.ts";
import { numberText } from "./number-text.ts";
import { type PointerPart, pointerOf } from "./pointer.ts";

const format: Format = {
  name: "JSON",
  handles: (path) => /\.(json|jsonc)$/i.test(path),
  find(text) {
    const errors: jsonc.ParseError[] = [];
    const tree = jsonc.parseTree(text, errors, { allowTrailingComma: true });
    const [error] = errors;
    if (error !== undefined) {
      throw new Error(`${jsonc.printParseErrorCode(error.error)} at offset ${error.offset}`);
    }
    const found: Setting[] = [];
    if (tree !== undefined) collect(tree, [], found);
    return found;
  },
  render(to, old) {
    return typeof to === "number" ? numberText(to, old.text) : JSON.stringify(to);
  },
};

export const jsonEditor = makeEditor(format);

function collect(node: jsonc.Node, parts: PointerPart[], into: Setting[]): void {
  if (node.type === "array") {
    node.children?.forEach((child, index) => collect(child, [...parts, index], into));
  } else if (node.type === "object") {
    for (const { children } of node.children ?? []) {
      const [key, value] = children ?? [];
      if (key !== undefined && value !== undefined) collect(value, [...parts, String(key.value)], into);
    }
  } else {
    into.push({
      pointer: pointerOf(parts),
      value: scalar(node.value),
      start: node.offset,
      end: node.offset + node.length,
    });
  }
}

function scalar(value: unknown): Json {
  const json = value as Json;
  if (!isScalar(json) || (typeof json === "number" && !Number.isFinite(json)))
    throw new Error("no JSON value");
  return json;
}
