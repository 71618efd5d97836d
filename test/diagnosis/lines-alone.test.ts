// Lines of a log, which anybody may have written, make no process restart: not even where everything else fits and
// restarts have always helped.
import { expect, it } from "vitest";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { LEARNING_SPAN_BP } from "../../agents/trust.ts";
import { ALLOW_FLOOR_BP } from "../../domain/policy.ts";

const feltOnly = shippedPlaybooks.filter((one) => one.checks.some(({ id }) => id === "felt"));

it("is asked of those that a line may bring up, and that nothing else measures", () => {
  expect(feltOnly.map((one) => one.id).toSorted()).toEqual(["degraded-process", "hang"]);
});

it.each(feltOnly.map((one) => [one.id, one] as const))("%s", (_id, { prior, checks }) => {
  const support = checks.reduce((sum, one) => sum + one.weight, prior);
  const felt = checks.find((one) => one.id === "felt");
  const learned = LEARNING_SPAN_BP / 2;
  expect(Math.min(support, 10_000) - (felt?.against ?? 0) + learned).toBeLessThan(ALLOW_FLOOR_BP);
});
