// Calls counted from spans: in any order, with parents that come late or never, in so much memory and no more.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CountedCall, makeCallEdges } from "../../signals/calls/call-edges.ts";
import { makeCallRecord } from "../../signals/calls/call-record.ts";
import { makeOpenTraces } from "../../signals/calls/open-traces.ts";
import type { SeenSpan } from "../../signals/calls/seen-span.ts";
import { makeTraceSample } from "../../signals/calls/trace-sample.ts";

const NOW = Date.UTC(2026, 2, 11, 12);
const MINUTE = 60_000;
const QUIET = 15_000;

const span = (trace: string, id: string, more: Partial<SeenSpan> = {}): SeenSpan => ({
  trace,
  id,
  parent: "",
  service: "shop",
  operation: "GET /",
  start: NOW,
  duration: 10,
  failed: false,
  refused: false,
  ...more,
});

const call = (trace: string, start: number) => [span(trace, "a", { start, callee: "db" })];

/** Any spans of a few traces and services; parents may be missing, themselves, or in a circle. */
const anySpans = fc.uniqueArray(
  fc
    .record({
      trace: fc.constantFrom("t1", "t2", "t3"),
      id: fc.constantFrom("a", "b", "c", "d", "e"),
      parent: fc.constantFrom("", "a", "b", "c", "d", "e", "lost"),
      service: fc.constantFrom("web", "api", "db"),
      start: fc.integer({ min: NOW - MINUTE, max: NOW }),
      duration: fc.integer({ min: 0, max: 5_000 }),
      failed: fc.boolean(),
      callee: fc.option(fc.constantFrom("api", "db", "mail"), { nil: undefined }),
    })
    .map(({ callee, ...one }) =>
      span(one.trace, one.id, { ...one, ...(callee !== undefined && { callee }) }),
    ),
  { selector: (one) => `${one.trace}/${one.id}`, maxLength: 15 },
);

