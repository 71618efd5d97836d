// What holds for every row of restarts, and the sentence that a person reads.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextRestart, reachOf, restartBackOff } from "../../graph/back-off.ts";
import { gate } from "../../graph/gate.ts";
import { allowed, MINUTE, NOW, pastFix } from "./gate-input.ts";

const SECOND = 1_000;
const backOff = fc
  .record({ first: fc.integer({ min: 0, max: 600 }), factor: fc.integer({ min: 1, max: 40 }) })
  .map(({ first, factor }) =>
    restartBackOff({
      attempts: 3,
      withinMs: MINUTE,
      cooldownMs: first * SECOND,
      longestCooldownMs: first * factor * SECOND,
      symptomReturnsMs: MINUTE,
    }),
  );
const ago = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 12 });
const before = (seconds: readonly number[]): number[] => seconds.map((one) => NOW - one * SECOND);

describe("the wait before the next restart", () => {
  it("is never shorter than the first nor longer than the longest, and counts from the last restart", () => {
    fc.assert(
      fc.property(ago, backOff, (seconds, waits) => {
        const next = nextRestart(before(seconds), waits, NOW);
        if (next === undefined) return;
        expect(next.waitMs).toBeGreaterThanOrEqual(waits.firstMs);
        expect(next.waitMs).toBeLessThanOrEqual(waits.longestMs);
        expect(next.at).toBe(Math.max(...before(seconds)) + next.waitMs);
      }),
    );
  });

  it("never gets shorter by one more restart", () => {
    fc.assert(
      fc.property(ago, fc.integer({ min: 0, max: 40_000 }), backOff, (seconds, more, waits) => {
        const [less, full] = [seconds, [...seconds, more]].map((one) => nextRestart(before(one), waits, NOW));
        expect(full?.at ?? -Infinity).toBeGreaterThanOrEqual(less?.at ?? -Infinity);
      }),
    );
  });

  it("doubles with each in a row, until the longest", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), backOff, (count, waits) => {
        const close = Array.from({ length: count }, (_, index) => NOW - index);
        fc.pre(waits.calmMs > 1);
        const { waitMs = -1, inARow } = nextRestart(close, waits, NOW) ?? {};
        expect(inARow).toBe(count);
        expect(waitMs).toBe(Math.min(waits.firstMs * 2 ** (count - 1), waits.longestMs));
      }),
    );
  });

  it("is over before the calm that ends a row is, and the calm ends it", () => {
    fc.assert(
      fc.property(ago, backOff, (seconds, waits) => {
        const times = before(seconds);
        const next = nextRestart(times, waits, NOW);
        const calm = times.length === 0 || NOW - Math.max(...times) >= waits.calmMs;
        expect(next === undefined).toBe(calm);
        expect(next?.waitMs ?? 0).toBeLessThanOrEqual(waits.calmMs);
      }),
    );
  });

  it("is the same from all that ever was as from what is read of it", () => {
    fc.assert(
      fc.property(ago, backOff, (seconds, waits) => {
        const times = before(seconds);
        const read = times.filter((at) => at >= NOW - reachOf(waits));
        expect(nextRestart(read, waits, NOW)?.at).toBe(nextRestart(times, waits, NOW)?.at);
      }),
    );
  });

  it("does not depend on the order, and takes what is no time for now", () => {
    const waits = restartBackOff(allowed().policy.breaker);
    const times = before([700, 30, 200]);
    expect(nextRestart(times.toReversed(), waits, NOW)).toEqual(nextRestart(times, waits, NOW));
    expect(nextRestart([Number.NaN], waits, NOW)).toMatchObject({ inARow: 1, at: NOW + 2 * MINUTE });
    expect(nextRestart([], waits, NOW)).toBeUndefined();
  });
});

it("the gate says when the next restart is due, and how that was counted", () => {
  const input = allowed();
  input.history.fixes = [3, 13].map((minutes) => pastFix({ at: NOW - minutes * MINUTE }));
  const verdict = gate(input);
  expect(verdict.decision).toBe("deny");
  expect(verdict.reasons.filter((one) => one.outcome === "deny")).toEqual([
    {
      rule: "back-off",
      outcome: "deny",
      text: "the next restart at 2026-03-11T12:01:00.000Z (2 in a row: 120 s × 2^1, at most 960 s = 240 s)",
    },
  ]);
  expect(gate(input, 2).decision).toBe("allow");
});
