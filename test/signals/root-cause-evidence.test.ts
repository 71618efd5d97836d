// Evidence from raw observations of made-up worlds: metrics, spans and logs of a few services.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Symptom } from "../../signals/root-cause/evidence.ts";
import { traceContextOf, wordsOf } from "../../signals/root-cause/log-words.ts";
import { meaningOf } from "../../signals/root-cause/metric-words.ts";
import { evidenceIn, type Observations, rankedCauses } from "../../signals/root-cause/observe.ts";
import type { Series } from "../../signals/root-cause/series.ts";
import { ownTime, type Span, tracesOf } from "../../signals/root-cause/spans.ts";

const MINUTE = 60_000;
const nothing: Observations = { series: [], spans: [], logs: [] };

/** One value a minute from minute `from` on. */
const series = (service: string, name: string, values: number[], from = 0): Series => ({
  service,
  name,
  points: values.map((value, index) => ({ at: (from + index) * MINUTE, value })),
});

/** `count` values that wobble around a level by a tenth. */
const steady = (level: number, count: number) =>
  Array.from({ length: count }, (_, index) => level * (1 + 0.1 * Math.sin(index * 1.7)));

const worlds = (latency: Record<string, number[]>, success: Record<string, number[]> = {}) =>
  ["web", "shop", "stock", "mail"].flatMap((one) => [
    series(one, "latency|Average", latency[one] ?? [], 100),
    series(one, "availability|Average", success[one] ?? [], 100),
    series(one, "requests|Sum", [100, 100, 100, 100, 100], 100),
  ]);

const symptom = (metric: string): Symptom => ({
  service: "web",
  at: 102 * MINUTE,
  metric,
  statistic: "Average",
});

const slow = (level: number, extra: number) => [level, level, level + extra, level + extra, level];

const lines = (service: string, texts: string[], from: number) =>
  texts.map((text, index) => ({ service, at: from + index * 100, text }));

describe("the words of a metric's name", () => {
  it("tell what it measures", () => {
    expect(meaningOf("CpuUsageRate(%)")).toBe("cpu");
    expect(meaningOf("container_memory_working_set_bytes")).toBe("memory");
    expect(meaningOf("PodClientLatencyP90(s)")).toBe("latency");
    expect(meaningOf("availability|Average")).toBe("success");
    expect(meaningOf("http_requests_failed_total")).toBe("failures");
    expect(meaningOf("requests|Sum")).toBe("requests");
    expect(meaningOf("network_packets_dropped")).toBe("network");
    expect(meaningOf("NetworkReceiveBytes")).toBeUndefined();
    expect(meaningOf("")).toBeUndefined();
  });
});

describe("the words of a line", () => {
  it("are the same for the same sentence", () => {
    const one = wordsOf(
      "10:00:01.123 INFO Shop#12 TraceID: 4bf92f3577b34da6 SpanID: 00f067aa [find][city: New York]",
    );
    const other = wordsOf(
      "11:30:59.999 INFO Shop#12 TraceID: aaaaaaaaaaaaaaaa SpanID: bbbbbbbb [find][city: Rome]",
    );
    expect(one).toBe(other);
    expect(one).not.toBe(wordsOf("11:30:59 ERROR Shop#12 [find][city: Rome]"));
  });

  it("keep the sentence of an error", () => {
    expect(wordsOf("level=error msg=timeout after 30s")).toBe("level error msg timeout after");
  });

  it("name trace and span in common forms", () => {
    expect(traceContextOf("TraceID: 4bf92f3577b34da6 SpanID: 00f067aa0ba902b7 x")).toEqual({
      trace: "4bf92f3577b34da6",
      span: "00f067aa0ba902b7",
    });
    expect(traceContextOf('{"trace_id":"4bf92f3577b34da6","msg":"x"}')).toEqual({
      trace: "4bf92f3577b34da6",
    });
    expect(traceContextOf("no context")).toEqual({});
  });
});

