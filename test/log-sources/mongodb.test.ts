// MongoDB, the official driver against a fake that speaks its wire protocol.
import { ObjectId } from "mongodb";
import { describe, expect, it } from "vitest";
import { type Cursor, startingAt } from "../../tools/log-sources/log-source.ts";
import { type MongoSettings, mongoSource } from "../../tools/log-sources/mongodb.ts";
import { type LogSourceSite, logSourceContract } from "../contract/log-source.contract.ts";
import { fakeClock } from "../fakes/clock.ts";
import { startMongo } from "../fakes/mongodb-server.ts";
import { readToHead } from "./read-to-head.ts";

const never = new AbortController().signal;

async function site(
  mode: "changeStream" | "poll",
  parts: Parameters<typeof startMongo>[0] = {},
  { timeField }: { timeField?: string } = {},
) {
  const clock = fakeClock();
  const server = await startMongo(parts);
  const open = (parts: Partial<MongoSettings> = {}) =>
    mongoSource({
      name: "mongodb",
      url: server.url,
      collection: "app.logs",
      mode,
      clock,
      timeoutMs: 20_000,
      pageSize: 500,
      timeField,
      ...parts,
    });
  let ids = 0;
  const write: LogSourceSite["write"] = (lines) =>
    server.insert(
      lines.map(({ at, message, level = "info", service = "shop" }) => ({
        // Ids that tell no time are in no order either.
        _id: timeField === undefined ? idAt(at, (ids += 1)) : `${(ids * 7_919) % 20_011}-${(ids += 1)}`,
        timestamp: new Date(at),
        message,
        level,
        service,
      })),
    );
  const fail: LogSourceSite["fail"] = ({ kind }, times) => server.fail(failures[kind] ?? "cut", times);
  return { ...server, clock, open, write, fail };
}

const failures: Record<string, Parameters<Awaited<ReturnType<typeof startMongo>>["fail"]>[0]> = {
  broken: { ok: 0, code: 8, codeName: "UnknownError", errmsg: "something broke" },
  refused: { ok: 0, code: 13, codeName: "Unauthorized", errmsg: "not authorized on app" },
  "other-json": { ok: 1, hello: "world" },
  cut: "cut",
  silence: "silence",
};

/** Ids of several writers: their order within a second is that of the writers, not of time. */
function idAt(at: number, index: number): ObjectId {
  const seconds = Math.floor(at / 1_000)
    .toString(16)
    .padStart(8, "0");
  const writer = ((index * 7_919) % 251).toString(16).padStart(10, "0");
  return new ObjectId(`${seconds}${writer}${index.toString(16).padStart(6, "0")}`);
}

for (const [mode, timeField] of [
  ["changeStream"],
  ["poll"],
  ["changeStream", "timestamp"],
  ["poll", "timestamp"],
] as const) {
  const name = `MongoDB (${mode}${timeField === undefined ? "" : ", by time"})`;
  logSourceContract(name, () => site(mode, {}, timeField === undefined ? {} : { timeField }), {
    lateMs: 50_000,
    settleMs: 0,
    // The server gives batches of at most 16 MB by itself.
    wholeAnswers: false,
    failures: ["broken", "refused", "other-json", "cut", "silence"],
  });
}

describe("change streams of MongoDB", () => {
  it("are followed after a scan, and give what comes later whatever its id", async () => {
    await using shop = await site("changeStream");
    const begin = shop.clock.now();
    shop.write([{ at: begin + 1, message: "before" }]);
    shop.clock.pass(600_000);
    const source = shop.open();
    const first = await readToHead(source, startingAt(begin));
    expect(first.texts).toEqual(["before"]);
    // Written now by a machine whose clock is an hour behind: a scan would never find it.
    shop.write([{ at: begin - 3_600_000, message: "from the past" }]);
    const second = await readToHead(source, first.cursor);
    expect(second.texts).toEqual(["from the past"]);
    expect((await readToHead(source, second.cursor)).texts).toEqual([]);
    await source.close?.();
  });

  it("go on behind the last change that was given, after a restart", async () => {
    await using shop = await site("changeStream");
    const begin = shop.clock.now();
    shop.clock.pass(60_000);
    let { cursor } = await readToHead(shop.open(), startingAt(begin));
    shop.write(
      Array.from({ length: 1_234 }, (_, index) => ({ at: shop.clock.now(), message: `event ${index}` })),
    );
    const given: string[] = [];
    for (let more = true; more; ) {
      const source = shop.open();
      const poll = await source.poll(JSON.parse(JSON.stringify(cursor)) as Cursor, never);
      given.push(...poll.events.map(({ message }) => message));
      ({ more, nextCursor: cursor } = poll);
      await source.close?.();
    }
    expect(given.length).toBe(1_234);
    expect(new Set(given).size).toBe(1_234);
  });

  it("fall back to a scan when their history is lost, and lose nothing by it", async () => {
    await using shop = await site("changeStream");
    const begin = shop.clock.now();
    shop.clock.pass(60_000);
    const source = shop.open();
    const first = await readToHead(source, startingAt(begin));
    shop.clock.pass(60_000);
    shop.write(
      Array.from({ length: 700 }, (_, index) => ({
        at: shop.clock.now() - 700 + index,
        message: `event ${index}`,
      })),
    );
    shop.dropHistory();
    const second = await readToHead(source, first.cursor);
    expect(second.texts.length).toBe(700);
    expect(second.notes.join()).toMatch(/lost its history/);
    shop.write([{ at: shop.clock.now(), message: "in the stream again" }]);
    expect((await readToHead(source, second.cursor)).texts).toEqual(["in the stream again"]);
    await source.close?.();
  });

  it("are not there without a replica set: it says what to set, and polling works", async () => {
    await using shop = await site("changeStream", { replicaSet: false });
    const begin = shop.clock.now();
    shop.write([{ at: begin + 1, message: "by polling" }]);
    shop.clock.pass(60_000);
    const streaming = shop.open();
    await expect(streaming.poll(startingAt(begin), never)).rejects.toMatchObject({
      code: "source-question",
      hint: expect.stringContaining("mode: poll") as unknown,
    });
    await streaming.close?.();
    const polling = shop.open({ mode: "poll" });
    expect((await readToHead(polling, startingAt(begin))).texts).toEqual(["by polling"]);
    await polling.close?.();
  });
});

describe("MongoDB", () => {
  it("takes the service from the field that is named", async () => {
    await using shop = await site("poll");
    const begin = shop.clock.now();
    shop.write([{ at: begin + 5, message: "up", level: "warn" }]);
    shop.clock.pass(60_000);
    const source = shop.open({ serviceField: "level" });
    expect((await readToHead(source, startingAt(begin))).events).toMatchObject([{ service: "warn" }]);
    await source.close?.();
  });

  it("says when nobody answers, without the password", async () => {
    const clock = fakeClock();
    const source = mongoSource({
      name: "mongodb",
      url: "mongodb://ann:hunter2@127.0.0.1:9/app?directConnection=true",
      collection: "logs",
      clock,
      timeoutMs: 5_000,
    });
    const error = await source.poll(startingAt(clock.now()), never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "source-unreachable",
      retryable: true,
      message: expect.stringContaining("ECONNREFUSED") as unknown,
    });
    expect(JSON.stringify(error)).not.toContain("hunter2");
    await source.close?.();
  });
});
