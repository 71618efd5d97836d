// The view over all services: ranked causes with their reasons, and who is hit next.
import { describe, expect, it } from "vitest";
import type { SeenPattern } from "../../agents/log-observer.ts";
import type { SeenAnomaly } from "../../agents/metric-watch.ts";
import { makeSuspects } from "../../agents/suspects.ts";
import type { Finding, FindingKind } from "../../domain/finding.ts";
import { finding, MINUTE, NOW, service } from "./shop-world.ts";

/** web → api → db; reports → warehouse. All but db are asked for over HTTP at NAME:8080. */
const services = [
  service("web", { dependsOn: ["api"] }),
  service("api", { dependsOn: ["db"] }),
  service("db"),
  service("reports", { dependsOn: ["warehouse"] }),
  service("warehouse"),
];

interface Known {
  findings?: Finding[];
  anomalies?: SeenAnomaly[];
  patterns?: SeenPattern[];
  unseen?: string[];
}

function suspects({ findings = [], anomalies = [], patterns = [], unseen = [] }: Known) {
  return makeSuspects({
    services: () => services,
    findings: (name) => (unseen.includes(name) ? undefined : findings.filter((one) => one.service === name)),
    anomalies: () => anomalies,
    patterns: (name) => patterns.filter((one) => one.service === name),
    clock: { now: () => NOW },
  });
}

const of = (name: string, kind: FindingKind, more: Partial<Finding> = {}): Finding =>
  finding(kind, {}, { service: name, summary: `${name}: ${kind}`, ...more });

const strange = (name: string, more: Partial<SeenAnomaly>): SeenAnomaly => ({
  service: name,
  name: "memory",
  measuredOn: "service",
  at: NOW,
  value: 0.9,
  expected: 0.3,
  score: 0.9,
  ongoing: true,
  ...more,
});

const complaint = (name: string, text: string): SeenPattern => ({
  service: name,
  id: "p1",
  template: text,
  level: "error",
  examples: [text],
  trend: "new",
  firstSeen: NOW - MINUTE,
  lastSeen: NOW,
  total: 9,
});

describe("the suspects of a symptom", () => {
  it("are led by the dependency that is down, with the reason and who is hit next", () => {
    const findings = [of("db", "exited", { since: NOW - 2 * MINUTE }), of("api", "error-rate")];
    const outage = suspects({ findings }).of("api", [of("api", "error-rate")]);
    expect(outage?.suspects[0]).toMatchObject({ service: "db", because: ["db: exited"] });
    expect(outage?.suspects[0]?.confidence).toBeGreaterThan(0.85);
    expect(outage?.services.map((one) => one.service)).toEqual(["db", "api"]);
    expect(outage?.next).toMatchObject([{ service: "web", path: ["db", "api", "web"] }]);
    expect(outage?.next[0]?.chance).toBeGreaterThan(0.5);
    expect(outage?.next[0]?.at).toBeGreaterThanOrEqual(NOW);
  });

  it("take the findings that are given, not the ones of the last look", () => {
    const world = suspects({ findings: [of("api", "exited")] });
    expect(world.of("api", [])).toBeUndefined();
    expect(world.of("web", [of("web", "latency")])?.suspects[0]?.service).toBe("api");
  });

  it("name what is strange or new where no detector has spoken yet, and its kind", () => {
    const anomalies = [strange("db", {}), strange("db", { name: "cpu", measuredOn: "host" })];
    const patterns = [complaint("api", "query took too long")];
    const slow = of("api", "latency", { severity: "warning" });
    const outage = suspects({ findings: [slow], anomalies, patterns }).of("api", [slow]);
    expect(outage).toMatchObject({
      kind: "memory",
      suspects: [{ service: "db", because: ["memory is 0.9, expected was 0.3"] }, { service: "api" }],
    });
    expect(outage?.suspects[1]?.because).toContain('"query took too long" is new in its log');
  });

  it("do not count less than usual, or what is not an error, as a sign of guilt", () => {
    const slow = of("api", "latency");
    const anomalies = [strange("db", { name: "cpu", value: 0.1, expected: 0.5 })];
    const patterns = [{ ...complaint("db", "checkpoint"), level: "info" as const }];
    const outage = suspects({ findings: [slow], anomalies, patterns }).of("api", [slow]);
    expect(outage?.suspects[0]?.service).toBe("api");
  });

  it("leave a crash at its own door while the dependency is only slow", () => {
    const findings = [of("db", "latency", { severity: "warning" }), of("api", "oom-killed")];
    const outage = suspects({ findings }).of("api", findings.slice(1));
    expect(outage).toMatchObject({ kind: "memory", suspects: [{ service: "api" }, { service: "db" }] });
  });

  it("find a dependency that nobody declared in what the log complains about", () => {
    const findings = [of("reports", "error-rate"), of("db", "exited")];
    const patterns = [complaint("reports", "connect ECONNREFUSED db:8080")];
    expect(suspects({ findings, patterns }).of("reports", findings.slice(0, 1))?.suspects[0]?.service).toBe(
      "db",
    );
    const named = [complaint("reports", "connect ECONNREFUSED mydb:80801")];
    const other = suspects({ findings, patterns: named }).of("reports", findings.slice(0, 1));
    expect(other?.suspects[0]?.service).toBe("reports");
  });
});

describe("the outages of now", () => {
  it("are two where two causes have nothing to do with each other", () => {
    const findings = [
      of("db", "exited"),
      of("api", "error-rate"),
      of("web", "error-rate"),
      of("warehouse", "disk"),
      of("reports", "latency"),
    ];
    const outages = suspects({ findings }).outages();
    const told = outages.map(({ suspects: [first], kind, services: hit, next }) => [
      first?.service,
      kind,
      hit.length,
      next.length,
    ]);
    expect(told).toEqual([
      ["db", null, 3, 0],
      ["warehouse", "disk", 2, 0],
    ]);
    for (const one of outages) expect(one.suspects[0]?.confidence).toBeGreaterThan(0.7);
  });

  it("are none where all is well, and where nobody has looked yet", () => {
    expect(suspects({}).outages()).toEqual([]);
    expect(suspects({ unseen: services.map((one) => one.name) }).outages()).toEqual([]);
    expect(suspects({ findings: [of("db", "source-down")] }).outages()).toEqual([]);
  });
});
