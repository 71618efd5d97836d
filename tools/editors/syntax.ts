// The little of a JavaScript syntax tree (ESTree as Babel writes it) that settings are read from.

export interface SyntaxNode {
  type: string;
  start: number;
  end: number;
  [property: string]: unknown;
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";
}

export function child(node: SyntaxNode, name: string): SyntaxNode | undefined {
  const value = node[name];
  return isNode(value) ? value : undefined;
}

/** Holes of an array are undefined, so that the others keep their places. */
export function children(node: SyntaxNode, name: string): (SyntaxNode | undefined)[] {
  const value = node[name];
  return Array.isArray(value) ? value.map((one) => (isNode(one) ? one : undefined)) : [];
}

export function nodes(node: SyntaxNode, name: string): SyntaxNode[] {
  return children(node, name).filter((one) => one !== undefined);
}

/** `a.b` or `a["b"]` as ["a", "b"]; undefined for anything else. */
export function memberPath(node: SyntaxNode | undefined): string[] | undefined {
  if (node?.type === "Identifier") return [String(node["name"])];
  if (node?.type !== "MemberExpression") return undefined;
  const above = memberPath(child(node, "object"));
  const key = keyName(child(node, "property"), node["computed"] === true);
  return above === undefined || key === undefined ? undefined : [...above, key];
}

/** The name of a key or property; undefined when it is computed. */
export function keyName(key: SyntaxNode | undefined, computed: boolean): string | undefined {
  if (key?.type === "StringLiteral" || key?.type === "NumericLiteral") return String(key["value"]);
  if (key?.type === "PrivateName") return `#${keyName(child(key, "id"), false)}`;
  return key?.type === "Identifier" && !computed ? String(key["name"]) : undefined;
}

/** Calls back for every node of the tree, parents first. */
export function everyNode(node: SyntaxNode, see: (node: SyntaxNode) => void): void {
  see(node);
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) if (isNode(one)) everyNode(one, see);
  }
}
