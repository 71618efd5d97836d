// Small steps: up or down by half, in the type and unit of the file.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millisecondsOf, quantityOf, step } from "../../agents/evidence/bounded-step.ts";
import { hostIn, millisecondsIn } from "../../agents/evidence/log-patterns.ts";

describe("a bounded step", () => {
  it.each([
    [0.8, "raise", 1.2],
    [800, "raise", 1_200],
    ["800", "raise", "1200"],
    ["800ms", "raise", "1200ms"],
    ["2s", "raise", "3s"],
    ["0.5 s", "raise", "0.75 s"],
    [1, "raise", 2],
    [40, "lower", 27],
    [2, "lower", 1],
    [1, "lower", undefined],
    [0, "raise", undefined],
    [-5, "raise", undefined],
    ["fast", "raise", undefined],
    [true, "raise", undefined],
    [null, "raise", undefined],
  ] as const)("%s, %s: %s", (from, direction, to) => {
    expect(step(from, direction)).toBe(to);
  });

  it("never moves by more than half, but for whole numbers that could not move else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1e9 }), (from) => {
        const up = Number(step(from, "raise"));
        const down = Number(step(from, "lower"));
        expect(up).toBeGreaterThan(from);
        expect(up).toBeLessThanOrEqual(from * 1.5);
        expect(down).toBeLessThan(from);
        expect(down).toBeGreaterThanOrEqual(Math.min(from / 1.5, from - 1));
      }),
    );
  });

  it.each([
    ["timeoutMs", 500, 500],
    ["TIMEOUT_SECONDS", 3, 3_000],
    ["timeout", "2s", 2_000],
    ["timeout", "1m", 60_000],
    ["timeout", 5, 5_000],
    ["timeout", 5_000, 5_000],
    ["timeout", "soon", undefined],
  ])("%s = %s means %s ms", (name, value, ms) => {
    expect(millisecondsOf(name, value)).toBe(ms);
  });

  it("knows a number in a text by its unit", () => {
    expect(quantityOf(" 1.5s ")).toEqual({ amount: 1.5, unit: "s", asText: true });
  });
});

describe("a log line", () => {
  it.each([
    ["GET https://api.partner.example:8443/v1 answered 429", "api.partner.example"],
    ["connect ECONNREFUSED 127.0.0.1:5432", "127.0.0.1"],
    ["getaddrinfo ENOTFOUND db.internal", "db.internal"],
    ["fetch http://partner/v1 failed: 429", "partner"],
    ["too many requests", undefined],
  ])("%s names %s", (line, host) => {
    expect(hostIn(line)).toBe(host);
  });

  it.each([
    ["timed out after 1500 ms", 1_500],
    ["timed out after 2.5s", 2_500],
    ["timed out", undefined],
  ])("%s lasts %s", (line, ms) => {
    expect(millisecondsIn(line)).toBe(ms);
  });
});
