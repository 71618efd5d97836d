// Events that came lately are known, by their source and id, within a fixed room.
import { array, assert, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { idNumber, makeRecentIds } from "../../tools/log-sources/recent-ids.ts";

it("knows source and id apart", () => {
  const ids = [
    idNumber({ source: "http", rawId: "1" }),
    idNumber({ source: "otlp", rawId: "1" }),
    idNumber({ source: "http", rawId: "2" }),
    idNumber({ source: "http", rawId: "1" }),
  ];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(Number.isSafeInteger(id) && id > 0).toBe(true);
});

it("knows what came among the newest half of its room, and never what did not come", () => {
  const given = array(integer({ min: 1, max: 60 }), { maxLength: 300 });
  assert(
    property(given, (ids) => {
      const recent = makeRecentIds(20);
      const came: number[] = [];
      for (const one of ids) {
        const must = !came.includes(one);
        const mustNot = came.slice(-10).includes(one);
        const fresh = recent.add(one);
        expect([must && !fresh, mustNot && fresh]).toEqual([false, false]);
        if (fresh) came.push(one);
      }
    }),
  );
});

it("finds its way where many ids want the same place", () => {
  const recent = makeRecentIds(1_000);
  const crowded = Array.from({ length: 400 }, (_, n) => 1_023 + n * 1_024);
  expect(crowded.every((one) => recent.add(one))).toBe(true);
  expect(crowded.some((one) => recent.add(one))).toBe(false);
});
