// Posted logs: what is understood, what is refused and why, and that a flood waits at its sender.
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodePostedLogs, LARGEST_POST_BYTES } from "../../tools/log-sources/http-logs.ts";
import { makeIntake } from "../../tools/log-sources/intake.ts";
import type { LogEvent } from "../../tools/log-sources/log-source.ts";
import { receiveLogs } from "../../tools/log-sources/receive-logs.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };
const body = (text: string) => ({ body: Buffer.from(text) });
const decode = (text: string) => decodePostedLogs(body(text), { now });

const record = {
  timestamp: "2026-03-01T11:59:00Z",
  level: "error",
  service: "shop",
  message: "boom",
  userId: 7,
};

describe("decodePostedLogs", () => {
  it.each([
    ["NDJSON", `${JSON.stringify(record)}\n\n${JSON.stringify({ ...record, message: "again" })}\r\n`],
    ["a JSON array", JSON.stringify([record, { ...record, message: "again" }])],
    ["an array over lines", JSON.stringify([record, { ...record, message: "again" }], null, 2)],
  ])("understands %s", async (_, text) => {
    const decoded = await decode(text);
    expect(decoded).toMatchObject({
      status: "ok",
      events: [
        { ts: now - 60_000, level: "error", service: "shop", message: "boom", attrs: { userId: 7 } },
        { message: "again" },
      ],
    });
  });

  it("understands one object over several lines, nothing, and packed bodies", async () => {
    expect(await decode(JSON.stringify(record, null, 2))).toMatchObject({ events: [{ message: "boom" }] });
    expect(await decode(" \n")).toEqual({ status: "ok", events: [] });
    const packed = { body: gzipSync(JSON.stringify(record)), contentEncoding: "gzip" };
    expect(await decodePostedLogs(packed, { now })).toMatchObject({ events: [{ message: "boom" }] });
  });

  it.each([
    ["text", "hello", 400, "line 1 is no JSON"],
    ["a broken line", `${JSON.stringify(record)}\n{"a":`, 400, "line 2 is no JSON"],
    ["a broken array", "[{}", 400, "the body is no JSON array"],
    ["records that are none", '[{},"x"]', 400, "record 2 is no JSON object"],
    ["too many records", `[${"{},".repeat(10_000)}{}]`, 413, "more than 10000 records in one request"],
    ["a large body", "x".repeat(LARGEST_POST_BYTES + 1), 413, "the body is larger than 4194304 bytes"],
  ])("refuses %s whole", async (_, text, http, reason) => {
    expect(await decode(text)).toEqual({ status: "refused", http, reason });
  });

  it("refuses a bomb, what is no gzip, and what it cannot unpack", async () => {
    const bomb = { body: gzipSync(Buffer.alloc(50_000_000)), contentEncoding: "gzip" };
    expect(await decodePostedLogs(bomb, { now })).toMatchObject({ http: 413 });
    const broken = { body: Buffer.from("{}"), contentEncoding: "gzip" };
    expect(await decodePostedLogs(broken, { now })).toMatchObject({ http: 400 });
    expect(await decodePostedLogs({ ...broken, contentEncoding: "br" }, { now })).toMatchObject({
      http: 415,
    });
  });

  it("gives the same ids to the same request, and different ones to equal records within it", async () => {
    const text = [record, record, { ...record, userId: 8 }].map((one) => JSON.stringify(one)).join("\n");
    const ids = async () => {
      const decoded = await decode(text);
      return decoded.status === "ok" ? decoded.events.map(({ rawId }) => rawId) : [];
    };
    const first = await ids();
    expect(new Set(first).size).toBe(3);
    expect(await ids()).toEqual(first);
  });

  it("takes the same text at another time for another event where the record has no time", async () => {
    expect(await idAt(now)).not.toBe(await idAt(now + 1_000));
  });
});

function door(parts: Partial<Parameters<typeof makeIntake>[0]> = {}) {
  const stored: LogEvent[] = [];
  const intake = makeIntake({
    onEvents: async (events) => {
      stored.push(...events);
    },
    ...parts,
  });
  return {
    stored,
    intake,
    post: (text: string) => receiveLogs(body(text), { source: "http", intake, clock }),
  };
}

const batch = (count: number) =>
  JSON.stringify(Array.from({ length: count }, (_, index) => ({ message: `${index}` })));

async function idAt(at: number): Promise<string | undefined> {
  const decoded = await decodePostedLogs(body('{"message":"tick"}'), { now: at });
  return decoded.status === "ok" ? decoded.events[0]?.rawId : undefined;
}

describe("receiveLogs", () => {
  it("says accepted when the events are stored, without their secrets", async () => {
    const { stored, post } = door();
    const answer = await post(JSON.stringify([record, { message: "password=hunter2" }]));
    expect(answer).toEqual({ http: 202, body: { accepted: 2 } });
    expect(stored.map(({ message }) => message)).toEqual(["boom", "password=«secret»"]);
    expect(stored[0]).toMatchObject({ source: "http", ingestTs: now, service: "shop", level: "error" });
  });

  it("takes a batch whole or not at all, and says when to come again", async () => {
    const gate = Promise.withResolvers<void>();
    const stored: LogEvent[] = [];
    const { post, intake } = door({
      mostEvents: 5,
      retryAfterMs: 2_500,
      onEvents: async (events) => {
        await gate.promise;
        stored.push(...events);
      },
    });
    const first = post(batch(3));
    while (intake.load() === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await post(batch(3))).toMatchObject({ http: 429, retryAfter: 3 });
    const second = post(batch(2));
    while (intake.load() < 1) await new Promise((resolve) => setImmediate(resolve));
    // Full: turned away before it is even unpacked.
    expect(await post("no json at all")).toMatchObject({ http: 429 });
    gate.resolve();
    expect(await first).toMatchObject({ http: 202 });
    expect(await second).toMatchObject({ http: 202 });
    expect(stored.length).toBe(5);
    expect(intake.load()).toBe(0);
    expect(await post(batch(6))).toMatchObject({ http: 429 });
  });

  it("stores one lot at a time, small requests together", async () => {
    const lots: number[] = [];
    let storing = 0;
    const { post } = door({
      onEvents: async (events) => {
        expect((storing += 1)).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        lots.push(events.length);
        storing -= 1;
      },
    });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => post(`{"message":"${index}"}`)),
    );
    expect(answers.every(({ http }) => http === 202)).toBe(true);
    expect(lots.reduce((sum, one) => sum + one, 0)).toBe(200);
    expect(lots.length).toBeLessThan(200);
  });

  it("says so when nothing can be stored, and takes the same events again later", async () => {
    let full = true;
    const { post, intake } = door({
      onEvents: async () => {
        if (full) throw new Error("disk full");
      },
    });
    expect(await post('{"message":"x"}')).toEqual({
      http: 503,
      retryAfter: 5,
      body: { error: "the events could not be stored: disk full" },
    });
    expect(intake.load()).toBe(0);
    full = false;
    expect(await post('{"message":"x"}')).toMatchObject({ http: 202 });
  });
});
