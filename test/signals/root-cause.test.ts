// Ranking over small made-up worlds: a chain, a diamond, a shared database, something unrelated beside, a circle.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Dependency, Evidence } from "../../signals/root-cause/evidence.ts";
import { type Ranking, rankCauses } from "../../signals/root-cause/rank.ts";

const calls = (...pairs: string[]): Dependency[] =>
  pairs.map((pair) => {
    const [from = "", to = ""] = pair.split(">");
    return { from, to };
  });

const slow = (service: string, strength = 3): Evidence => ({
  service,
  strength,
  reach: "effect",
  because: `${service} is slow`,
});

const pegged = (service: string, strength = 5): Evidence => ({
  service,
  kind: "cpu",
  strength,
  reach: "own",
  because: `${service} uses its CPU up`,
});

const first = (dependencies: Dependency[], evidence: Evidence[], symptom?: string) => {
  const { ranked } = rankCauses({
    services: [],
    dependencies,
    evidence,
    ...(symptom !== undefined && { symptom: { service: symptom, at: 0 } }),
  });
  return ranked[0]?.service;
};

const namesIn = ({ ranked }: Ranking) => ranked.map((one) => one.service);

describe("rankCauses", () => {
  it("follows a chain to its last troubled service", () => {
    const chain = calls("web>shop", "shop>stock", "stock>database");
    expect(first(chain, [slow("web"), slow("shop"), slow("stock")])).toBe("stock");
  });

  it("finds the bottom of a diamond, not the two sides", () => {
    const diamond = calls("web>cart", "web>search", "cart>prices", "search>prices");
    expect(first(diamond, [slow("web"), slow("cart"), slow("search"), slow("prices")])).toBe("prices");
  });

  it("blames a shared database for all that use it", () => {
    const shared = calls("a>db", "b>db", "c>db");
    const { ranked } = rankCauses({
      services: [],
      dependencies: shared,
      evidence: [slow("a"), slow("b"), slow("c"), slow("db")],
    });
    expect(ranked[0]).toMatchObject({ service: "db", because: ["db is slow"] });
    expect(ranked[0]?.confidence).toBeGreaterThan(0.5);
  });

  it("leaves aside what the complaining service does not need", () => {
    const world = calls("web>shop", "shop>stock", "reports>warehouse");
    const evidence = [slow("web"), slow("stock", 3), slow("warehouse", 4)];
    expect(first(world, evidence, "web")).toBe("stock");
    expect(first(world, evidence)).toBe("warehouse");
  });

  it("decides within a circle of calls", () => {
    const circle = calls("a>b", "b>c", "c>a");
    expect(first(circle, [slow("a"), slow("b"), pegged("c")])).toBe("c");
  });

  it("names the kind of what speaks loudest", () => {
    const { kind } = rankCauses({ services: ["a"], dependencies: [], evidence: [slow("a"), pegged("a")] });
    expect(kind).toBe("cpu");
  });

  it("is sure of nothing when nothing stands out", () => {
    const { ranked, kind } = rankCauses({ services: ["a", "b"], dependencies: calls("a>b"), evidence: [] });
    expect(ranked.map((one) => one.confidence)).toEqual([0, 0]);
    expect(kind).toBeUndefined();
    const faint = rankCauses({ services: ["a", "b"], dependencies: [], evidence: [slow("a", 1)] });
    expect(faint.ranked[0]?.confidence).toBeLessThan(0.3);
  });

  it("is not sure between two that are equally likely", () => {
    const { ranked } = rankCauses({ services: [], dependencies: [], evidence: [pegged("a"), pegged("b")] });
    expect(ranked[0]?.confidence).toBeLessThan(0.5);
  });

  it("suspects a silent dependency of a troubled service before strangers", () => {
    const { ranked } = rankCauses({
      services: ["stranger"],
      dependencies: calls("web>mailer"),
      evidence: [slow("web")],
    });
    expect(ranked.map((one) => one.service)).toEqual(["web", "mailer", "stranger"]);
  });
});

describe("rankCauses, whatever the world", () => {
  const name = fc.constantFrom("a", "b", "c", "d", "e");
  const world = fc.record({
    services: fc.uniqueArray(name),
    dependencies: fc.array(fc.record({ from: name, to: name }), { maxLength: 12 }),
    evidence: fc.array(
      fc.record({
        service: name,
        strength: fc.double({ min: -5, max: 1e6, noNaN: true }),
        reach: fc.constantFrom("own" as const, "effect" as const),
        because: fc.constant("x"),
      }),
      { maxLength: 8 },
    ),
  });

  it("names every service once, with confidences that share one certainty", () => {
    fc.assert(
      fc.property(world, (input) => {
        const { ranked } = rankCauses(input);
        expect(new Set(ranked.map((one) => one.service)).size).toBe(ranked.length);
        const total = ranked.reduce((sum, one) => sum + one.confidence, 0);
        expect(total).toBeLessThanOrEqual(1);
        expect(ranked.every((one) => one.confidence >= 0)).toBe(true);
      }),
    );
  });

  it("does not depend on the order of evidence and dependencies", () => {
    fc.assert(
      fc.property(world, (input) => {
        const turned = {
          services: input.services.toReversed(),
          dependencies: input.dependencies.toReversed(),
          evidence: input.evidence.toReversed(),
        };
        expect(namesIn(rankCauses(turned))).toEqual(namesIn(rankCauses(input)));
      }),
    );
  });
});
