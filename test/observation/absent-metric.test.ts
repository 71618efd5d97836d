// A number that a service's page no longer has: from the page on a real server, through looks, minutes and store, to
// the finding. The clock is the test's.
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeHealthMonitor } from "../../agents/health-monitor.ts";
import { makeMetricObserver } from "../../agents/metric-observer.ts";
import { makeMetricWatch } from "../../agents/metric-watch.ts";
import { makeProber } from "../../tools/prober.ts";
import { makePrometheusScraper } from "../../tools/prometheus-scrape.ts";
import { thresholds } from "../detection/view.ts";
import { openTestStore } from "../knowledge/open-test-store.ts";
import { serviceNamed } from "./service.ts";

const LOOK_MS = 20_000;

it("is told while the page answers, and a page that does not answer is told instead", async () => {
  await using site = await openTestStore("pglite");
  const { clock, observations } = site;
  let requests = 0;
  let withMemory = true;
  const server = http.createServer((_, response) => {
    requests += 7;
    const memory = withMemory ? `process_resident_memory_bytes ${5e7 + (requests % 3)}\n` : "";
    response.end(`${memory}http_requests_total{code="200"} ${requests}\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const prometheus = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const shop = serviceNamed("shop", { metrics: [{ prometheus }] });

  const watch = makeMetricWatch();
  const minutes = makeMetricObserver({ clock, store: observations, onMinute: watch.minute });
  const monitor = makeHealthMonitor({
    targets: { of: () => undefined },
    prober: makeProber({ clock }),
    host: { use: async () => ({ cpu: 0.1, memory: 0.1, disks: [] }) },
    metrics: makePrometheusScraper({ clock }),
    clock,
    read(signal) {
      minutes.note(signal);
      return signal;
    },
  });
  const detect = makeErrorDetector({ thresholds: () => thresholds, clock });

  /** Looks at it for so many minutes; what is found at the end. */
  async function watchFor(count: number) {
    for (let n = 0; n < (count * 60_000) / LOOK_MS; n += 1) {
      await monitor.observe(shop);
      clock.advance(LOOK_MS);
      await minutes.flush();
    }
    const signals = monitor.window("shop");
    return detect({ service: shop, signals, dependencies: [], absences: watch.absences("shop") });
  }

  expect(await watchFor(45)).toEqual([]);
  withMemory = false;
  expect(await watchFor(3)).toEqual([]);
  expect(await watchFor(7)).toMatchObject([
    { kind: "metric-absent", severity: "info", facts: { series: ["memory-bytes (process)"], others: 2 } },
  ]);
  withMemory = true;
  expect(await watchFor(3)).toEqual([]);

  server.close();
  server.closeAllConnections();
  expect((await watchFor(10)).map((one) => one.kind)).toEqual(["source-down"]);
});
