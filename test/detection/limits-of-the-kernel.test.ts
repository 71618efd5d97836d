// Symptoms that the kernel, a certificate or a clock tells of before anybody suffers.
import { describe, expect, it } from "vitest";
import { certificateExpiring } from "../../agents/detectors/certificate-expiring.ts";
import { clockSkew } from "../../agents/detectors/clock-skew.ts";
import { inodes } from "../../agents/detectors/inodes.ts";
import { openFiles } from "../../agents/detectors/open-files.ts";
import { threads } from "../../agents/detectors/threads.ts";
import { zombies } from "../../agents/detectors/zombies.ts";
import type { Detector, View } from "../../agents/detector.ts";
import type { Service } from "../../domain/service.ts";
import { hostMetrics, resourceMetrics } from "../../agents/resource-metrics.ts";
import { isSymptom } from "../../domain/finding.ts";
import type { MetricSignal, ProbeSignal, Signal } from "../../domain/signal.ts";
import { now as NOW, shop, thresholds } from "./view.ts";

const DAY = 86_400_000;

const checked = (change: Partial<ProbeSignal>, count = 3): Signal[] =>
  Array.from({ length: count }, (_, n) => ({
    kind: "probe",
    service: "web",
    at: NOW - (count - 1 - n) * 5_000,
    probe: "http https://web/",
    ok: true,
    ...change,
  }));

const measured = (name: MetricSignal["name"], value: number, change: Partial<MetricSignal> = {}): Signal[] =>
  [0, 1, 2, 3].map((n) => ({
    kind: "metric",
    service: "web",
    at: NOW - (3 - n) * 5_000,
    name,
    value,
    of: "service",
    ...change,
  }));

const service = (change: Partial<Service> = {}): Service => ({
  name: "web",
  runtime: { kind: "process", command: ["web"], cwd: "/srv", env: {} },
  health: [],
  metrics: [],
  logs: [],
  dependsOn: [],
  limits: { ...shop.limits },
  protected: false,
  discovered: false,
  ...change,
});

function view(change: Partial<View>): View {
  return {
    service: service(),
    signals: [],
    dependencies: [],
    patterns: [],
    rules: [],
    predictions: [],
    absences: [],
    signs: [],
    drifts: () => [],
    thresholds,
    now: NOW,
    ...change,
  };
}

function told(detector: Detector, signals: Signal[], change: Partial<Service> = {}): string[] {
  return detector(view({ service: service(change), signals })).map((one) => `${one.kind} ${one.severity}`);
}

describe("a certificate", () => {
  it.each([
    [30, []],
    [20, ["certificate-expiring info"]],
    [6, ["certificate-expiring warning"]],
    [-1, ["certificate-expiring warning"]],
  ])("that ends in %i days", (days, expected) => {
    const signals = checked({ certificateEndsAt: NOW + days * DAY + 1 });
    expect(told(certificateExpiring, signals)).toEqual(expected);
    expect(certificateExpiring(view({ signals })).filter(isSymptom), "it is told, not healed").toEqual([]);
  });

  it("says the day, and is one finding however often it was seen", () => {
    const [finding, ...more] = certificateExpiring(
      view({ signals: checked({ certificateEndsAt: NOW + 6 * DAY }) }),
    );
    expect(more).toEqual([]);
    expect(finding?.summary).toMatch(/https:\/\/web\/ ends in 6 days \(\d{4}-\d\d-\d\d\)/);
  });
});

describe("a clock", () => {
  it.each([
    [2_000, []],
    [-15_000, ["clock-skew info"]],
    [300_000, ["clock-skew warning"]],
  ])("that is %i ms off", (clockOffsetMs, expected) => {
    expect(told(clockSkew, checked({ clockOffsetMs }))).toEqual(expected);
  });

  it("that was off once was a slow answer", () => {
    const signals = [...checked({ clockOffsetMs: 0 }), ...checked({ clockOffsetMs: 60_000 }, 1)];
    expect(told(clockSkew, signals)).toEqual([]);
  });
});

describe("what the kernel allows", () => {
  it.each([
    [openFiles, "open-files", 0.7, []],
    [openFiles, "open-files", 0.8, ["open-files warning"]],
    [openFiles, "open-files", 0.97, ["open-files critical"]],
    [threads, "threads", 0.97, ["threads critical"]],
    [zombies, "zombies", 40, []],
    [zombies, "zombies", 60, ["zombies info"]],
    [zombies, "zombies", 450, ["zombies warning"]],
    [zombies, "zombies", 900, ["zombies critical"]],
  ] as const)("%o %s at %d", (detector, name, value, expected) => {
    expect(told(detector, measured(name, value))).toEqual(expected);
  });

  it("file entries are the trouble of who keeps files there", () => {
    const full = measured("inodes", 0.99, { of: "/srv" });
    const files = { root: "/srv", editable: ["*"], afterEdit: "restart" } as const;
    expect(told(inodes, full, { files })).toEqual(["inodes critical"]);
    expect(told(inodes, full)).toEqual([]);
  });

  it("is measured only where it comes near: nobody keeps numbers of what is far away", () => {
    const use = {
      cpu: 0,
      memoryBytes: 1,
      openFiles: { used: 60, limit: 100 },
      threads: { used: 1, limit: 9 },
      zombies: 2,
    };
    const names = resourceMetrics(use, service(), NOW).map((one) => [one.name, one.value]);
    expect(names).toContainEqual(["open-files", 0.6]);
    expect(names.map(([name]) => name)).not.toContain("threads");
    const disks = [
      { mount: "/", used: 0.1, inodes: 0.9 },
      { mount: "/x", used: 0.1, inodes: 0.1 },
    ];
    const host = hostMetrics({ cpu: 0, memory: 0, disks }, "shop", NOW).filter(
      (one) => one.name === "inodes",
    );
    expect(host).toMatchObject([{ of: "/", value: 0.9 }]);
  });
});
