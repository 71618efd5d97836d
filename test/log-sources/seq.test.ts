// Seq, on a server that pages and refuses as Seq does.
import { describe, expect, it } from "vitest";
import { startingAt } from "../../tools/log-sources/log-source.ts";
import { type SeqSettings, seqSource } from "../../tools/log-sources/seq.ts";
import { failureKinds, type LogSourceSite, logSourceContract } from "../contract/log-source.contract.ts";
import { fakeClock } from "../fakes/clock.ts";
import { startSeq } from "../fakes/seq-server.ts";

const never = new AbortController().signal;
const apiKey = "key-of-the-test";
const levels = { error: "Error", warn: "Warning", info: "Information" };

async function site() {
  const clock = fakeClock();
  const server = await startSeq({ apiKey });
  const open = (parts: Partial<SeqSettings> = {}) =>
    seqSource({ name: "seq", url: server.url, apiKey, clock, timeoutMs: 20_000, pageSize: 500, ...parts });
  let ids = 0;
  const write: LogSourceSite["write"] = (lines) =>
    server.ingest(
      lines.map(({ at, message, level = "info", service = "shop" }) => ({
        Id: `event-${(ids += 1)}`,
        Timestamp: new Date(at).toISOString().replace("Z", "0000Z"),
        Level: levels[level],
        RenderedMessage: message,
        Properties: [{ Name: "Application", Value: service }],
      })),
    );
  return { ...server, clock, open, write };
}

logSourceContract("Seq", site, { lateMs: 50_000, settleMs: 5_000, failures: failureKinds });

describe("Seq", () => {
  it("goes on where a search stopped with few events or none", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.write(
      Array.from({ length: 3_000 }, (_, index) => ({
        at: begin + index,
        message: `event ${index}`,
        ...(index % 1_000 === 0 ? { level: "error" as const } : {}),
      })),
    );
    shop.clock.pass(60_000);
    const { events } = await shop.open({ filter: "@Level = 'Error'" }).poll(startingAt(begin), never);
    expect(events.map(({ message }) => message)).toEqual(["event 0", "event 1000", "event 2000"]);
    expect(shop.requests.filter(({ path }) => path === "/api/events/signal").length).toBeGreaterThan(3);
  });

  it("gives an exception with its message, properties, trace; no level means information", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.ingest([
      {
        Id: "event-x",
        Timestamp: new Date(begin + 1).toISOString(),
        RenderedMessage: "Order 7 failed",
        Exception: "System.TimeoutException: too slow\n   at Shop.Pay()",
        Properties: [
          { Name: "OrderId", Value: 7 },
          { Name: "Password", Value: "hunter2" },
        ],
        TraceId: "0af7651916cd43dd8448eb211c80319c",
      },
    ]);
    shop.clock.pass(60_000);
    const { events } = await shop.open({ serviceField: "OrderId" }).poll(startingAt(begin), never);
    expect(events).toMatchObject([
      {
        service: "7",
        level: "info",
        message: "Order 7 failed\nSystem.TimeoutException: too slow\n   at Shop.Pay()",
        attrs: { OrderId: 7, Password: "«secret»" },
        traceId: "0af7651916cd43dd8448eb211c80319c",
        rawId: "event-x",
      },
    ]);
  });

  it("says when its key is wrong", async () => {
    await using shop = await site();
    const begin = shop.clock.now();
    shop.clock.pass(60_000);
    await expect(shop.open({ apiKey: "other" }).poll(startingAt(begin), never)).rejects.toMatchObject({
      code: "source-refused",
    });
  });
});
