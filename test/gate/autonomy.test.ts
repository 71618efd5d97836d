// How autonomy is earned and lost, and whether a decision was right: what must hold whatever happened.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isEarned, lowerBoundBp, type ScoredDecision, standingOf } from "../../agents/autonomy.ts";
import {
  type Aftermath,
  NEEDLESS_WITHIN_MS,
  scoreDecision,
  SCORED_WITHIN_MS,
} from "../../agents/decision-score.ts";

const pair = { service: "web", playbook: "process-crash", fix: "start" };
const earning = { least: 10, boundBp: 7_000 };
const decision = fc.record<ScoredDecision>({
  outcome: fc.constantFrom("right", "right", "right", "wrong", "unclear"),
  would: fc.boolean(),
  told: fc.constant("because"),
  at: fc.nat(1_000),
});
const history = fc.array(decision, { maxLength: 60 });
const right = (at: number): ScoredDecision => ({ outcome: "right", would: true, told: "", at });
const wrong = (at: number): ScoredDecision => ({ outcome: "wrong", would: false, told: "it came back", at });
const rights = (count: number, from = 0) => Array.from({ length: count }, (_, index) => right(from + index));

describe("autonomy", () => {
  it("is earned by ten right decisions of ten, and not by nine", () => {
    expect(standingOf(pair, rights(9), [], earning)).toMatchObject({
      earnedAt: null,
      rights: 9,
      lowerBp: 7_008,
    });
    expect(standingOf(pair, rights(10), [], earning)).toMatchObject({
      earnedAt: 9,
      rights: 10,
      lowerBp: 7_224,
    });
  });

  it("is lost at the first wrong decision, which need not be one that would have been carried out", () => {
    const lost = standingOf(pair, [...rights(40), wrong(50), right(51)], [], earning);
    expect(lost).toMatchObject({
      earnedAt: null,
      rights: 1,
      wrongs: 0,
      lostAt: 50,
      lostBecause: "it came back",
    });
    const again = standingOf(pair, [...rights(40), wrong(50), ...rights(10, 51)], [], earning);
    expect(again).toMatchObject({ earnedAt: 60, lostAt: 50 });
  });

  it("is taken away by a person, and what was right before counts no more", () => {
    const revoked = [{ at: 20, by: "ada", reason: "a new version" }];
    const standing = standingOf(pair, [...rights(15), ...rights(9, 21)], revoked, earning);
    expect(standing).toMatchObject({
      earnedAt: null,
      rights: 9,
      lostBecause: "ada took it away: a new version",
    });
  });

  const bounds = fc.record({
    least: fc.integer({ min: 1, max: 20 }),
    boundBp: fc.integer({ min: 0, max: 10_000 }),
  });

  it("is never there below its least number or its bound", () => {
    fc.assert(
      fc.property(history, bounds, (all, { least, boundBp }) => {
        const standing = standingOf(pair, all, [], { least, boundBp });
        const { earnedAt, rights: good, wrongs: bad, lowerBp } = standing;
        expect(earnedAt === null || (good + bad >= least && lowerBp >= boundBp)).toBe(true);
        expect(isEarned(standing, { least, boundBp })).toBe(earnedAt !== null);
      }),
    );
  });

  it("is gone after a wrong one, and nothing that was before counts any more", () => {
    fc.assert(
      fc.property(history, bounds, (all, bound) => {
        const one = { ...bound, boundBp: bound.boundBp % 6_000 };
        const own = [...all, ...rights(30, 1_001)];
        fc.pre(standingOf(pair, own, [], one).earnedAt !== null);
        const after = standingOf(pair, [...own, wrong(2_000)], [], one);
        expect(after).toMatchObject({ earnedAt: null, rights: 0, wrongs: 0, lostAt: 2_000 });
      }),
    );
  });

  it("does not depend on the order in which records are read, nor on what is unclear or would not have been done", () => {
    const dated = history.map((all) => all.map((one, at) => ({ ...one, at })));
    fc.assert(
      fc.property(dated, (all) => {
        const standing = standingOf(pair, all, [], earning);
        expect(standingOf(pair, all.toReversed(), [], earning)).toEqual(standing);
        const telling = all.filter(
          (one) => one.outcome === "wrong" || (one.outcome === "right" && one.would),
        );
        expect(standingOf(pair, telling, [], earning)).toEqual(standing);
      }),
    );
  });

  it("has a bound below the share of right ones, which one more right never lowers and one more wrong never lifts", () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (good, bad) => {
        const bound = lowerBoundBp({ rights: good, wrongs: bad });
        expect(bound * (good + bad)).toBeLessThanOrEqual(good * 10_000);
        expect(lowerBoundBp({ rights: good + 1, wrongs: bad })).toBeGreaterThanOrEqual(bound);
        expect(lowerBoundBp({ rights: good, wrongs: bad + 1 })).toBeLessThanOrEqual(bound);
      }),
    );
  });
});

