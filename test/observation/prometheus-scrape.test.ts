// Metrics pages from a real server, one of them written by prom-client itself.
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { Counter, Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makePrometheusScraper, parseSamples } from "../../tools/prometheus-scrape.ts";

describe("prometheus scrape", () => {
  let page = "";
  let server: http.Server;
  let url: string;
  beforeAll(async () => {
    server = http.createServer((request, response) => {
      if (request.url === "/broken") response.statusCode = 500;
      if (request.url === "/hangs") return;
      response.end(request.url === "/huge" ? "x 1\n".repeat(2_000_000) : page);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  function scraper() {
    let now = 1_000;
    const made = makePrometheusScraper({ clock: { now: () => now }, timeoutMs: 1_000 });
    const scrape = async (where = "/metrics") => {
      const metrics = await made.scrape("shop", url + where);
      now += 10_000;
      return Object.fromEntries(metrics.map((one) => [`${one.name} ${one.of}`, one.value]));
    };
    return { scrape };
  }

  it("gives memory at once, and rates from the second time on", async () => {
    const registry = new Registry();
    const requests = new Counter({
      name: "http_requests_total",
      help: "all",
      labelNames: ["code", "path"],
      registers: [registry],
    });
    const { scrape } = scraper();
    requests.inc({ code: 200, path: "/a" }, 90);
    requests.inc({ code: 500, path: '/"b"' }, 10);
    page = `${await registry.metrics()}\nprocess_resident_memory_bytes 1.5e+06\n`;
    expect(await scrape()).toEqual({ "memory-bytes process": 1_500_000 });

    requests.inc({ code: 200, path: "/a" }, 60);
    requests.inc({ code: 500, path: '/"b"' }, 30);
    requests.inc({ code: 503, path: "/new" }, 10);
    page = await registry.metrics();
    expect(await scrape()).toEqual({ "request-rate service": 10, "error-rate service": 0.4 });
    expect(await scrape()).toEqual({ "request-rate service": 0 });
  });

  it("takes a counter that shrank for a restart", async () => {
    const { scrape } = scraper();
    page = 'http_requests_total{status="200"} 1000\nhttp_requests_total{status="500"} 1000\n';
    await scrape();
    page = 'http_requests_total{status="200"} 30\nhttp_requests_total{status="500"} 10\n';
    expect(await scrape()).toEqual({ "request-rate service": 4, "error-rate service": 0.25 });
  });

  it("knows other libraries' names", async () => {
    const { scrape } = scraper();
    page = 'http_server_requests_seconds_count{uri="/",status="500",} 0\n';
    await scrape();
    page = 'http_server_requests_seconds_count{uri="/",status="500",} 20 1700000000000\n';
    expect(await scrape()).toMatchObject({ "error-rate service": 1 });
  });

  it("leaves out what is no sample", () => {
    expect(parseSamples('# HELP a b\na{x="1\\"}"} 5\nb NaN\nc +Inf\nnonsense\n<html>\n d 7 ')).toEqual([
      { name: "a", labels: { x: '1\\"}' }, value: 5 },
      { name: "d", labels: {}, value: 7 },
    ]);
  });

  it.each([
    ["/broken", "it answered 500"],
    ["/huge", "larger than"],
    ["/hangs", "no answer within"],
  ])("says why %s cannot be read", async (where, why) => {
    await expect(scraper().scrape(where)).rejects.toMatchObject({
      code: "scrape-failed",
      message: expect.stringContaining(why),
    });
  });
});
