// Expectations of checks against observed values, and the strategy of an incident.
import { describe, expect, it } from "vitest";
import { fits, valueAt } from "../../agents/expectation.ts";
import { strategyOf } from "../../agents/strategy.ts";
import type { Json } from "../../domain/json.ts";
import type { Expectation } from "../../domain/playbook.ts";

describe("an expectation", () => {
  it.each<[Expectation, Json, boolean | undefined]>([
    [{ is: "ok" }, "ok", true],
    [{ is: "ok" }, { value: "timeout", probe: "x" }, false],
    [{ is: { a: 1, b: 2 } }, { b: 2, a: 1 }, true],
    [{ isNot: "ok" }, { value: "timeout" }, true],
    [{ isNot: "ok" }, "ok", false],
    [{ oneOf: [1, 2] }, 2, true],
    [{ oneOf: [1, 2] }, 3, false],
    [{ atLeast: 3 }, { value: 3, host: null }, true],
    [{ atLeast: 3 }, 2.9, false],
    [{ atLeast: 3 }, "many", undefined],
    [{ atMost: 3 }, 3, true],
    [{ atMost: 3 }, 4, false],
    [{ atMost: 3 }, null, undefined],
    [{ matches: "^a.c$" }, "ABC", true],
    [{ matches: "^a.c$" }, "abcd", false],
    [{ matches: "(" }, "abc", undefined],
    [{ matches: "x" }, 1, undefined],
    [{ some: true }, { path: "a" }, true],
    [{ some: true }, false, true],
    [{ some: true }, null, false],
    [{ some: true }, "", false],
    [{ some: true }, [], false],
    [{ none: true }, null, true],
    [{ none: true }, {}, true],
    [{ none: true }, ["a"], false],
  ])("%o of %o: %s", (expectation, value, answer) => {
    expect(fits(expectation, value)).toBe(answer);
  });

  it("finds values by path, own properties only", () => {
    expect(valueAt({ a: { b: 3 } }, "a.b")).toBe(3);
    expect(valueAt({ value: 7, more: 1 }, undefined)).toBe(7);
    expect(valueAt({ a: 1 }, "a.b")).toBeUndefined();
    expect(valueAt({}, "constructor.name")).toBeUndefined();
    expect(valueAt(null, "a")).toBeUndefined();
  });
});

describe("the strategy", () => {
  it.each([
    ["exited", 0, "IMMEDIATE_FIX"],
    ["oom-killed", 5, "IMMEDIATE_FIX"],
    ["crash-loop", 1, "IMMEDIATE_FIX"],
    ["hung", 0, "IMMEDIATE_FIX"],
    ["error-rate", 0, "AI_POWERED"],
    ["error-rate", 1, "PREVENTIVE"],
    ["error-rate", 2, "SELF_HEALING"],
    ["error-rate", 9, "SELF_HEALING"],
  ] as const)("%s seen %i times before: %s", (kind, before, strategy) => {
    expect(strategyOf([{ kind }], before)).toBe(strategy);
  });
});