const AT = 1_000_000;
const NOTHING: Aftermath = {
  applied: null,
  cameBack: false,
  said: null,
  refused: false,
  canTell: true,
  sameDoneAt: null,
  otherMeans: false,
  endedAt: null,
};
const score = (change: Partial<Aftermath>, later = 60_000) =>
  scoreDecision({ at: AT, lastAt: AT }, { ...NOTHING, ...change }, { provenMs: 120_000, now: AT + later });

describe("the score of a decision", () => {
  it.each<[string, Partial<Aftermath>, number, string | undefined]>([
    ["nothing has happened yet", {}, 60_000, undefined],
    ["it was carried out and healed", { applied: "healed" }, 0, "right healed"],
    ["it healed and came back", { applied: "healed", cameBack: true }, 0, "wrong came-back"],
    ["it healed, but the cause was another", { applied: "healed", said: "wrong" }, 0, "wrong cause-refuted"],
    ["it did not help", { applied: "not-healed" }, 0, "wrong did-not-help"],
    [
      "it made it worse, whatever a person says",
      { applied: "worse", said: "right" },
      0,
      "wrong did-not-help",
    ],
    ["a person did the same", { sameDoneAt: AT + 1, endedAt: AT + 2 }, 60_000, "right same-done"],
    ["a person did the same just now", { sameDoneAt: AT + 1 }, 60_000, undefined],
    ["a person did the same in vain", { sameDoneAt: AT + 1 }, 130_000, "wrong same-did-not-help"],
    ["a person confirmed the cause", { said: "right", otherMeans: true }, 60_000, "right cause-confirmed"],
    ["a person refuted it", { said: "wrong", sameDoneAt: AT, endedAt: AT }, 60_000, "wrong cause-refuted"],
    ["a person refused it", { refused: true }, 60_000, "wrong refused"],
    ["it ended by itself at once", { endedAt: AT + NEEDLESS_WITHIN_MS }, 300_000, "wrong by-itself"],
    ["it ended much later", { endedAt: AT + NEEDLESS_WITHIN_MS + 1 }, 400_000, "unclear unexplained"],
    ["it ended, and nobody could tell", { endedAt: AT + 1, canTell: false }, 60_000, "unclear unexplained"],
    ["another fix healed it", { otherMeans: true, endedAt: AT + 1 }, 60_000, "unclear by-other-means"],
    ["it went on for a day", {}, SCORED_WITHIN_MS, "unclear went-on"],
  ])("%s", (_what, change, later, expected) => {
    const found = score(change, later);
    expect(found && `${found.outcome} ${found.ending}`).toBe(expected);
  });

  it("is never right where the fix failed, the cause was refuted, or nobody did or said anything", () => {
    const any = fc.record<Aftermath>({
      applied: fc.constantFrom("healed", "not-healed", "worse", null),
      cameBack: fc.boolean(),
      said: fc.constantFrom("right", "wrong", null),
      refused: fc.boolean(),
      canTell: fc.boolean(),
      sameDoneAt: fc.option(fc.constant(AT)),
      otherMeans: fc.boolean(),
      endedAt: fc.option(fc.constant(AT + 5)),
    });
    fc.assert(
      fc.property(any, fc.nat(2 * SCORED_WITHIN_MS), (after, later) => {
        if (score(after, later)?.outcome !== "right") return;
        expect(after.said).not.toBe("wrong");
        expect(["healed", null]).toContain(after.applied);
        expect(after.applied === "healed" || after.sameDoneAt !== null || after.said === "right").toBe(true);
        expect(after.applied === "healed" && after.cameBack).toBe(false);
      }),
    );
  });
});
