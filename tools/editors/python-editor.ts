// Python: constants of a module, attributes of its classes, entries of dictionaries, defaults of parameters and of
// os.getenv. What a program computes is never a setting.
import { parser } from "@lezer/python";
import { type Format, type Setting, makeEditor } from "./editor.ts";
import { numberText } from "./number-text.ts";
import { type PointerPart, pointerOf } from "./pointer.ts";
import { numberIn, stringIn } from "./python-literals.ts";
import { stringText } from "./string-text.ts";

type Tree = ReturnType<typeof parser.parse>;
type PythonNode = Tree["topNode"];
type Parts = readonly PointerPart[];
interface Walk {
  text: string;
  found: Setting[];
}

const format: Format = {
  name: "Python",
  handles: (path) => /\.py$/i.test(path),
  find(text) {
    const tree = parser.parse(text);
    assertWhole(tree);
    const walk = { text, found: [] };
    collectBody(tree.topNode, [], walk);
    return walk.found;
  },
  render(to, old) {
    if (to === null) return "None";
    if (typeof to === "boolean") return to ? "True" : "False";
    if (typeof to === "number") return numberText(to, old.text);
    return stringText(to, old.text.replace(/^[a-z]+/i, ""));
  },
};

export const pythonEditor = makeEditor(format);

/** The parser goes on after an error; a file with one is not touched. */
function assertWhole(tree: Tree): void {
  tree.iterate({
    enter(node) {
      if (node.type.isError) throw new Error(`syntax error at offset ${node.from}`);
    },
  });
}

function collectBody(body: PythonNode, parts: Parts, walk: Walk): void {
  for (const statement of childrenOf(body)) collectStatement(statement, parts, walk);
}

function collectStatement(statement: PythonNode, parts: Parts, walk: Walk): void {
  const name = nameIn(statement, walk);
  switch (statement.name) {
    case "AssignStatement":
      collectAssignment(statement, parts, walk);
      break;
    case "DecoratedStatement":
      collectBody(statement, parts, walk);
      break;
    case "ClassDefinition": {
      const body = statement.getChild("Body");
      if (body !== null) collectBody(body, [...parts, name], walk);
      break;
    }
    case "FunctionDefinition": {
      const parameters = statement.getChild("ParamList");
      if (parameters !== null) collectNamed(parameters, [...parts, name], walk);
      break;
    }
  }
}

/** NAME = value and NAME: type = value; not a, b = …, not a = b = … */
function collectAssignment(statement: PythonNode, parts: Parts, walk: Walk): void {
  const [target, equals, value, ...more] = childrenOf(statement).filter((one) => one.name !== "TypeDef");
  if (target?.name !== "VariableName" || equals?.name !== "AssignOp" || value === undefined) return;
  if (more.length === 0) collectValue(value, [...parts, textOf(target, walk)], walk);
}

/** name=value pairs of parameters or arguments; `only` takes one of them, under the name of the whole. */
function collectNamed(list: PythonNode, parts: Parts, walk: Walk, only?: string): void {
  const items = childrenOf(list).filter((one) => one.name !== "TypeDef");
  for (const [place, item] of items.entries()) {
    const [equals, value] = items.slice(place + 1, place + 3);
    if (item.name !== "VariableName" || equals?.name !== "AssignOp" || value === undefined) continue;
    const name = textOf(item, walk);
    if (only === undefined) collectValue(value, [...parts, name], walk);
    else if (name === only) collectValue(value, parts, walk);
  }
}

function collectValue(node: PythonNode, parts: Parts, walk: Walk): void {
  switch (node.name) {
    case "DictionaryExpression":
      collectDictionary(node, parts, walk);
      break;
    case "ArrayExpression":
    case "TupleExpression":
      itemsOf(node).forEach((one, index) => collectValue(one, [...parts, index], walk));
      break;
    case "ParenthesizedExpression":
      for (const one of itemsOf(node)) collectValue(one, parts, walk);
      break;
    case "CallExpression":
      collectCall(node, parts, walk);
      break;
    default:
      collectLiteral(node, parts, walk);
  }
}

function collectDictionary(node: PythonNode, parts: Parts, walk: Walk): void {
  const items = childrenOf(node);
  for (const [place, colon] of items.entries()) {
    const [key, value] = [items[place - 1], items[place + 1]];
    if (colon.name !== ":" || key === undefined || value === undefined) continue;
    const name = key.name === "String" ? stringIn(textOf(key, walk))?.value : numberIn(textOf(key, walk));
    if (name !== undefined) collectValue(value, [...parts, name], walk);
  }
}

/** int(…) and the like, os.getenv(name, default), dict(name=value), field(default=value). */
function collectCall(node: PythonNode, parts: Parts, walk: Walk): void {
  const list = node.getChild("ArgList");
  const callee = node.firstChild;
  if (list === null || callee === null) return;
  const [first, second, ...more] = itemsOf(list);
  const name = textOf(callee, walk);
  if (/^(os\.)?(getenv|environ\.get)$/.test(name) && second !== undefined && more.length === 0) {
    collectValue(second, parts, walk);
  } else if (/^(int|float|str|bool)$/.test(name) && first?.name === "CallExpression") {
    collectValue(first, parts, walk);
  } else if (name === "dict") collectNamed(list, parts, walk);
  else if (/(^|\.)field$/i.test(name)) collectNamed(list, parts, walk, "default");
}

function collectLiteral(node: PythonNode, parts: Parts, walk: Walk): void {
  const place = { pointer: pointerOf(parts), start: node.from, end: node.to };
  const text = textOf(node, walk);
  if (node.name === "None") walk.found.push({ ...place, value: null });
  else if (node.name === "Boolean") walk.found.push({ ...place, value: text === "True" });
  else if (node.name === "Number" || node.name === "UnaryExpression") {
    const value = numberIn(text);
    if (value !== undefined) walk.found.push({ ...place, value });
  } else if (node.name === "String") {
    const read = stringIn(text);
    if (read !== undefined) walk.found.push({ ...place, ...read });
  }
}

function childrenOf(node: PythonNode): PythonNode[] {
  const found: PythonNode[] = [];
  for (let one = node.firstChild; one !== null; one = one.nextSibling) {
    if (one.name !== "Comment") found.push(one);
  }
  return found;
}

/** Without brackets and commas. */
function itemsOf(node: PythonNode): PythonNode[] {
  return childrenOf(node).filter((one) => !/^[()[\]{},]$/.test(one.name));
}

function textOf(node: PythonNode, { text }: Walk): string {
  return text.slice(node.from, node.to);
}

function nameIn(statement: PythonNode, walk: Walk): string {
  const name = statement.getChild("VariableName");
  return name === null ? "" : textOf(name, walk);
}
