// One outage becomes one incident, and says who is hit next.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callGraph } from "../../signals/root-cause/call-graph.ts";
import { hitNext } from "../../signals/root-cause/cascade.ts";
import { incidentOf, incidentsOf, type ServiceFinding } from "../../signals/root-cause/incidents.ts";

const graphOf = (...pairs: string[]) =>
  callGraph(
    [],
    pairs.map((pair) => {
      const [from = "", to = ""] = pair.split(">");
      return { from, to };
    }),
  );

const MINUTE = 60_000;
const at = (service: string, minute: number): ServiceFinding => ({ service, since: minute * MINUTE });
const shapes = (groups: { cause: string; findings: ServiceFinding[] }[]) =>
  groups.map(({ cause, findings }) => [cause, ...findings.map((one) => one.service)]);

describe("incidentsOf", () => {
  it("lets dependants join their cause's incident, over healthy ones between", () => {
    const graph = graphOf("web>shop", "shop>stock", "stock>database");
    const groups = incidentsOf([at("database", 0), at("web", 1), at("stock", 2)], graph);
    expect(shapes(groups)).toEqual([["database", "database", "web", "stock"]]);
  });

  it("joins a detector that was quicker at the caller than at the cause", () => {
    expect(shapes(incidentsOf([at("web", 0), at("db", 1)], graphOf("web>db")))).toEqual([
      ["db", "web", "db"],
    ]);
  });

  it("keeps apart what is not connected, and what began at another time", () => {
    const graph = graphOf("web>db", "reports>warehouse");
    expect(incidentsOf([at("web", 0), at("db", 0), at("warehouse", 0)], graph)).toHaveLength(2);
    expect(incidentsOf([at("db", 0), at("web", 60)], graph)).toHaveLength(2);
    expect(incidentsOf([at("web", 0), at("db", 10)], graph)).toHaveLength(2);
  });

  it("keeps two callers of a healthy service apart", () => {
    expect(incidentsOf([at("a", 0), at("b", 0)], graphOf("a>db", "b>db"))).toHaveLength(2);
  });

  it("makes one incident of a circle, led by the first", () => {
    const groups = incidentsOf([at("c", 1), at("a", 0), at("b", 1)], graphOf("a>b", "b>c", "c>a"));
    expect(shapes(groups)).toEqual([["a", "a", "c", "b"]]);
  });

  it("puts every finding into exactly one incident, in whatever order they come", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
    const edges = fc.array(fc.record({ from: name, to: name }), { maxLength: 14 });
    const found = fc.array(fc.record({ service: name, since: fc.integer({ min: 0, max: 40 * MINUTE }) }));
    fc.assert(
      fc.property(edges, found, (dependencies, findings) => {
        const groups = incidentsOf(findings, callGraph([], dependencies));
        const placed = groups.flatMap((one) => one.findings);
        expect(new Set(placed)).toEqual(new Set(findings));
        expect(placed).toHaveLength(findings.length);
        const causes = (all: typeof groups) => all.map((one) => one.cause).toSorted();
        expect(causes(incidentsOf(findings.toReversed(), callGraph([], dependencies.toReversed())))).toEqual(
          causes(groups),
        );
        for (const one of findings) {
          expect(incidentOf(one, findings, callGraph([], dependencies))?.findings).toContain(one);
        }
      }),
    );
  });
});

describe("hitNext", () => {
  const chain = graphOf("web>shop", "shop>stock", "stock>database", "reports>warehouse");

  it("warns the callers of the cause, nearest first, and nobody else", () => {
    const hits = hitNext({
      graph: chain,
      cause: "database",
      observed: new Map([["database", 0]]),
      now: 1_000,
    });
    expect(hits.map((one) => one.service)).toEqual(["stock", "shop", "web"]);
    expect(hits.map((one) => one.path.length)).toEqual([2, 3, 4]);
    expect(hits.every((one) => one.at >= 1_000)).toBe(true);
  });

  it("learns from the steps so far how fast trouble climbs", () => {
    const observed = new Map([
      ["database", 0],
      ["stock", 20_000],
    ]);
    const [next] = hitNext({ graph: chain, cause: "database", observed, now: 25_000 });
    expect(next).toMatchObject({ service: "shop", at: 40_000 });
    expect(next?.probability).toBeGreaterThan(0.7);
  });

  it("believes less in it the longer callers stay well", () => {
    const observed = new Map([["database", 0]]);
    const [soon] = hitNext({ graph: chain, cause: "database", observed, now: 1_000 });
    const [late] = hitNext({ graph: chain, cause: "database", observed, now: 60 * MINUTE });
    expect(late?.probability).toBeLessThan(soon?.probability ?? 0);
  });

  it("ends in a circle", () => {
    const hits = hitNext({ graph: graphOf("a>b", "b>c", "c>a"), cause: "a", observed: new Map(), now: 0 });
    expect(hits.map((one) => one.service)).toEqual(["c", "b"]);
  });

  it("knows nothing of a service without callers", () => {
    expect(hitNext({ graph: chain, cause: "web", observed: new Map(), now: 0 })).toEqual([]);
    expect(hitNext({ graph: chain, cause: "unheard", observed: new Map(), now: 0 })).toEqual([]);
  });
});
