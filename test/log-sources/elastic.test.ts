// Elasticsearch and OpenSearch, on servers that refuse what they refuse.
import { describe, expect, it } from "vitest";
import { type ElasticSettings, elasticSource } from "../../tools/log-sources/elastic.ts";
import { startingAt } from "../../tools/log-sources/log-source.ts";
import { failureKinds, type LogSourceSite, logSourceContract } from "../contract/log-source.contract.ts";
import { fakeClock } from "../fakes/clock.ts";
import { startElastic } from "../fakes/elastic-server.ts";
import { readToHead } from "./read-to-head.ts";

const never = new AbortController().signal;
const apiKey = "key-of-the-test";

async function site(flavour: ElasticSettings["flavour"]) {
  const clock = fakeClock();
  const server = await startElastic(flavour, { apiKey, clock });
  const open = (parts: Partial<ElasticSettings> = {}) =>
    elasticSource({
      name: flavour,
      flavour,
      url: server.url,
      index: "logs-*",
      apiKey,
      clock,
      timeoutMs: 20_000,
      pageSize: 500,
      ...parts,
    });
  let ids = 0;
  const write: LogSourceSite["write"] = (lines) =>
    server.index(
      lines.map(({ at, message, level = "info", service = "shop" }) => ({
        _index: "logs-1",
        _id: `id-${(ids += 1)}`,
        _source: {
          "@timestamp": new Date(at).toISOString(),
          message,
          "log.level": level,
          service: { name: service },
        },
      })),
    );
  return { ...server, clock, open, write };
}

for (const flavour of ["elasticsearch", "opensearch"] as const) {
  logSourceContract(flavour, () => site(flavour), {
    lateMs: 50_000,
    settleMs: 5_000,
    failures: failureKinds,
  });

  describe(`paging of ${flavour}`, () => {
    it("goes on by time where its point in time has expired between two pages", async () => {
      await using shop = await site(flavour);
      const begin = shop.clock.now();
      // More than two pages at one moment: only known ids tell where reading was.
      shop.write(Array.from({ length: 1_300 }, (_, index) => ({ at: begin + 5, message: `event ${index}` })));
      shop.clock.pass(60_000);
      const source = shop.open();
      const first = await source.poll(startingAt(begin), never);
      const second = await source.poll(first.nextCursor, never);
      shop.clock.pass(120_000);
      const rest = await readToHead(source, second.nextCursor);
      const texts = [...first.events, ...second.events, ...rest.events].map(({ message }) => message);
      expect(texts.length).toBe(1_300);
      expect(new Set(texts).size).toBe(1_300);
    });

    it("leaves no point in time open, and none of the events that came while it was paging out", async () => {
      await using shop = await site(flavour);
      const begin = shop.clock.now();
      shop.write(
        Array.from({ length: 700 }, (_, index) => ({ at: begin + index, message: `event ${index}` })),
      );
      shop.clock.pass(30_000);
      const source = shop.open();
      const first = await source.poll(startingAt(begin), never);
      shop.clock.pass(40_000);
      shop.write([
        { at: begin + 10, message: "late" },
        { at: begin + 50_000, message: "new" },
      ]);
      const { texts: rest } = await readToHead(source, first.nextCursor);
      expect(rest).toEqual(expect.arrayContaining(["late", "new"]));
      expect(rest.length).toBe(202);
      expect(shop.openContexts()).toBe(0);
    });

    it("takes the service from the field that is named", async () => {
      await using shop = await site(flavour);
      const begin = shop.clock.now();
      shop.write([{ at: begin + 5, message: "up", level: "warn" }]);
      shop.clock.pass(60_000);
      const { events } = await shop.open({ serviceField: "log.level" }).poll(startingAt(begin), never);
      expect(events).toMatchObject([{ service: "warn", level: "warn" }]);
    });

    it("asks for no more than the server gives", async () => {
      await using shop = await site(flavour);
      const begin = shop.clock.now();
      shop.clock.pass(60_000);
      await expect(shop.open({ pageSize: 10_000 }).poll(startingAt(begin), never)).resolves.toMatchObject({
        more: false,
      });
      await expect(shop.open({ pageSize: 10_001 }).poll(startingAt(begin), never)).rejects.toMatchObject({
        code: "source-question",
      });
      await expect(shop.open({ apiKey: "other" }).poll(startingAt(begin), never)).rejects.toMatchObject({
        code: "source-refused",
        hint: expect.stringContaining("key") as unknown,
      });
    });
  });
}