describe("resources", () => {
  const normal = {
    ...nothing,
    series: ["a", "b", "c", "d", "e"].map((one) => series(one, "cpu", steady(5, 60))),
  };

  it("speak against the service that keeps using far more than usual", () => {
    const during = ["a", "b", "c", "d", "e"].map((one) =>
      series(one, "cpu", one === "c" ? [5, 5, 480, 490, 500] : [5, 5, 6, 5, 4], 100),
    );
    const ranking = rankedCauses({
      normal,
      during: { ...nothing, series: during },
      dependencies: [],
      since: 102 * MINUTE,
    });
    expect(ranking).toMatchObject({ kind: "cpu", ranked: [{ service: "c" }, {}, {}, {}, {}] });
    expect(ranking.ranked[0]?.confidence).toBeGreaterThan(0.8);
  });

  it("do not take a spike, more load on all, or the host's own figure for a fault", () => {
    const spike = [series("c", "cpu", [5, 500, 5, 5], 100)];
    const load = ["a", "b", "c", "d", "e"].map((one, index) =>
      series(one, "cpu", [15, 16 + index, 15, 15], 100),
    );
    const host = ["a", "b"].map((one) => series(one, "cpu", [400, 410, 420, 430], 100));
    for (const during of [spike, load, host]) {
      expect(
        evidenceIn({ normal, during: { ...nothing, series: during }, dependencies: [] }).evidence,
      ).toEqual([]);
    }
  });
});

describe("latency and failure metrics alone", () => {
  const calls = [
    { from: "web", to: "shop" },
    { from: "shop", to: "stock" },
    { from: "web", to: "mail" },
  ];
  const levels = { web: 0.2, shop: 0.1, stock: 0.05, mail: 0.02 };
  const normal: Observations = {
    ...nothing,
    series: Object.entries(levels).flatMap(([one, level]) => [
      series(one, "latency|Average", steady(level, 90)),
      series(
        one,
        "availability|Average",
        Array.from({ length: 90 }, () => 100),
      ),
      series(one, "requests|Sum", steady(100, 90)),
    ]),
  };
  const ranked = (series: Series[], metric: string) =>
    rankedCauses({ normal, during: { ...nothing, series }, dependencies: calls, symptom: symptom(metric) })
      .ranked;

  it("book the extra time to the service that spends it", () => {
    const deep = worlds({ web: slow(0.2, 1), shop: slow(0.1, 1), stock: slow(0.05, 1), mail: slow(0.02, 0) });
    expect(ranked(deep, "latency")[0]?.service).toBe("stock");
    const middle = worlds({
      web: slow(0.2, 1),
      shop: slow(0.1, 1),
      stock: slow(0.05, 0),
      mail: slow(0.02, 0),
    });
    const [first] = ranked(middle, "latency");
    expect(first?.service).toBe("shop");
    expect(first?.confidence).toBeGreaterThan(0.8);
  });

  it("book failures the same way", () => {
    const bad = [100, 100, 80, 75, 100];
    const well = [100, 100, 100, 100, 100];
    const failing = worlds({}, { web: bad, shop: bad, stock: well, mail: well });
    expect(ranked(failing, "availability")[0]?.service).toBe("shop");
  });

  it("doubt the complaining service when nothing below it explains the complaint", () => {
    const alone = worlds({
      web: slow(0.2, 1),
      shop: slow(0.1, 0),
      stock: slow(0.05, 0),
      mail: slow(0.02, 0),
    });
    const [first] = ranked(alone, "latency");
    expect(first?.service).toBe("web");
    expect(first?.confidence).toBeLessThan(0.85);
  });

  it("blame who begins to ask a stranger, not the stranger", () => {
    const odd = [
      ...worlds({ web: slow(0.2, 1), shop: slow(0.1, 1), stock: slow(0.05, 0), mail: slow(0.02, 0) }),
      series("wrong-host", "latency|Average", [0, 0, 1, 1, 0], 100),
      series("wrong-host", "requests|Sum", [0, 0, 100, 100, 0], 100),
    ];
    const before = {
      ...normal,
      series: [
        ...normal.series,
        series(
          "wrong-host",
          "requests|Sum",
          Array.from({ length: 90 }, () => 0),
        ),
      ],
    };
    const { ranked: suspects, kind } = rankedCauses({
      normal: before,
      during: { ...nothing, series: odd },
      dependencies: [...calls, { from: "shop", to: "wrong-host" }],
      symptom: symptom("latency"),
    });
    expect([suspects[0]?.service, kind]).toEqual(["shop", "configuration"]);
  });
});