describe("calls from spans", () => {
  it("are the same in whatever order and in however many requests the spans come", () => {
    fc.assert(
      fc.property(anySpans, fc.infiniteStream(fc.nat()), (spans, order) => {
        const shuffled = spans
          .map((one) => ({ one, at: order.next().value ?? 0 }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one);
        const whole = makeCallRecord(() => true);
        whole.take(spans, NOW);
        const single = makeCallRecord(() => true);
        for (const one of shuffled) single.take([one], NOW);
        expect(single.edges(NOW + QUIET)).toEqual(whole.edges(NOW + QUIET));
        expect(single.size()).toEqual({ waiting: 0, leftOut: 0 });
      }),
      { numRuns: 60 },
    );
  });

  it("wait for a parent that comes later, and count once what is sent twice", () => {
    const record = makeCallRecord(() => true);
    const child = span("t", "b", { parent: "a", service: "db", failed: true });
    record.take([child, child], NOW);
    record.take([span("t", "a"), child], NOW + 10_000);
    expect(record.edges(NOW + 20_000)).toEqual([]);
    expect(record.edges(NOW + 25_000)).toMatchObject([{ from: "shop", to: "db", calls: 1, errorShare: 1 }]);
  });

  it("take a question for an answer where the one that was asked has no tracing", () => {
    const record = makeCallRecord(() => true);
    record.take([span("t", "a"), span("t", "b", { parent: "a", callee: "redis", duration: 100 })], NOW);
    record.take([span("u", "a", { callee: "redis", failed: true, refused: true })], NOW);
    const [edge] = record.edges(NOW + QUIET);
    // A refusal is a failed call, whoever is to blame for it.
    expect(edge).toMatchObject({ from: "shop", to: "redis", calls: 2, callsPerMinute: 0.2, errorShare: 0.5 });
    expect(Math.abs((edge?.p95 ?? 0) - 100)).toBeLessThan(11);
  });

  it("are forgotten after half an hour, and those of other times are not taken", () => {
    const record = makeCallRecord(() => true);
    record.take(
      [...call("t", NOW), ...call("old", NOW - 31 * MINUTE), ...call("ahead", NOW + 2 * MINUTE)],
      NOW,
    );
    expect(record.edges(NOW + QUIET)).toMatchObject([{ calls: 1 }]);
    expect(record.edges(NOW + 11 * MINUTE)).toMatchObject([{ calls: 1, callsPerMinute: 0 }]);
    expect(record.edges(NOW + 32 * MINUTE)).toEqual([]);
  });

  it("say where time is lost, in whatever second of a minute the trouble is found four minutes late", () => {
    const said = Array.from({ length: 12 }, (_, phase) => {
      const now = NOW + phase * 5_000;
      const record = makeCallRecord(() => true);
      for (let at = now - 20 * MINUTE; at < now; at += 5_900) {
        const [waits, answers] = [at > now - 4 * MINUTE ? 900 : 10, `${at}`];
        const root = span(answers, "a", { start: at, duration: waits + 10 });
        record.take(
          [root, span(answers, "b", { parent: "a", callee: "db", start: at, duration: waits })],
          at,
        );
      }
      const lost = record.evidence(now, now + QUIET).filter((one) => one.because.includes("extra time"));
      return { phase, at: lost.map((one) => one.service) };
    });
    expect(said).toEqual(said.map(({ phase }) => ({ phase, at: ["db"] })));
  });
});

const sampled = (traces: SeenSpan[][]) => {
  const sample = makeTraceSample({ mostSpans: 20 });
  for (const one of traces) sample.add(one);
  return sample
    .between(NOW, NOW + 1)
    .map((one) => `${one.trace}/${one.id}`)
    .toSorted((a, b) => (a < b ? -1 : 1));
};

describe("what is held", () => {
  it("is bounded for traces that never end and for those of too many spans", () => {
    const open = makeOpenTraces({ mostSpans: 100, mostPerTrace: 10 });
    open.add(
      Array.from({ length: 1_000 }, (_, n) => span("one", `s${n}`)),
      NOW,
    );
    expect(open.waiting()).toBe(10);
    open.add(
      Array.from({ length: 500 }, (_, n) => span(`t${n}`, "s", { parent: "never" })),
      NOW,
    );
    expect(open.settled(NOW).flat()).toHaveLength(410);
    expect(open.waiting()).toBe(100);
    // It goes on for ever, and is given up nevertheless.
    for (let at = 0; at <= 100_000; at += 10_000) open.add([span("slow", `s${at / 10_000}`)], NOW + at);
    expect(open.settled(NOW + 100_000).map((one) => one[0]?.trace)).toContain("slow");
  });

  it("is so many edges, and half of them are kept for services that are watched", () => {
    const edges = makeCallEdges((from) => from === "ours", { mostEdges: 10 });
    const call = (from: string, to: string): CountedCall => ({
      from,
      to,
      start: NOW,
      duration: 1,
      failed: false,
    });
    for (let n = 0; n < 100; n += 1) edges.add(call(`s${n}`, "x"));
    for (let n = 0; n < 100; n += 1) edges.add(call("ours", `x${n}`));
    edges.add(call("ours", "x1"));
    expect(edges.often(2)).toEqual([{ from: "ours", to: "x1" }]);
    expect(edges.read(NOW).filter((one) => one.from === "ours")).toHaveLength(5);
    expect([edges.read(NOW).length, edges.leftOut()]).toEqual([10, 190]);
    edges.forgetBefore(NOW + MINUTE);
    expect(edges.read(NOW)).toEqual([]);
  });

  it("is a sample that keeps rare requests, and does not depend on their order", () => {
    const many = Array.from({ length: 300 }, (_, n) => [
      span(`t${n}`, "a"),
      span(`t${n}`, "b", { parent: "a" }),
    ]);
    const rare = [[span("r1", "a", { operation: "GET /rare" })]];
    const forwards = sampled([...many, ...rare]);
    expect(forwards).toEqual(sampled([...rare, ...many.toReversed()]));
    expect(forwards).toContain("r1/a");
    expect(forwards.length).toBeLessThanOrEqual(20);
  });
});
