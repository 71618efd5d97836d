import {
  array,
  assert,
  integer,
  property,
  shuffledSubarray,
  uniqueArray,
  string,
  record,
  constant,
  tuple,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claim, identify } from "../../signals/clusters/identity.ts";

const claim = (key: string, before: Record<number, number> = {}): Claim => ({
  key,
  before: new Map(Object.entries(before).map(([id, members]) => [Number(id), members])),
});

const claims = uniqueArray(
  record({
    key: string({ maxLength: 3 }),
    before: array(tuple(integer({ min: 1, max: 6 }), integer({ min: 1, max: 5 })), { maxLength: 4 }),
  }),
  { selector: ({ key }) => key, maxLength: 6 },
).map((all) => all.map(({ key, before }): Claim => ({ key, before: new Map(before) })));

describe("who a cluster is over time", () => {
  it("keeps its id, and gives new ones in the order of keys", () => {
    expect(identify([claim("b"), claim("x", { 3: 2 }), claim("a")], 7)).toEqual({
      ids: [8, 3, 7],
      merged: [],
      next: 9,
    });
  });

  it("after a split leaves the id with the larger part", () => {
    expect(identify([claim("a", { 1: 2 }), claim("b", { 1: 5 })], 2).ids).toEqual([2, 1]);
    expect(identify([claim("b", { 1: 2 }), claim("a", { 1: 2 })], 2).ids).toEqual([2, 1]);
  });

  it("after a merge keeps the older id, and says where the other one went", () => {
    const { ids, merged } = identify([claim("a", { 4: 9, 2: 1 })], 5);
    expect(ids).toEqual([2]);
    expect(merged).toEqual([{ from: 4, into: 2 }]);
  });

  it("gives each claim an id of its own, whatever their order", () => {
    const withShuffle = claims.chain((all) =>
      tuple(constant(all), shuffledSubarray(all, { minLength: all.length, maxLength: all.length })),
    );
    assert(
      property(withShuffle, ([all, shuffled]) => {
        const { ids, next } = identify(all, 7);
        expect(new Set(ids).size).toBe(all.length);
        expect(Math.max(6, ...ids)).toBeLessThan(next);
        const again = identify(shuffled, 7).ids;
        expect(all.map((one) => again[shuffled.indexOf(one)])).toEqual(ids);
      }),
    );
  });
});
