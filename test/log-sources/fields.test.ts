// Records of many loggers and shippers, read into one kind of event.
import { describe, expect, it } from "vitest";
import { levelOfField, levelOfNumber } from "../../domain/log-level.ts";
import { eventOfFields, timeOf } from "../../tools/log-sources/fields.ts";
import { contentId, toEvent, toEvents } from "../../tools/log-sources/log-event.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const read = (fields: Record<string, unknown>) => eventOfFields(fields, { rawId: "1", ts: now });

describe("eventOfFields", () => {
  it.each([
    [
      "our API",
      { timestamp: "2026-03-01T11:00:00Z", level: "ERROR", service: "shop", message: "m", userId: 7 },
    ],
    [
      "ECS",
      {
        "@timestamp": "2026-03-01T11:00:00Z",
        log: { level: "ERROR" },
        service: { name: "shop" },
        message: "m",
      },
    ],
    [
      "ECS, flat",
      { "@timestamp": "2026-03-01T11:00:00Z", "log.level": "ERROR", "service.name": "shop", message: "m" },
    ],
    ["pino", { time: 1772362800000, level: "ERROR", app: "shop", msg: "m" }],
    ["CLEF", { "@t": "2026-03-01T11:00:00Z", "@l": "ERROR", app: "shop", "@m": "m" }],
  ])("understands %s", (_, fields) => {
    expect(read(fields)).toMatchObject({
      ts: Date.parse("2026-03-01T11:00:00Z"),
      level: "ERROR",
      service: "shop",
      message: "m",
    });
  });

  it("puts a stack under its message, and keeps what it does not know", () => {
    const event = read({ message: "boom", stackTrace: "at f (a.js:1)", userId: 7 });
    expect(event.message).toBe("boom\nat f (a.js:1)");
    expect(event.attrs).toEqual({ userId: 7 });
    expect(event.ts).toBe(now);
  });

  it.each([
    ["team", { team: "pay", service: "shop", message: "m" }, "pay"],
    ["kubernetes.labels.app", { kubernetes: { labels: { app: "pay" } }, message: "m" }, "pay"],
    ["kubernetes.labels.app", { "kubernetes.labels.app": "pay", message: "m" }, "pay"],
    ["team", { service: "shop", message: "m" }, undefined],
  ])("takes the service from %s alone, where that is named", (serviceField, fields, service) => {
    expect(eventOfFields(fields, { rawId: "1", ts: now, serviceField }).service).toBe(service);
  });

  it("takes the whole record where nothing is a message", () => {
    expect(read({ a: 1 }).message).toBe('{"a":1}');
  });
});

describe("times and levels", () => {
  it.each([
    ["2026-03-01T12:00:00.5Z", now + 500],
    [now, now],
    [now / 1_000, now],
    [String(now), now],
    [now * 1_000, now],
    [`${now}000000`, now],
    [new Date(now), now],
    ["yesterday", undefined],
    [Number.NaN, undefined],
    [-5, undefined],
    [null, undefined],
    [{}, undefined],
  ])("reads %s as a time", (value, ms) => expect(timeOf(value)).toBe(ms));

  it.each([
    ["Information", "info"],
    ["WARN", "warn"],
    ["Critical", "fatal"],
    [3, "error"],
    [0, "fatal"],
    [50, "error"],
    ["50", "error"],
    ["nonsense", "unknown"],
    ["default", "info"],
    ["failure", "error"],
    ["-", "unknown"],
    [".", "unknown"],
    [undefined, "unknown"],
    [-1, "unknown"],
  ] as const)("reads %s as a level", (value, level) => expect(levelOfField(value)).toBe(level));

  it("knows OpenTelemetry's numbers", () => {
    expect([0, 1, 5, 9, 13, 17, 20, 21, 24, 25].map((one) => levelOfNumber("severityNumber", one))).toEqual([
      undefined,
      "debug",
      "debug",
      "info",
      "warn",
      "error",
      "error",
      "fatal",
      "fatal",
      undefined,
    ]);
  });
});

describe("toEvent", () => {
  const where = { source: "test", ingestTs: now };

  it("keeps attributes within their size, without secrets, as plain data", () => {
    const attrs = {
      id: 12n,
      at: new Date(now),
      f: () => 1,
      apiKey: "abc",
      big: "x".repeat(9_000),
      small: "y",
    };
    expect(toEvent({ ts: now, message: "m", attrs, rawId: "1" }, where).attrs).toEqual({
      id: "12",
      at: "2026-03-01T12:00:00.000Z",
      apiKey: "«secret»",
      small: "y",
    });
  });

  it("lets others have their turn while a flood is read", async () => {
    const flood = Array.from({ length: 400 }, (_, index) => ({
      ts: now,
      message: `GET /x?token=abcdef ${"text ".repeat(800)}`,
      rawId: `${index}`,
    }));
    let turns = 0;
    const counting = setInterval(() => {
      turns += 1;
    }, 0);
    expect((await toEvents(flood, where)).length).toBe(400);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(1);
  });

  it("has one id for equal content", () => {
    expect(contentId({ a: 1, b: 2 }, "x")).toBe(contentId({ b: 2, a: 1 }, "x"));
    expect(contentId("a", "b")).not.toBe(contentId("ab"));
  });
});
