// A YAML text that still knows where each value stands, so that a complaint can name line and column.
import {
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Document,
  parseDocument,
  visit,
  type YAMLError,
} from "yaml";
import { HealError, messageOf } from "../../domain/errors.ts";
import type { Complaint } from "./complaints.ts";

/** No configuration is bigger; a file that is was not meant. */
const MOST_LETTERS = 1_000_000;
const MOST_ALIASES = 100;

export type Path = readonly PropertyKey[];
export interface Place {
  line: number;
  column: number;
}

export interface YamlSource {
  document: Document.Parsed;
  /** Syntax errors: what follows them cannot be trusted. */
  complaints: Complaint[];
  /** Where the value at a path stands, or the nearest thing around it that was written. */
  placeOf(path: Path): Place;
  /** Where a key itself stands. */
  placeOfKey(path: Path, key: string): Place;
  /** Calls back for every text value; the answer takes its place. */
  replaceTexts(replace: (text: string, path: Path, plain: boolean) => unknown): void;
  value(): unknown;
}

export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text.slice(0, MOST_LETTERS), {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
  });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const placeOf = (path: Path): Place => {
    const node = document.getIn(path, true);
    if (isNode(node) && node.range) return place(node.range[0]);
    return path.length === 0 ? { line: 1, column: 1 } : placeOf(path.slice(0, -1));
  };
  return {
    document,
    complaints: [...tooLong(text), ...document.errors.map((error) => syntaxComplaint(error, place))],
    placeOf,
    placeOfKey(path, key) {
      const map = path.length === 0 ? document.contents : document.getIn(path, true);
      const pair = isMap(map)
        ? map.items.find((one) => isScalar(one.key) && one.key.value === key)
        : undefined;
      return isScalar(pair?.key) && pair.key.range ? place(pair.key.range[0]) : placeOf(path);
    },
    replaceTexts: (replace) => replaceTexts(document, replace),
    value: () => toValue(document),
  };
}

function tooLong(text: string): Complaint[] {
  return text.length > MOST_LETTERS ? [{ path: [], message: `Longer than ${MOST_LETTERS} letters` }] : [];
}

function syntaxComplaint(error: YAMLError, place: (offset: number) => Place): Complaint {
  return { ...place(error.pos[0]), path: [], message: firstLine(error.message) };
}

/** Aliases of aliases can grow without bound; the parser refuses that, and so do we. */
function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw new HealError(`The aliases of the configuration cannot be followed: ${messageOf(error)}`, {
      code: "config-aliases",
      hint: "Write repeated parts out, or use fewer aliases.",
      cause: error,
    });
  }
}

function replaceTexts(
  document: Document.Parsed,
  replace: (text: string, path: Path, plain: boolean) => unknown,
): void {
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === "key" || typeof node.value !== "string") return;
      node.value = replace(node.value, pathOf(key, ancestors), node.type === "PLAIN");
    },
  });
}

/** The path of a value from the chain that `visit` gives: documents, maps and lists alternate with pairs. */
function pathOf(key: number | "key" | "value" | null, ancestors: readonly unknown[]): Path {
  const path: PropertyKey[] = [];
  for (const [at, one] of ancestors.entries()) {
    const next = ancestors[at + 1];
    if (typeof one === "object" && one !== null && "key" in one && isScalar(one.key))
      path.push(String(one.key.value));
    if (
      typeof one === "object" &&
      one !== null &&
      "items" in one &&
      Array.isArray(one.items) &&
      !isMap(one)
    ) {
      path.push(next === undefined ? Number(key) : one.items.indexOf(next));
    }
  }
  return path;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}
