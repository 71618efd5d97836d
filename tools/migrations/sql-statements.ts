// The statements of an SQL text as PostgreSQL's own parser reads them. It is WebAssembly of some size: loaded when the first
// text is read, and never before.
import { messageOf } from "../../domain/errors.ts";

export type Node = Readonly<Record<string, unknown>>;

export interface SqlStatement {
  /** "CreateStmt", "DropStmt", … as PostgreSQL's parse tree calls it. */
  kind: string;
  node: Node;
  /** From its first word to before its semicolon. */
  text: string;
  /** Of its first word, from 1. */
  line: number;
}

/** The slice of the parser's answer that is used. Places are bytes of UTF-8; no length: up to the end. */
interface Parsed {
  stmts?: { stmt?: Node; stmt_location?: number; stmt_len?: number }[];
}

/** Expected outcomes: a text that is no SQL (a command of psql, say) is told in words. */
export async function statementsIn(sql: string): Promise<SqlStatement[] | { unreadable: string }> {
  if (sql.trim() === "") return []; // which it refuses
  const { parse } = await import("libpg-query");
  let parsed: Parsed;
  try {
    parsed = await parse(sql);
  } catch (error) {
    if (!isOfText(error)) throw error;
    return { unreadable: messageOf(error).slice(0, 200) };
  }
  const bytes = Buffer.from(sql, "utf8");
  return (parsed.stmts ?? []).map(({ stmt = {}, stmt_location: from = 0, stmt_len: length }) => {
    const whole = bytes.subarray(from, length === undefined ? undefined : from + length).toString("utf8");
    const skipped = beforeFirstWord(whole);
    const before = bytes.subarray(0, from).toString("utf8") + whole.slice(0, skipped);
    const [kind = ""] = Object.keys(stmt);
    return {
      kind,
      node: (stmt[kind] ?? {}) as Node,
      text: whole.slice(skipped).trimEnd(),
      line: before.split("\n").length,
    };
  });
}

/** No SQL, or nested too deeply for the parser's stack; anything else says nothing of the text. */
function isOfText(error: unknown): boolean {
  return (
    error instanceof RangeError || (error instanceof Error && /^(?:SqlError|RuntimeError)$/.test(error.name))
  );
}

/** How many characters of space and comments come first; comments between slashes may hold others. */
function beforeFirstWord(text: string): number {
  let at = 0;
  for (;;) {
    const rest = text.slice(at);
    const skipped = /^\s+/.exec(rest)?.[0].length ?? /^--[^\r\n]*/.exec(rest)?.[0].length ?? remark(rest);
    if (skipped === 0) return at;
    at += skipped;
  }
}

function remark(text: string): number {
  if (!text.startsWith("/*")) return 0;
  let depth = 0;
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    depth += mark === "/*" ? 1 : -1;
    if (depth === 0) return index + 2;
  }
  return text.length;
}
