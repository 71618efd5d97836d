// Questions in people's own words over one recorded week, each with the facts that its answer must hold, answered by
// rules through Operations.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Expected } from "./expected.ts";
import { asked, missing } from "./judge.ts";
import { heldBack } from "./held-back.ts";
import { heldBackAgain } from "./held-back-again.ts";
import { heldBackThird } from "./held-back-third.ts";
import { doingQuestions } from "./questions-doing.ts";
import { troubleQuestions } from "./questions-trouble.ts";
import { typed } from "./typed.ts";
import { typedAgain } from "./typed-again.ts";
import { typedSealed } from "./typed-sealed.ts";
import { typedThird } from "./typed-third.ts";
import { openShopHistory, type ShopHistory } from "./shop-history.ts";

let shop: ShopHistory;
beforeAll(async () => {
  shop = await openShopHistory();
});
afterAll(() => shop[Symbol.asyncDispose]());

const nameOf = ({ ask }: Expected): string => (typeof ask === "string" ? ask : ask.join(" → "));

for (const [group, questions] of [
  ["what is wrong", troubleQuestions],
  ["what was and will be done", doingQuestions],
  ["anything, written before the rules", heldBack],
  ["anything, written after the rules", heldBackAgain],
  ["anything, once more", heldBackThird],
  ["anything, as it is typed", typed],
  ["anything, as it is typed, sealed", typedSealed],
  ["anything, as it is typed, again", typedAgain],
  ["anything, as it is typed, once more", typedThird],
] as const) {
  describe(`questions about ${group}`, () => {
    it.each(questions.map((one) => [nameOf(one), one] as const))("%s", async (_name, expected) => {
      const reply = await asked(shop.operations, expected);
      expect({ missing: missing(reply, expected), answer: reply.answer }).toMatchObject({ missing: [] });
    });
  });
}
