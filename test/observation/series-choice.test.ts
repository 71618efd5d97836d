// Who is watched where there are more series than places: what holds whatever comes.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { chooseSeries, type SeriesClaim } from "../../agents/series-choice.ts";

const services: readonly string[] = ["a", "b", "c", "d", "e"];
const claims = fc
  .uniqueArray(
    fc.record({
      service: fc.constantFrom(...services),
      name: fc.nat({ max: 12 }),
      limited: fc.boolean(),
      held: fc.boolean(),
    }),
    { selector: ({ service, name }) => `${service} ${name}`, maxLength: 50 },
  )
  .map((list) => list.map(({ name, ...one }): SeriesClaim => ({ ...one, key: `${one.service} ${name}` })));
const sickOnes = fc.uniqueArray(fc.constantFrom(...services));
const asked = [claims, fc.nat({ max: 60 }), sickOnes] as const;

function choose(list: readonly SeriesClaim[], most: number, sick: readonly string[]) {
  const chosen = chooseSeries(list, most, (service) => sick.includes(service));
  const counts = new Map<string, number>();
  for (const one of list)
    if (chosen.has(one.key)) counts.set(one.service, (counts.get(one.service) ?? 0) + 1);
  const left = list.filter((one) => !chosen.has(one.key));
  return { chosen, left, count: (service: string) => counts.get(service) ?? 0 };
}

it("fills all places and never more", () => {
  fc.assert(
    fc.property(...asked, (list, most, sick) => {
      expect(choose(list, most, sick).chosen.size).toBe(Math.min(most, list.length));
    }),
  );
});

it("leaves nothing out of a service that is due more: one with symptoms has at most twice another's share", () => {
  fc.assert(
    fc.property(...asked, (list, most, sick) => {
      const { left, count } = choose(list, most, sick);
      const share = (service: string) => count(service) / (sick.includes(service) ? 2 : 1);
      for (const { service } of left) {
        for (const other of services) expect(share(other)).toBeLessThanOrEqual(share(service) + 1);
      }
    }),
  );
});

it("lets a service with symptoms never have less than one without", () => {
  fc.assert(
    fc.property(...asked, (list, most, sick) => {
      const { left, count } = choose(list, most, sick);
      for (const { service } of left.filter((one) => sick.includes(one.service))) {
        for (const well of services.filter((one) => !sick.includes(one))) {
          expect(count(service)).toBeGreaterThanOrEqual(count(well));
        }
      }
    }),
  );
});

const worth = ({ limited, held }: SeriesClaim) => 2 * Number(limited) + Number(held);

it("prefers, within a service, what has a limit, then what is watched already", () => {
  fc.assert(
    fc.property(...asked, (list, most, sick) => {
      const { chosen, left } = choose(list, most, sick);
      for (const out of left) {
        for (const one of list.filter(({ key, service }) => service === out.service && chosen.has(key))) {
          expect(worth(one)).toBeGreaterThanOrEqual(worth(out));
        }
      }
    }),
  );
});

it("chooses the same in whatever order they come, and stays with its choice", () => {
  fc.assert(
    fc.property(...asked, (list, most, sick) => {
      const { chosen } = choose(list, most, sick);
      expect(choose(list.toReversed(), most, sick).chosen).toEqual(chosen);
      const held = list.map((one) => ({ ...one, held: chosen.has(one.key) }));
      expect(choose(held, most, sick).chosen).toEqual(chosen);
    }),
  );
});
