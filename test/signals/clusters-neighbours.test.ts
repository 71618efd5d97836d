import { array, assert, constantFrom, double, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  distanceBetween,
  makeNeighbourIndex,
  type Point,
  pointOf,
} from "../../signals/clusters/neighbours.ts";

const word = constantFrom("a", "b", "c", "d", "e", "f", "key=", "*");
const point = tuple(
  array(constantFrom("host", "app", "main"), { maxLength: 3 }),
  array(word, { maxLength: 8 }),
).map(([head, body]) => pointOf(head, body));

describe("neighbours of a point", () => {
  it("are the same that comparing with all would find, also after some have gone", () => {
    assert(
      property(
        array(point, { maxLength: 30 }),
        double({ min: 0.05, max: 1.5, noNaN: true }),
        (points, radius) => {
          const distinct = [...new Map(points.map((one) => [one.key, one])).values()];
          const index = makeNeighbourIndex<Point>();
          for (const one of distinct) index.add(one);
          const gone = distinct.splice(0, Math.floor(distinct.length / 3));
          for (const one of gone) index.remove(one);
          for (const one of distinct) {
            const near = distinct.filter((other) => other !== one && distanceBetween(one, other) <= radius);
            const found = index.within(one, radius).map((neighbour) => neighbour.point.key);
            expect(found.sort()).toEqual(near.map(({ key }) => key).sort());
          }
        },
      ),
    );
  });

  it("are as far from here as here is from there", () => {
    assert(
      property(point, point, (a, b) => {
        expect(distanceBetween(a, b)).toBe(distanceBetween(b, a));
        expect(distanceBetween(a, b) === 0).toBe(a.key === b.key);
      }),
    );
  });

  it("differ not by who spoke, and much by a word or a parameter more", () => {
    const message = ["no", "answer", "from", "peer", "in", "time"];
    const here = pointOf(["main"], message);
    expect(distanceBetween(here, pointOf(["pool", "worker"], message))).toBe(0);
    expect(distanceBetween(here, pointOf(["main"], [...message, "again"]))).toBeGreaterThan(0.3);
    expect(distanceBetween(here, pointOf(["main"], [...message, "*"]))).toBeGreaterThan(0.3);
    expect(distanceBetween(here, pointOf(["main"], [...message, "time"]))).toBeGreaterThan(0.3);
    expect(distanceBetween(here, pointOf(["main"], ["disk", "full"]))).toBeGreaterThan(1);
  });

  it("differ by who spoke where hardly anything was said", () => {
    expect(
      distanceBetween(pointOf(["store"], ["time", "out"]), pointOf(["shop"], ["time", "out"])),
    ).toBeGreaterThan(0.3);
  });
});
