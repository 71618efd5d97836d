// Regular expressions that users write, by RE2 (re2js): the time is linear in the text, whatever the expression. All
// of them are matched at once, so that fifty cost about as much as one. The only file that knows the engine.
import { RE2JS, RE2Set } from "re2js";

/** The places of the expressions that a text holds, in their order. */
export type ExpressionSet = (text: string) => readonly number[];

const LONGEST_EXPRESSION = 1_000;
/** Instructions. An expression that defeats the table of states costs text times instructions. */
const LARGEST_PROGRAM = 1_000;
const LARGEST_SET = 5_000;

/** undefined: it can be used; `size` in instructions, of which a set takes only so many. */
export function readExpression(expression: string): { problem: string } | { size: number } {
  if (expression === "") return { problem: "Must not be empty" };
  if (expression.length > LONGEST_EXPRESSION)
    return { problem: `Too long: expected at most ${LONGEST_EXPRESSION} characters` };
  try {
    const compiled = RE2JS.compile(expression);
    if (compiled.test("")) return { problem: "It fits every line, also an empty one" };
    const size = compiled.programSize();
    return size > LARGEST_PROGRAM ? { problem: "Too large: repeat fewer times" } : { size };
  } catch (error) {
    return { problem: problemOf(expression, error) };
  }
}

export function fitsIntoOneSet(sizes: readonly number[]): boolean {
  return sizes.reduce((sum, one) => sum + one, 0) <= LARGEST_SET;
}

/** Expressions that readExpression takes; others make it throw. */
export function makeExpressionSet(expressions: readonly string[]): ExpressionSet {
  if (expressions.length === 0) return () => [];
  const set = new RE2Set();
  for (const one of expressions) set.add(one);
  set.compile();
  return (text) => set.match(text);
}

/** What other engines have, and RE2 leaves out because it cannot be matched in linear time. */
const leftOut = /\(\?(?:[=!]|<[=!])|\\[1-9]/;

function problemOf(expression: string, error: unknown): string {
  const said = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : String(error);
  const why = leftOut.test(expression) ? "; lookaround and back-references do not exist here (RE2)" : "";
  return `Not a regular expression: ${said}${why}`;
}