interface Story {
  /** Milliseconds that stock takes itself. */
  stock?: number;
  /** Milliseconds on the way between shop and stock. */
  wire?: number;
  /** What stock logs. */
  says?: string;
  /** Whether stock asks its database. */
  asks?: boolean;
  /** Whether stock is there at all. */
  up?: boolean;
}

/** A request web → shop → stock → database, as its spans and logs. */
function request(
  index: number,
  { stock = 5, wire = 2, says = "INFO found it", asks = true, up = true }: Story,
): Observations {
  const trace = `trace-${String(index).padStart(8, "0")}`;
  const start = index * 1_000 + (index % 7);
  const below = stock + (asks ? 4 : 0);
  const shop = up ? below + wire + 3 : 8;
  const span = (id: string, parent: string, service: string, operation: string, duration: number): Span => ({
    trace,
    id: `${id}-${trace}`,
    parent: `${parent}-${trace}`,
    service,
    operation,
    start,
    duration: duration + (index % 3) * 0.1,
  });
  const answered = [
    span("stock", "call", "stock", "GET /stock", below),
    ...(asks
      ? [span("ask", "stock", "stock", "query", 4), span("database", "ask", "database", "select", 3)]
      : []),
  ];
  return {
    series: [],
    spans: [
      span("web", "none", "web", "GET /", shop + 6),
      span("to-shop", "web", "web", "HTTP GET", shop + 2),
      span("shop", "to-shop", "shop", "GET /shop", shop),
      span("call", "shop", "shop", "HTTP GET", up ? below + wire : 1),
      ...(up ? answered : []),
    ],
    logs: [
      ...(up
        ? [{ service: "stock", at: start, text: `${says} TraceID: ${trace} SpanID: stock-${trace}` }]
        : []),
      ...(up && !says.startsWith("ERROR")
        ? []
        : [{ service: "shop", at: start, text: `ERROR no stock TraceID: ${trace} SpanID: shop-${trace}` }]),
    ],
  };
}

const period = (count: number, from: number, story: Story): Observations => {
  const all = Array.from({ length: count }, (_, index) => request(from + index, story));
  return { series: [], spans: all.flatMap((one) => one.spans), logs: all.flatMap((one) => one.logs) };
};

describe("traces and their logs", () => {
  const normal = period(30, 0, {});
  const mixed = (first: Story, second: Story) => {
    const [a, b] = [period(20, 100, first), period(20, 120, second)];
    const during = { series: [], spans: [...a.spans, ...b.spans], logs: [...a.logs, ...b.logs] };
    return rankedCauses({ normal, during, dependencies: [] }).ranked[0]?.confidence ?? 0;
  };
  const verdict = (story: Story) => {
    const { ranked, kind } = rankedCauses({ normal, during: period(30, 100, story), dependencies: [] });
    return { service: ranked[0]?.service, kind, sure: (ranked[0]?.confidence ?? 0) > 0.8 };
  };

  it("find nothing where nothing has changed", () => {
    const { ranked } = rankedCauses({ normal, during: period(60, 100, {}), dependencies: [] });
    expect(ranked[0]?.confidence).toBeLessThan(0.1);
  });

  it("tell time lost in a service from time lost on the way to it", () => {
    expect(verdict({ wire: 2_000 })).toEqual({ service: "stock", kind: "network", sure: true });
    expect(verdict({ stock: 2_000 })).toMatchObject({ service: "stock", sure: true });
  });

  it("find the service whose code has changed under those that only pass its errors on", () => {
    expect(verdict({ says: "ERROR cannot read stock", asks: false })).toEqual({
      service: "stock",
      kind: "code",
      sure: true,
    });
    expect(verdict({ asks: false })).toMatchObject({ service: "stock", kind: "code" });
  });

  it("find the service that answers nobody any more", () => {
    expect(verdict({ up: false })).toMatchObject({ service: "stock" });
  });

  it("suspect no service for failing less than before", () => {
    const sick = period(30, 0, { says: "ERROR cannot read stock", asks: false });
    const { ranked } = rankedCauses({ normal: sick, during: period(30, 100, {}), dependencies: [] });
    expect(ranked[0]?.confidence).toBeLessThan(0.3);
  });

  it("believe less in what was over soon", () => {
    const broken = { says: "ERROR cannot read stock", asks: false };
    expect(mixed(broken, {})).toBeLessThan(mixed({}, broken));
  });

  it("take the time before the incident for operations that the normal period lacks", () => {
    const early = period(30, 100, {});
    const late = period(30, 130, { says: "ERROR cannot read stock", asks: false });
    const during = {
      series: [],
      spans: [...early.spans, ...late.spans],
      logs: [...early.logs, ...late.logs],
    };
    const { ranked } = rankedCauses({ normal: nothing, during, dependencies: [], since: 130_000 });
    expect(ranked[0]?.service).toBe("stock");
  });
});

