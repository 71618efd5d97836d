// The rules between findings: the most particular one stays, something always stays, and the order is fixed. And
// whatever signals come, in whatever combination, the answer is a list of valid findings.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import {
  type Finding,
  type FindingKind,
  findingKinds,
  findingSchema,
  severities,
} from "../../domain/finding.ts";
import { containerHealth, logLevels, metricNames, runStatuses, type Signal } from "../../domain/signal.ts";
import { probeFailures } from "../../tools/probe-answer.ts";
import { detect, now, shop, thresholds } from "./view.ts";

function finding(kind: FindingKind, parts: Partial<Finding> = {}): Finding {
  return {
    kind,
    service: "shop",
    since: now - 1_000,
    at: now,
    severity: "critical",
    summary: kind,
    signature: kind,
    facts: {},
    signals: [],
    ...parts,
  };
}

function remaining(found: readonly Finding[]): Finding[] {
  const detector = makeErrorDetector({
    detectors: [() => [...found]],
    thresholds: () => thresholds,
    clock: { now: () => now },
  });
  return detector({ service: shop, signals: [], dependencies: [] });
}

describe("of two findings about one trouble", () => {
  it.each<[FindingKind, FindingKind[]]>([
    ["oom-killed", ["exited", "crash-loop", "memory", "unreachable", "log-errors"]],
    ["crash-loop", ["exited", "unreachable", "error-rate", "log-errors"]],
    ["exited", ["unreachable", "hung", "unhealthy", "error-rate", "latency", "cpu", "memory", "log-errors"]],
    ["hung", ["unhealthy", "latency", "error-rate", "unreachable", "cpu", "log-errors"]],
    ["unreachable", ["unhealthy", "error-rate", "latency", "log-errors"]],
    ["error-rate", ["unhealthy", "log-errors"]],
    ["latency", ["unhealthy", "log-errors"]],
    ["disk", ["log-errors"]],
  ])("%s stays", (kind, hidden) => {
    for (const other of hidden) {
      expect(remaining([finding(other), finding(kind)])).toEqual([
        finding(kind, { facts: { standsFor: [other] } }),
      ]);
    }
  });

  it("a warning does not hide something critical", () => {
    const kinds = remaining([finding("exited"), finding("oom-killed", { severity: "warning" })]).map(
      (one) => one.kind,
    );
    expect(kinds).toEqual(["exited", "oom-killed"]);
  });

  it.each<[FindingKind, "warning" | "info", FindingKind[]]>([
    ["dependency-down", "warning", ["error-rate", "latency", "log-errors", "unhealthy", "hung"]],
    ["rate-limited", "warning", ["error-rate", "latency", "log-errors", "unhealthy"]],
    ["stopped-by-operator", "info", ["exited", "crash-loop", "unreachable", "hung", "memory"]],
  ])("%s explains what is graver than itself away", (kind, severity, hidden) => {
    for (const other of hidden) {
      expect(remaining([finding(other), finding(kind, { severity })]).map((one) => one.kind)).toEqual([kind]);
    }
  });

  it("but its own end is no dependency's fault", () => {
    const kinds = remaining([finding("dependency-down", { severity: "warning" }), finding("exited")]).map(
      (one) => one.kind,
    );
    expect(kinds).toEqual(["exited", "dependency-down"]);
  });
});

const anyFinding = fc
  .record({
    kind: fc.constantFrom(...findingKinds),
    severity: fc.constantFrom(...severities),
    since: fc.integer({ min: now - 600_000, max: now }),
  })
  .map(({ kind, ...parts }) => finding(kind, parts));

/** Gravity first, then how long ago it began (at most ten minutes). */
const rank = (one: Finding) => severities.indexOf(one.severity) * 1_000_000 + (one.since - now);
const kindsOf = (some: readonly Finding[]) => some.map((one) => one.kind).toSorted();

it("something always stays, in order, and it does not matter which detector was asked first", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyFinding, { selector: (one) => one.kind, minLength: 1 }), (found) => {
      const left = remaining(found);
      expect(left.length).toBeGreaterThan(0);
      expect(left.map(rank)).toEqual(left.map(rank).toSorted((a, b) => a - b));
      expect(kindsOf(remaining(found.toReversed()))).toEqual(kindsOf(left));
    }),
  );
});

const at = fc.integer({ min: now - 600_000, max: now });
const seen = { service: fc.constant("shop"), at };
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined });
const words = fc.constantFrom(
  "connect ECONNREFUSED 127.0.0.1:5432",
  "answered 429 Too Many Requests",
  "GET /checkout 500 12ms",
  "TypeError: x\n    at y",
  "orders-db is away: timed out after 800 ms",
  "all is well",
);
const anySignal: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({
    kind: fc.constant("probe" as const),
    ...seen,
    probe: fc.constantFrom(
      "http http://127.0.0.1:8081/healthz",
      "tcp 127.0.0.1:8081",
      "postgres 127.0.0.1/shop",
      "exec check",
    ),
    ok: fc.boolean(),
    latencyMs: fc.integer({ min: 0, max: 10_000 }),
    failure: fc.constantFrom(...probeFailures),
  }),
  fc.record({
    kind: fc.constant("state" as const),
    ...seen,
    status: fc.constantFrom(...runStatuses),
    health: fc.constantFrom(...containerHealth),
    instance: fc.constantFrom("", "a", "b", "c"),
    oomKilled: fc.boolean(),
    restartCount: fc.nat(5),
    stoppedByOperator: fc.boolean(),
    replicas: fc.constant(1),
  }),
  fc.record({
    kind: fc.constant("source" as const),
    ...seen,
    source: fc.constantFrom("state", "probe", "log docker", "log /srv/app.log", "host"),
    ok: fc.boolean(),
    since: at,
    error: maybe(words),
  }),
  fc.record({
    kind: fc.constant("metric" as const),
    ...seen,
    name: fc.constantFrom(...metricNames),
    value: fc.double({ min: 0, max: 2, noNaN: true }),
    of: fc.constantFrom("service", "host", "/"),
  }),
  fc.record({
    kind: fc.constant("log" as const),
    ...seen,
    level: fc.constantFrom(...logLevels),
    text: fc.oneof(words, fc.string()),
    source: fc.constant("stdout"),
  }),
  fc.record({
    kind: fc.constant("event" as const),
    ...seen,
    event: fc.constantFrom("die", "oom", "start", "stop", "kill", "unhealthy", "healthy", "destroy"),
  }),
);

it("any signals give valid findings of this service, the same ones each time", () => {
  const dependencies = maybe(fc.constant([{ name: "orders-db", level: "critical" as const }]));
  const files = { root: "/srv", editable: [], afterEdit: "none" } as const;
  fc.assert(
    fc.property(fc.array(anySignal, { maxLength: 60 }), dependencies, (signals, needed) => {
      const scene = { service: { files }, dependencies: needed ?? [] };
      const findings = detect(signals, scene);
      for (const one of findings) {
        expect(findingSchema.parse(one)).toEqual(one);
        expect(one.service).toBe("shop");
        expect(one.since).toBeLessThanOrEqual(now);
        expect(JSON.parse(JSON.stringify(one.facts))).toEqual(one.facts);
      }
      expect(detect(signals, scene)).toEqual(findings);
    }),
    { numRuns: 500 },
  );
});
