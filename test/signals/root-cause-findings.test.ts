// From the detectors' findings to a ranking.
import { describe, expect, it } from "vitest";
import type { Finding } from "../../domain/finding.ts";
import { findingEvidence } from "../../signals/root-cause/finding-evidence.ts";
import { rankCauses } from "../../signals/root-cause/rank.ts";

const finding = (service: string, kind: Finding["kind"], severity: Finding["severity"] = "critical") => ({
  service,
  kind,
  severity,
  since: 0,
  summary: `${service}: ${kind}`,
});

const dependencies = [
  { from: "web", to: "shop" },
  { from: "shop", to: "db" },
];

describe("findingEvidence", () => {
  it("lets a full disk explain slow and failing dependants", () => {
    const evidence = findingEvidence([
      finding("web", "error-rate"),
      finding("shop", "latency"),
      finding("shop", "log-errors"),
      finding("db", "disk"),
    ]);
    const { ranked, kind } = rankCauses({ services: [], dependencies, evidence });
    expect(ranked[0]).toMatchObject({ service: "db", because: ["db: disk"] });
    expect(ranked[0]?.confidence).toBeGreaterThan(0.8);
    expect(kind).toBe("disk");
  });

  it("lets a crash stand for itself, though its dependency is slow", () => {
    const evidence = findingEvidence([finding("shop", "exited"), finding("db", "latency", "warning")]);
    expect(rankCauses({ services: [], dependencies, evidence }).ranked[0]?.service).toBe("shop");
  });

  it("leaves out information and what concerns no service", () => {
    expect(findingEvidence([finding("web", "latency", "info"), finding("web", "source-down")])).toEqual([]);
  });
});
