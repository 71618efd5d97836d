// Users' expressions: what is refused, what fits, and that no text and no expression takes long.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { fitsIntoOneSet, makeExpressionSet, readExpression } from "../../signals/expressions/re2.ts";

it.each([
  ["", /^Must not be empty$/],
  ["(", /^Not a regular expression: missing closing \): `\(`$/],
  ["[z-a]", /range: `z-a`$/],
  ["(?=x)y", /RE2\)$/],
  ["(?<!a)b", /RE2\)$/],
  ["(a)\\1", /RE2\)$/],
  ["a{1001}", /invalid repeat count/],
  ["x*", /^It fits every line/],
  ["(.{0,30}a){0,30}b", /^Too large/],
  ["x".repeat(1_001), /^Too long/],
])("refuses %s", (expression, problem) => {
  expect(readExpression(expression)).toEqual({ problem: expect.stringMatching(problem) });
});

it("finds all that fit, anywhere in the text", () => {
  const find = makeExpressionSet(["(?i)größe", "order \\d+$", "^b$", "(?m)^b$", "payment \\w+ lost"]);
  expect(find("GRÖßE of order 7")).toEqual([0, 1]);
  expect(find("a\nb\nc")).toEqual([3]);
  expect(find("payment 1a lost, order 9 kept")).toEqual([4]);
  expect(find("\ud800 broken")).toEqual([]);
  expect(makeExpressionSet([])("anything")).toEqual([]);
});

it("needs no more than linear time where a backtracking engine never ends", () => {
  const text = `${"a".repeat(100_000)}!`;
  const evil = ["(a+)+$", "(a|a)*b$", "(a|aa)+$", "(.*a){12}b"];
  expect(makeExpressionSet(evil)(text)).toEqual([]);
  expect(makeExpressionSet(evil)(text.slice(0, -1))).toEqual([0, 2]);
});

it("a set has only so much room", () => {
  const read = readExpression("a{900}b");
  if ("problem" in read) throw new Error(read.problem);
  expect(fitsIntoOneSet(Array.from({ length: 5 }, () => read.size))).toBe(true);
  expect(fitsIntoOneSet(Array.from({ length: 6 }, () => read.size))).toBe(false);
});

/** Small expressions that mean the same to JavaScript's engine, which is no danger on texts this short. */
const expressions = fc
  .array(
    fc.constantFrom("a", "b", "c", ".", "[ab]", "a+", "b?", "(ab|c)", "(a|b)+", "^", "$", "\\d", "c{2,3}"),
    {
      minLength: 1,
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(""));

it("a set finds what each expression finds by itself", () => {
  fc.assert(
    fc.property(
      fc.array(expressions, { minLength: 1, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "\n"), maxLength: 20 }),
      (all, text) => {
        const expected = all.flatMap((one, at) => (new RegExp(one, "u").test(text) ? [at] : []));
        expect(makeExpressionSet(all)(text).toSorted((a, b) => a - b)).toEqual(expected);
      },
    ),
  );
});
