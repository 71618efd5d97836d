// Loki, on a server that refuses what Loki refuses.
import { describe, expect, it } from "vitest";
import { lokiSource, type LokiSettings } from "../../tools/log-sources/loki.ts";
import { startingAt } from "../../tools/log-sources/log-source.ts";
import { failureKinds, type LogSourceSite, logSourceContract } from "../contract/log-source.contract.ts";
import { fakeClock } from "../fakes/clock.ts";
import { startLoki } from "../fakes/loki-server.ts";
import { readToHead } from "./read-to-head.ts";

const NANOS = 1_000_000n;
const never = new AbortController().signal;

async function site() {
  const server = await startLoki({ tenant: "shop" });
  const clock = fakeClock();
  const open = (parts: Partial<LokiSettings> = {}) =>
    lokiSource({
      name: "loki",
      url: server.url,
      query: '{app=~".+"}',
      tenant: "shop",
      token: "key-of-the-test",
      clock,
      timeoutMs: 20_000,
      pageSize: 500,
      ...parts,
    });
  const write: LogSourceSite["write"] = (lines) =>
    server.write(
      lines.map(({ at, message, service = "shop", level = "info" }, index) => ({
        at: BigInt(at) * NANOS + BigInt(index % 7),
        stream: { app: service, detected_level: level },
        line: message,
      })),
    );
  return { ...server, server, clock, open, write };
}

logSourceContract("Loki", site, { lateMs: 50_000, settleMs: 5_000, failures: failureKinds });

describe("Loki", () => {
  it("asks for no more than the server gives, forward, under its tenant", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.clock.pass(60_000);
    await shop.open({ pageSize: 5_000 }).poll(startingAt(begin), never);
    const [asked] = shop.requests;
    expect(Object.fromEntries(asked?.query ?? [])).toMatchObject({ direction: "forward", limit: "5000" });
    expect(asked?.headers).toMatchObject({
      "x-scope-orgid": "shop",
      authorization: "Bearer key-of-the-test",
    });
    const tooMany = shop.open({ pageSize: 5_001 }).poll(startingAt(begin), never);
    await expect(tooMany).rejects.toMatchObject({ code: "source-question", retryable: false });
    await expect(shop.open({ tenant: "other" }).poll(startingAt(begin), never)).rejects.toMatchObject({
      code: "source-refused",
    });
  });

  it("says that one nanosecond held more than the server can give, and goes on behind it", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    const at = BigInt(begin + 10) * NANOS;
    shop.server.write(
      Array.from({ length: 700 }, (_, index) => ({ at, stream: { app: "a" }, line: `same moment ${index}` })),
    );
    shop.server.write([{ at: at + 5n, stream: { app: "a" }, line: "behind it" }]);
    shop.clock.pass(60_000);
    const { texts, notes } = await readToHead(shop.open(), startingAt(begin));
    expect(texts).toContain("behind it");
    expect(texts.length).toBe(501);
    expect(notes.join()).toMatch(/more events within one nanosecond/);
  });

  it("takes the service from the label that is named", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    const at = BigInt(begin + 10) * NANOS;
    shop.server.write([{ at, stream: { app: "a", team: "pay" }, line: "ready" }]);
    shop.clock.pass(60_000);
    const { events } = await shop.open({ serviceField: "team" }).poll(startingAt(begin), never);
    expect(events).toMatchObject([{ service: "pay" }]);
  });

  it("tells lines apart that are alike but for their stream", async () => {
    await using shop = await site();
    const at = BigInt(shop.clock.now() + 10) * NANOS;
    const begin = shop.clock.now();
    shop.server.write([
      { at, stream: { app: "a", trace_id: "t1" }, line: "ready" },
      { at, stream: { app: "b" }, line: "ready" },
    ]);
    shop.clock.pass(60_000);
    const { events } = await shop.open().poll(startingAt(begin), never);
    expect(events).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ service: "a", traceId: "t1" }),
        expect.objectContaining({ service: "b" }),
      ]),
    );
  });
});
