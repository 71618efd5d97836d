// JavaScript and TypeScript: literals at the top of a module, in its objects and classes, as defaults of parameters and
// of process.env. What a program computes is never a setting.
import { type ParserPlugin, parse } from "@babel/parser";
import type { Json } from "../../domain/json.ts";
import { type Format, type Setting, makeEditor } from "./editor.ts";
import { numberText } from "./number-text.ts";
import { type PointerPart, pointerOf } from "./pointer.ts";
import { stringText } from "./string-text.ts";
import { child, children, everyNode, keyName, memberPath, nodes, type SyntaxNode } from "./syntax.ts";

export const javascriptEditor = makeEditor(scriptFormat("JavaScript", /\.[cm]?jsx?$/i, ["jsx"]));
export const typescriptEditor = makeEditor(scriptFormat("TypeScript", /\.[cm]?ts$/i, ["typescript"]));
export const tsxEditor = makeEditor(scriptFormat("TypeScript", /\.tsx$/i, ["typescript", "jsx"]));

type Parts = readonly PointerPart[];

function scriptFormat(name: string, names: RegExp, plugins: ParserPlugin[]): Format {
  return {
    name,
    handles: (path) => names.test(path),
    find(text) {
      const file = parse(text, {
        sourceType: "unambiguous",
        plugins,
        attachComment: false,
        allowReturnOutsideFunction: true,
      });
      const program = file.program as unknown as SyntaxNode;
      const found: Setting[] = [];
      for (const statement of nodes(program, "body")) collectStatement(statement, found);
      collectEnvironmentDefaults(program, found);
      return found.sort((one, other) => one.start - other.start);
    },
    render(to, old) {
      if (typeof to === "number") return numberText(to, old.text);
      return typeof to === "string" ? stringText(to, old.text) : String(to);
    },
  };
}

function collectStatement(statement: SyntaxNode, into: Setting[]): void {
  switch (statement.type) {
    case "ExportNamedDeclaration": {
      const declaration = child(statement, "declaration");
      if (declaration !== undefined) collectStatement(declaration, into);
      break;
    }
    case "ExportDefaultDeclaration":
      collectDefault(child(statement, "declaration"), into);
      break;
    case "VariableDeclaration":
      for (const one of nodes(statement, "declarations")) collectVariable(one, into);
      break;
    case "ClassDeclaration":
      collectClass(statement, keyName(child(statement, "id"), false) ?? "default", into);
      break;
    case "FunctionDeclaration":
      collectParameters(statement, keyName(child(statement, "id"), false) ?? "default", into);
      break;
    case "ExpressionStatement":
      collectExports(child(statement, "expression"), into);
      break;
  }
}

function collectDefault(declaration: SyntaxNode | undefined, into: Setting[]): void {
  if (declaration === undefined) return;
  if (/^(Class|Function)Declaration$/.test(declaration.type)) collectStatement(declaration, into);
  else collectValue(declaration, ["default"], into);
}

/** `const NAME = …`, and the defaults of `const { NAME = 800 } = process.env`. */
function collectVariable(declarator: SyntaxNode, into: Setting[]): void {
  const id = child(declarator, "id");
  const name = keyName(id, false);
  if (name !== undefined) collectValue(child(declarator, "init"), [name], into);
  for (const property of id?.type === "ObjectPattern" ? nodes(id, "properties") : []) {
    const value = child(property, "value");
    const key = keyName(child(property, "key"), property["computed"] === true);
    if (value?.type === "AssignmentPattern" && key !== undefined) {
      collectValue(child(value, "right"), [key], into);
    }
  }
}

function collectClass(declaration: SyntaxNode, name: string, into: Setting[]): void {
  const body = child(declaration, "body");
  for (const member of body === undefined ? [] : nodes(body, "body")) {
    const key = keyName(child(member, "key"), member["computed"] === true);
    if (key !== undefined) collectValue(child(member, "value"), [name, key], into);
  }
}

function collectParameters(declaration: SyntaxNode, name: string, into: Setting[]): void {
  for (const parameter of nodes(declaration, "params")) {
    const left = keyName(child(parameter, "left"), false);
    if (left !== undefined) collectValue(child(parameter, "right"), [name, left], into);
  }
}

