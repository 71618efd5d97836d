// New Relic, on a server that refuses what NerdGraph refuses.
import { describe, expect, it } from "vitest";
import { type NewRelicSettings, newRelicSource } from "../../tools/log-sources/newrelic.ts";
import { startingAt } from "../../tools/log-sources/log-source.ts";
import { failureKinds, type LogSourceSite, logSourceContract } from "../contract/log-source.contract.ts";
import { fakeClock } from "../fakes/clock.ts";
import { startNewRelic } from "../fakes/newrelic-server.ts";
import { readToHead } from "./read-to-head.ts";

const never = new AbortController().signal;
const apiKey = "NRAK-key-of-the-test";

async function site() {
  const clock = fakeClock();
  const server = await startNewRelic({ apiKey, account: 123 });
  const open = (parts: Partial<NewRelicSettings> = {}) =>
    newRelicSource({
      name: "newrelic",
      account: 123,
      apiKey,
      url: server.url,
      clock,
      timeoutMs: 20_000,
      pageSize: 500,
      ...parts,
    });
  let ids = 0;
  const write: LogSourceSite["write"] = (lines) =>
    server.ingest(
      lines.map(({ at, message, level = "info", service = "shop" }) => ({
        timestamp: at,
        messageId: `id-${(ids += 1)}`,
        message,
        level,
        service,
        "newrelic.logs.batchIndex": 1,
      })),
    );
  return { ...server, clock, open, write };
}

logSourceContract("New Relic", site, {
  lateMs: 50_000,
  settleMs: 60_000,
  failures: failureKinds,
  // NRQL has no place to go on from: more than a page at one millisecond is told, and not given.
  momentLimit: 500,
});

describe("New Relic", () => {
  it("asks for the most that one answer can hold", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.write(
      Array.from({ length: 12_000 }, (_, index) => ({ at: begin + 1 + index, message: `event ${index}` })),
    );
    shop.clock.pass(300_000);
    const { events } = await readToHead(shop.open({ pageSize: 5_000 }), startingAt(begin));
    expect(events.length).toBe(12_000);
    expect(shop.requests[0]?.body).toContain("LIMIT MAX");
  });

  it("puts long messages together from their pieces, 20 at a time", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    const long = Array.from({ length: 45 }, (_, index) => `${index} ${"long ".repeat(1_000)}end of ${index}`);
    shop.write(long.map((message, index) => ({ at: begin + index, message })));
    shop.clock.pass(300_000);
    const { events } = await shop.open().poll(startingAt(begin), never);
    expect(events.map(({ message }) => message)).toEqual(long);
  });

  it.each([
    ["NRQL Syntax Error", "BAD_USER_INPUT", "source-question", false],
    ["NRDB:1106924 Query rate limit exceeded", "SERVER_ERROR", "source-rate-limited", true],
    ["query timed out", "TIMEOUT", "source-timed-out", true],
    ["something", "SERVER_ERROR", "source-failed", true],
  ])("sees the error in an answer of status 200: %s", async (message, errorClass, code, retryable) => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.clock.pass(300_000);
    shop.sayErrors(message, errorClass);
    await expect(shop.open().poll(startingAt(begin), never)).rejects.toMatchObject({ code, retryable });
  });

  it("says when account or key are wrong", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.clock.pass(300_000);
    for (const wrong of [{ account: 999 }, { apiKey: "NRAK-other" }]) {
      await expect(shop.open(wrong).poll(startingAt(begin), never)).rejects.toMatchObject({
        code: "source-refused",
      });
    }
  });

  it("takes a condition, and nothing but a condition, from the configuration", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.write([
      { at: begin + 1, message: "mine", service: "limit" },
      { at: begin + 2, message: "other" },
    ]);
    shop.clock.pass(300_000);
    const mine = { where: "service = 'limit'", serviceField: "level" };
    const { events } = await shop.open(mine).poll(startingAt(begin), never);
    expect(events).toMatchObject([{ message: "mine", service: "info" }]);
    for (const where of ["a = 1) SINCE 1 (", "a = 'x' LIMIT 1", "a = 'open", "a = 1; b"]) {
      await expect(shop.open({ where }).poll(startingAt(begin), never)).rejects.toMatchObject({
        code: "source-question",
      });
    }
  });
});
