// What forecasts and silences add to detection. The forecasts are made by the real watch from minutes, so that what the
// detectors see is what the product foretells.
import { describe, expect, it } from "vitest";
import { makeDaysAhead } from "../../agents/days-ahead.ts";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeMetricWatch, type MetricWatch } from "../../agents/metric-watch.ts";
import type { Prediction } from "../../agents/prediction.ts";
import { limitOf } from "../../agents/series-limits.ts";
import { isSymptom } from "../../domain/finding.ts";
import type { Signal } from "../../domain/signal.ts";
import type { MetricSeries, SeriesName } from "../../knowledge/observations.ts";
import { noise } from "../signals/forecast-series.ts";
import { now, page, shop, state, thresholds } from "./view.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const limits = (series: SeriesName) => limitOf(series, shop, thresholds);
const keeper = { ...shop, logs: [{ kind: "file" as const, glob: "/data/*.log" }] };

function find(known: Partial<Parameters<ReturnType<typeof makeErrorDetector>>[0]>, at = now) {
  const detect = makeErrorDetector({ thresholds: () => thresholds, clock: { now: () => at } });
  return detect({ service: keeper, signals: [state(1_000)], dependencies: [], ...known });
}

/** The last of them ended just now. */
function watched(name: string, values: readonly number[], measuredOn = "service"): MetricWatch {
  const watch = makeMetricWatch({ limitOf: limits });
  feed(watch, name, values, measuredOn);
  return watch;
}

function feed(
  watch: MetricWatch,
  name: string,
  values: readonly number[],
  measuredOn = "service",
  until = now,
): void {
  const end = until - (until % MINUTE);
  values.forEach((value, index) => {
    const at = end - (values.length - index) * MINUTE;
    watch.minute({
      service: "shop",
      name,
      measuredOn,
      at,
      samples: 1,
      total: value,
      lowest: value,
      highest: value,
    });
  });
}

describe("a limit ahead", () => {
  /** Ends some six minutes before it reaches 0.9. */
  const rising = noise(215, 3).map((one, index) => 0.4 + Math.max(0, index - 100) / 240 + one / 500);

  /** Ends eight minutes before the limit; foretold is every five minutes. */
  it.each([20, 30, 45, 60])("is told of a ramp of %i minutes that has just begun", (minutes) => {
    const watch = makeMetricWatch({ limitOf: limits });
    const values = noise(200 + minutes - 8, 3).map(
      (one, index) => 0.4 + (Math.max(0, index - 200) * 0.5) / minutes + one / 100,
    );
    feed(watch, "memory", values);
    expect(find({ predictions: watch.predictions("shop") })).toMatchObject([
      { kind: "limit-ahead", facts: { seconds: expect.toSatisfy((n: number) => n >= 420 && n <= 780) } },
    ]);
  });

  it.each([
    ["memory", "service", 1, "shop uses 87"],
    ["cpu", "service", 1, "shop uses 87"],
    ["latency", page, 5_000 / 0.9, `${page} takes 4`],
  ])("is told of %s that rises to it", (name, measuredOn, unit, words) => {
    const watch = watched(
      name,
      rising.map((one) => one * unit),
      measuredOn,
    );
    const [finding, ...others] = find({ predictions: watch.predictions("shop") });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: "limit-ahead",
      service: "shop",
      severity: "warning",
      summary: expect.stringContaining(words),
      facts: { name, measuredOn, seconds: expect.toSatisfy((n: number) => n >= 120 && n <= 600) },
    });
    expect(finding && isSymptom(finding)).toBe(false);
  });

  it("is not told while the forecasts are silenced, are old, or are of an earlier instance", () => {
    const predictions = watched("memory", rising).predictions();
    // As the watch leaves it: without what was foretold.
    const silenced = predictions.map(({ service, name, measuredOn, at, aheadSeconds, stepSeconds, last }) => {
      const standing = { status: "silenced", reason: "worse than naive" } as const;
      return { service, name, measuredOn, at, aheadSeconds, stepSeconds, last, standing };
    });
    expect(find({ predictions: silenced })).toEqual([]);
    expect(find({ predictions }, now + 20 * MINUTE)).toEqual([]);
    const restarted: Signal[] = [state(1_000, { startedAt: now - 10_000 })];
    expect(find({ predictions, signals: restarted })).toEqual([]);
    const ended = [state(1_000, { status: "exited", exitCode: 1 })];
    expect(find({ predictions, signals: ended }).map((one) => one.kind)).toEqual(["exited"]);
  });
});

const mount: SeriesName = { service: "host", name: "disk", measuredOn: "/data" };

async function foretold(used: (day: number) => number, at = now, seed = 5): Promise<Prediction[]> {
  const shake = noise(21 * 24, seed);
  const points = Array.from({ length: 21 * 24 }, (_, hour) => {
    const mean = used(hour / 24) + 0.002 * (shake[hour] ?? 0);
    return {
      at: at - (at % HOUR) - (21 * 24 - hour - 1) * HOUR,
      mean,
      lowest: mean,
      highest: mean,
      samples: 60,
    };
  });
  const read = (): Promise<MetricSeries[]> => Promise.resolve([{ ...mount, points }]);
  const ahead = makeDaysAhead({
    clock: { now: () => at },
    history: { read },
    series: () => [mount],
    limitOf: limits,
  });
  await ahead.look();
  return ahead.predictions();
}