describe("logs without traces", () => {
  const usual = Array.from({ length: 50 }, (_, index) => `INFO order ${index} done`);

  it("speak against the deepest service with a new kind of trouble", () => {
    const normal = { ...nothing, logs: [...lines("web", usual, 0), ...lines("db", usual, 0)] };
    const failing = (text: string) => usual.map((one, index) => (index % 4 === 0 ? text : one));
    const logs = [
      ...lines("web", failing("ERROR cannot load page"), MINUTE),
      ...lines("db", failing("ERROR could not extend file"), MINUTE),
    ];
    const { ranked } = rankedCauses({
      normal,
      during: { ...nothing, logs },
      dependencies: [{ from: "web", to: "db" }],
    });
    expect(ranked[0]?.service).toBe("db");
    expect(ranked[0]?.because[0]).toContain("extend file");
  });
});

describe("broken input", () => {
  it("makes circles of parents, lost parents and twice-sent spans no problem", () => {
    const span = { trace: "t", service: "a", operation: "x", start: 0, duration: 1 };
    const traces = tracesOf([
      { ...span, id: "1", parent: "2" },
      { ...span, id: "2", parent: "1" },
      { ...span, id: "3", parent: "lost" },
      { ...span, id: "3", parent: "lost" },
    ]);
    expect(traces.invocations).toHaveLength(1);
  });

  it("never takes more time than there is for its own", () => {
    const times = fc.record({
      start: fc.integer({ min: 0, max: 100 }),
      duration: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(times, fc.array(times), (root, children) => {
        const spans = [
          { trace: "t", id: "root", parent: "", service: "a", operation: "x", ...root },
          ...children.map((one, index) => ({
            trace: "t",
            id: `${index}`,
            parent: "root",
            service: "b",
            operation: "y",
            ...one,
          })),
        ];
        const own = tracesOf(spans).invocations.map(ownTime);
        expect(own.every((one) => one >= 0 && one <= 100)).toBe(true);
      }),
    );
  });

  it("ranks whatever numbers, names and texts come, with confidences from 0 to 1", () => {
    const value = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, 0, 1e308, -1));
    const service = fc.constantFrom("a", "b", "");
    const point = fc.record({ at: fc.integer({ min: 0, max: 9 }), value });
    const observations = fc.record({
      series: fc.array(
        fc.record({
          service,
          name: fc.constantFrom("latency", "success", "cpu", "requests", "x"),
          points: fc.array(point),
        }),
        { maxLength: 6 },
      ),
      spans: fc.array(
        fc.record({
          trace: fc.constantFrom("t", "u"),
          id: fc.constantFrom("1", "2", "3"),
          parent: fc.constantFrom("1", "2", "3", ""),
          service,
          operation: fc.string(),
          start: value,
          duration: value,
        }),
        { maxLength: 6 },
      ),
      logs: fc.array(fc.record({ service, at: value, text: fc.string({ unit: "binary" }) }), {
        maxLength: 6,
      }),
    });
    fc.assert(
      fc.property(observations, observations, (normal, during) => {
        const symptom = { service: "a", at: 0 };
        const { ranked } = rankedCauses({ normal, during, dependencies: [{ from: "a", to: "b" }], symptom });
        expect(ranked.every((one) => one.confidence >= 0 && one.confidence <= 1)).toBe(true);
      }),
    );
  });
});
