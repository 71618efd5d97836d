// When another run is due: at once after a success, ever later after runs in vain, at once for what is new.
import { describe, expect, it } from "vitest";
import { makePacing } from "../../api/pacing.ts";
import type { RunOutcome } from "../../domain/incident.ts";
import { makeTestClock } from "../knowledge/open-test-store.ts";
import { finding } from "../knowledge/sample-findings.ts";

const COOLDOWN_MS = 10_000;
const old = [finding("old")];

function open() {
  const clock = makeTestClock();
  const pacing = makePacing({ clock, cooldownMs: () => COOLDOWN_MS });
  return {
    clock,
    pacing,
    /** A run for `old` was asked for, and ended like this. */
    run(outcome: RunOutcome | null, findings = old) {
      pacing.asked("shop", findings);
      clock.advance(2_000);
      pacing.ended({ service: "shop", outcome });
    },
    /** How long it is not due, ms. */
    rest(findings = old): number {
      const start = clock.now();
      while (!pacing.isDue("shop", findings)) clock.advance(500);
      return clock.now() - start;
    },
  };
}

describe("pacing", () => {
  it("lets a service that was never healed have its run, and does not ask twice for it", () => {
    const { pacing, clock } = open();
    expect(pacing.isDue("shop", old)).toBe(true);
    pacing.asked("shop", old);
    expect(pacing.isDue("shop", old)).toBe(false);
    expect(pacing.isDue("web", old)).toBe(true);
    clock.advance(1_000);
    expect(pacing.isDue("shop", old), "the request may have been lost").toBe(true);
  });

  it.each<RunOutcome | null>(["healed", "healthy", "no-longer-needed", null])(
    "is due at once after %s",
    (outcome) => {
      const { run, rest } = open();
      run("escalated");
      run(outcome);
      expect(rest()).toBe(0);
    },
  );

  it.each<RunOutcome>(["escalated", "rolled-back", "failed", "rejected", "observed", "cancelled"])(
    "waits twice as long after each run that ended %s, half an hour at most",
    (outcome) => {
      const { run, rest } = open();
      const rests = Array.from({ length: 10 }, () => {
        run(outcome);
        return rest() / COOLDOWN_MS;
      });
      expect(rests).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 180, 180]);
    },
  );

  it("asks again soon after 'not now', a minute later at most", () => {
    const { run, rest } = open();
    const rests = Array.from({ length: 7 }, () => {
      run("deferred");
      return rest();
    });
    expect(rests).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it("does not make a new symptom wait for an old one, but makes each wait that was tried", () => {
    const { run, rest, pacing } = open();
    run("escalated");
    const both = [finding("old"), finding("new")];
    expect(pacing.isDue("shop", old)).toBe(false);
    expect(pacing.isDue("shop", both)).toBe(true);
    run("escalated", both);
    expect(pacing.isDue("shop", both)).toBe(false);
    expect(rest(both)).toBe(2 * COOLDOWN_MS);
  });

  it("begins anew when the service was healed in between", () => {
    const { run, rest } = open();
    for (const outcome of ["escalated", "escalated", "escalated", "healed", "escalated"] as const)
      run(outcome);
    expect(rest()).toBe(COOLDOWN_MS);
  });
});
