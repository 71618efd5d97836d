// YAML 1.2: block and flow, quotes, several documents. Values that stand in more than one place (anchors and their
// aliases) are shown but never changed.
import {
  type Alias,
  type Document,
  type Node,
  type Pair,
  type Scalar,
  isAlias,
  isMap,
  isNode,
  isScalar as isScalarNode,
  isSeq,
  parse,
  parseAllDocuments,
  visit,
} from "yaml";
import type { Json } from "../../domain/json.ts";
import { type Format, type Setting, isScalar, makeEditor } from "./editor.ts";
import { numberText } from "./number-text.ts";
import { type PointerPart, pointerOf } from "./pointer.ts";

interface Walk {
  document: Document;
  /** Anchors that some alias refers to. */
  shared: Set<string>;
  found: Setting[];
}

const format: Format = {
  name: "YAML",
  handles: (path) => /\.ya?ml$/i.test(path),
  find(text) {
    const documents = [...parseAllDocuments(text, { logLevel: "silent" })].filter(isNotEmpty);
    const found: Setting[] = [];
    for (const [index, document] of documents.entries()) {
      const [error] = document.errors;
      if (error !== undefined) throw error;
      const walk = { document, shared: sharedAnchors(document), found };
      if (isNode(document.contents))
        collect(document.contents, documents.length > 1 ? [index] : [], false, walk);
    }
    return found;
  },
  render(to, old) {
    if (typeof to === "number") return numberText(to, old.text);
    if (typeof to !== "string") return String(to);
    if (old.text.startsWith("'"))
      return /[\n\r\p{C}]/u.test(to) ? undefined : `'${to.replaceAll("'", "''")}'`;
    return !old.text.startsWith('"') && isPlain(to) ? to : JSON.stringify(to);
  },
};

export const yamlEditor = makeEditor(format);

/** An end marker or comments alone make no document of their own. */
function isNotEmpty(document: Document): boolean {
  return document.errors.length > 0 || document.contents !== null;
}

function sharedAnchors(document: Document): Set<string> {
  const names = new Set<string>();
  visit(document, { Alias: (_key, alias) => void names.add(alias.source) });
  return names;
}

function collect(node: Node, parts: PointerPart[], inShared: boolean, walk: Walk): void {
  const anchor = "anchor" in node ? node.anchor : undefined;
  const shared = inShared || (anchor !== undefined && walk.shared.has(anchor));
  if (isAlias(node)) collectAlias(node, parts, walk);
  else if (isScalarNode(node)) walk.found.push(settingOf(node, parts, shared));
  else if (isSeq(node)) {
    node.items.forEach((item, index) => isNode(item) && collect(item, [...parts, index], shared, walk));
  } else if (isMap(node)) {
    for (const pair of node.items) collectPair(pair, parts, shared, walk);
  }
}

function collectPair(pair: Pair, parts: PointerPart[], shared: boolean, walk: Walk): void {
  const key = isScalarNode(pair.key) ? String(pair.key.value) : String(pair.key);
  if (isNode(pair.value)) collect(pair.value, [...parts, key], shared, walk);
}

function collectAlias(alias: Alias, parts: PointerPart[], walk: Walk): void {
  const target = alias.resolve(walk.document);
  if (!isScalarNode(target)) return;
  const [start, end] = alias.range ?? [0, 0];
  walk.found.push({
    pointer: pointerOf(parts),
    value: jsonOf(target),
    start,
    end,
    locked: `it is the alias *${alias.source}; the value stands where &${alias.source} is`,
  });
}

function settingOf(node: Scalar, parts: PointerPart[], shared: boolean): Setting {
  const [start, end] = node.range ?? [0, 0];
  const locked = whyLocked(node, shared);
  const setting = { pointer: pointerOf(parts), value: jsonOf(node), start, end };
  return locked === undefined ? setting : { ...setting, locked };
}

function whyLocked(node: Scalar, shared: boolean): string | undefined {
  if (shared) return "its value is used in other places too, by an alias";
  if (node.type === "BLOCK_LITERAL" || node.type === "BLOCK_FOLDED") return "it is a block of text";
  if (node.tag !== undefined) return `it has the tag ${node.tag}`;
  if (node.range?.[0] === node.range?.[1]) return "it has no value yet";
  return undefined;
}

function jsonOf(node: Scalar): Json {
  const value = node.value as Json;
  const fits = isScalar(value) && (typeof value !== "number" || Number.isFinite(value));
  return fits ? value : String(node.source);
}

/** Is read as this text by YAML 1.2 and by the many readers of YAML 1.1, where `yes` is true and 12:30 a number. */
function isPlain(text: string): boolean {
  if (!/^[\w/][\w ./:@+-]*$/.test(text) || text !== text.trim()) return false;
  return ["1.1", "1.2"].every((version) => parse(text, { version: version as "1.1" }) === text);
}