/** module.exports = {…}, exports.name = … */
function collectExports(expression: SyntaxNode | undefined, into: Setting[]): void {
  if (expression?.type !== "AssignmentExpression" || expression["operator"] !== "=") return;
  const path = memberPath(child(expression, "left"));
  const exported = path?.[0] === "exports" || (path?.[0] === "module" && path[1] === "exports");
  if (path !== undefined && exported) collectValue(child(expression, "right"), path, into);
}

function collectValue(node: SyntaxNode | undefined, parts: Parts, into: Setting[]): void {
  if (node === undefined) return;
  const inner = wrapped(node);
  if (inner !== undefined) collectValue(inner, parts, into);
  else if (node.type === "ObjectExpression") collectObject(node, parts, into);
  else if (node.type === "ArrayExpression") {
    children(node, "elements").forEach((one, index) => collectValue(one, [...parts, index], into));
  } else collectLiteral(node, parts, into);
}

function collectObject(node: SyntaxNode, parts: Parts, into: Setting[]): void {
  for (const property of nodes(node, "properties")) {
    const key = keyName(child(property, "key"), property["computed"] === true);
    if (property.type !== "ObjectProperty" || key === undefined) continue;
    collectValue(child(property, "value"), [...parts, key], into);
  }
}

/** What a value is wrapped in without being changed: types, Object.freeze({…}), Number(process.env.X ?? 800). */
function wrapped(node: SyntaxNode): SyntaxNode | undefined {
  if (isTyped(node)) return child(node, "expression");
  if (node.type === "LogicalExpression") return environmentDefault(node)?.value;
  if (node.type !== "CallExpression") return undefined;
  const [argument, ...more] = nodes(node, "arguments");
  const plain = argument !== undefined && isTyped(argument) ? child(argument, "expression") : argument;
  if (plain?.type === "ObjectExpression" && more.length === 0) return plain;
  const converts = /^(Number|String|Boolean|parseInt|parseFloat)$/.test(
    memberPath(child(node, "callee"))?.at(-1) ?? "",
  );
  return converts && argument?.type === "LogicalExpression" ? argument : undefined;
}

function isTyped(node: SyntaxNode): boolean {
  return /^TS(As|Satisfies|NonNull)Expression$|^TSTypeAssertion$/.test(node.type);
}

/** `process.env.NAME ?? value`, also with ||. */
function environmentDefault(node: SyntaxNode): { name: string; value: SyntaxNode } | undefined {
  const [first, second, name, ...more] = memberPath(child(node, "left")) ?? [];
  const value = child(node, "right");
  const matches = first === "process" && second === "env" && name !== undefined && more.length === 0;
  return matches && value !== undefined && node["operator"] !== "&&" ? { name, value } : undefined;
}

/** Defaults of the environment wherever they stand: app.listen(process.env.PORT || 8080). */
function collectEnvironmentDefaults(program: SyntaxNode, into: Setting[]): void {
  const known = new Set(into.map((one) => one.start));
  everyNode(program, (node) => {
    const found = node.type === "LogicalExpression" ? environmentDefault(node) : undefined;
    if (found !== undefined && !known.has(found.value.start)) {
      collectLiteral(found.value, ["process", "env", found.name], into);
    }
  });
}

function collectLiteral(node: SyntaxNode, parts: Parts, into: Setting[]): void {
  const value = literalOf(node);
  if (value === undefined) return;
  into.push({ pointer: pointerOf(parts), value, start: node.start, end: node.end });
}

function literalOf(node: SyntaxNode): Json | undefined {
  switch (node.type) {
    case "NumericLiteral":
    case "StringLiteral":
    case "BooleanLiteral":
      return node["value"] as Json;
    case "NullLiteral":
      return null;
    case "UnaryExpression": {
      const value = node["operator"] === "-" ? literalOf(child(node, "argument") ?? node) : undefined;
      return typeof value === "number" && value > 0 ? -value : undefined;
    }
    case "TemplateLiteral":
      return templateText(node);
    default:
      return undefined;
  }
}

function templateText(node: SyntaxNode): string | undefined {
  const [only, ...more] = nodes(node, "quasis");
  const text = (only?.["value"] as { cooked?: unknown } | undefined)?.cooked;
  return more.length === 0 && typeof text === "string" ? text : undefined;
}
