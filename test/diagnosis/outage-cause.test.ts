// Whose incident symptoms belong to while something that the service needs is in trouble.
import { describe, expect, it } from "vitest";
import { dependencyGraph } from "../../agents/dependency-graph.ts";
import { outageCause } from "../../agents/outage-cause.ts";
import type { FindingKind } from "../../domain/finding.ts";
import { finding, MINUTE, NOW } from "./shop-world.ts";

const graph = dependencyGraph([
  { name: "web", dependsOn: ["api"] },
  { name: "api", dependsOn: ["db"] },
  { name: "db", dependsOn: [] },
  { name: "cache", dependsOn: [] },
]);

const web = (kind: FindingKind, since = NOW) => ({
  service: "web",
  findings: [finding(kind, {}, { service: "web", since })],
});
const open = (service: string, openedAt = NOW - MINUTE) => ({ service, openedAt });

describe("symptoms that may come from below", () => {
  it("belong to the outage of what the service needs, also over one that is well", () => {
    expect(outageCause(web("error-rate"), [open("db")], graph)).toBe("db");
    expect(outageCause(web("latency"), [open("api"), open("db")], graph)).toBe("db");
  });

  it("belong to the outage of what traces show that it needs", () => {
    const learned = dependencyGraph([{ name: "web", dependsOn: [] }], [{ from: "web", to: "db" }]);
    expect(outageCause(web("error-rate"), [open("db")], learned)).toBe("db");
  });

  it("are its own where nothing that it needs is in trouble, or only something else is", () => {
    expect(outageCause(web("error-rate"), [], graph)).toBeUndefined();
    expect(outageCause(web("error-rate"), [open("cache"), open("web")], graph)).toBeUndefined();
    const api = { service: "api", findings: [finding("error-rate", {}, { service: "api" })] };
    expect(outageCause(api, [open("web")], graph)).toBeUndefined();
  });

  it("are its own where they began at another time", () => {
    expect(outageCause(web("error-rate"), [open("db", NOW - 60 * MINUTE)], graph)).toBeUndefined();
    expect(outageCause(web("error-rate", NOW - 30 * MINUTE), [open("db")], graph)).toBeUndefined();
  });
});

describe("symptoms that only the service itself can have", () => {
  it("are its own, whatever else is in trouble", () => {
    for (const kind of ["exited", "oom-killed", "disk", "hung"] as const) {
      expect(outageCause(web(kind), [open("db")], graph)).toBeUndefined();
    }
    const both = { service: "web", findings: [...web("error-rate").findings, ...web("memory").findings] };
    expect(outageCause(both, [open("db")], graph)).toBeUndefined();
  });
});