describe("a disk that fills", () => {
  it("is a warning within three days, information later, and never one for never", async () => {
    const soon = await foretold((day) => 0.1 + 0.038 * day);
    expect(find({ predictions: soon })).toMatchObject([
      {
        kind: "disk-filling",
        severity: "warning",
        summary: expect.stringMatching(
          /^The disk at \/data is (8\d(\.\d)?|90) % full, and will be full in about .* days/,
        ),
        facts: { mount: "/data", seconds: expect.any(Number) },
      },
    ]);
    expect(find({ predictions: soon }).some(isSymptom)).toBe(false);
    const later = await foretold((day) => 0.25 + 0.027 * day);
    expect(find({ predictions: later })).toMatchObject([{ kind: "disk-filling", severity: "info" }]);
    expect(find({ predictions: await foretold(() => 0.85) })).toEqual([]);
    // Who keeps nothing on it need not know, and what is old is not told.
    expect(find({ predictions: soon, service: shop })).toEqual([]);
    expect(find({ predictions: soon }, now + 4 * HOUR)).toEqual([]);
  });

  it("leaves it to the finding of a disk that is nearly full", async () => {
    expect(find({ predictions: await foretold((day) => 0.18 + 0.038 * day) })).toEqual([]);
  });
});

describe("a metric that is absent", () => {
  const calm = noise(120, 9).map((one) => 0.3 + one / 100);

  /** Both came for two hours; then only what goes on did, for so many minutes. */
  function silent(minutes: number, goesOn: readonly string[] = ["cpu"]) {
    const watch = makeMetricWatch({ limitOf: limits });
    const stopped = now - minutes * MINUTE;
    for (const name of ["cpu", "request-rate", "error-rate"]) feed(watch, name, calm, "service", stopped);
    watch.minute({
      service: "other",
      name: "cpu",
      measuredOn: "service",
      at: now,
      samples: 1,
      total: 1,
      lowest: 1,
      highest: 1,
    });
    for (const name of goesOn) feed(watch, name, calm.slice(0, minutes));
    return watch.absences("shop");
  }

  it("is told after some minutes, and makes no symptom of it", () => {
    expect(find({ absences: silent(3) })).toEqual([]);
    const [finding, ...others] = find({ absences: silent(10) });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      kind: "metric-absent",
      severity: "info",
      summary: expect.stringMatching(
        /^Came regularly of shop and no longer comes: request-rate for 1\d min\.$/,
      ),
      facts: { series: ["request-rate"], others: 1 },
    });
    expect(finding && isSymptom(finding)).toBe(false);
    expect(find({ absences: silent(10, []) })).toMatchObject([{ severity: "warning", facts: { others: 0 } }]);
  });

  it("is not told where something else says it, or nobody need send it", () => {
    const absences = silent(10);
    const kindsOf = (...signals: Signal[]) => find({ absences, signals }).map((one) => one.kind);
    expect(kindsOf(state(1_000, { status: "exited", exitCode: 1 }))).toEqual(["exited"]);
    expect(kindsOf(state(1_000, { status: "exited", stoppedByOperator: true }))).toEqual([
      "stopped-by-operator",
    ]);
    expect(kindsOf(state(1_000, { startedAt: now - MINUTE }))).toEqual([]);
    const source = {
      kind: "source",
      service: "shop",
      at: now,
      source: "metrics http://x",
      since: now - HOUR,
    } as const;
    expect(kindsOf(state(1_000), { ...source, ok: false, error: "404" })).toEqual(["source-down"]);
    expect(kindsOf(state(1_000), { ...source, ok: true })).toEqual(["metric-absent"]);
  });

  it("is not told of what stopped while nobody watched, nor when everything stopped together", () => {
    const before = watched("cpu", calm);
    const after = makeMetricWatch({}, before.save());
    after.minute({
      service: "other",
      name: "cpu",
      measuredOn: "service",
      at: now + HOUR,
      samples: 1,
      total: 1,
      lowest: 1,
      highest: 1,
    });
    expect(after.absences("shop")).toEqual([]);
    expect(before.absences("shop")).toEqual([]);
  });
});

describe("a week of steady noise", () => {
  it.each([
    ["well below its limit", 0.5, 0.05],
    ["close below its limit", 0.82, 0.02],
  ])(
    "gives no finding: %s",
    (_, level, spread) => {
      const week = (7 * DAY) / MINUTE;
      const watch = makeMetricWatch({ limitOf: limits });
      const shake = noise(week, 21);
      const told: string[] = [];
      let believed = 0;
      for (let minute = 0; minute < week; minute += 1) {
        const at = now + minute * MINUTE;
        feed(watch, "memory", [level + spread * (shake[minute] ?? 0)], "service", at + MINUTE);
        if (minute % 5 !== 4) continue;
        believed += Number(watch.predictions()[0]?.standing.status === "shown");
        const known = { predictions: watch.predictions("shop"), absences: watch.absences("shop") };
        const signals = [state(0, { at, startedAt: now - HOUR })];
        told.push(...find({ ...known, signals }, at + MINUTE).map((one) => one.summary));
      }
      expect(told).toEqual([]);
      expect(believed).toBeGreaterThan(200);
    },
    300_000,
  );

  it("gives no finding: a disk, whenever one looks", async () => {
    for (let hour = 0; hour < 7 * 24; hour += 8) {
      const at = now + hour * HOUR;
      expect(find({ predictions: await foretold(() => 0.85, at, 21 + hour) }, at)).toEqual([]);
    }
  }, 300_000);
});
