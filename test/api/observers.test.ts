// What those who watch have learned outlives the server that learned it; what they know is asked for.
import { setImmediate as nextTurn } from "node:timers/promises";
import pino from "pino";
import { expect, it } from "vitest";
import { localObserved } from "../../api/local-observed.ts";
import { makeObservers, type Observers } from "../../api/observers.ts";
import type { LogSignal } from "../../domain/signal.ts";
import { thresholds } from "../detection/view.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";

const MINUTE = 60_000;
const logger = pino({ level: "silent" });

function observersOf(site: TestStore, goOn = true): Promise<Observers> {
  const { clock, observations } = site;
  return makeObservers({
    clock,
    observations,
    logger,
    goOn,
    thresholds: () => thresholds,
    services: () => [],
  });
}

/** As a server does when it is told to stop. */
function stop(observers: Observers): Promise<void> {
  return observers.run(AbortSignal.abort());
}

function feed(observers: Observers, site: TestStore, series: number): void {
  const start = site.clock.now() - 600 * MINUTE;
  for (let one = 0; one < series; one += 1) {
    for (let n = 0; n < 40; n += 1) {
      const value = (n % 7) / 100;
      const about = { service: `shop-${one}`, name: "cpu", measuredOn: "service", samples: 1 };
      observers.metrics.minute({
        ...about,
        at: start + n * MINUTE,
        total: value,
        lowest: value,
        highest: value,
      });
    }
  }
}

const line = (site: TestStore, n: number): LogSignal => ({
  kind: "log",
  service: "shop",
  at: site.clock.now() + n,
  level: "error",
  source: "docker",
  text: `lost order ${n} of customer c-${n}`,
});

it("goes on after a restart as if there had been none", async () => {
  await using site = await openTestStore("pglite");
  const before = await observersOf(site);
  feed(before, site, 12); // more than are written at once
  const ids = [1, 2, 3].map((n) => before.note(line(site, n)));
  await stop(before);

  const after = await observersOf(site);
  expect(after.metrics.save()).toEqual(before.metrics.save());
  expect(after.clusters.clusters()).toEqual(before.clusters.clusters());
  const next = after.note(line(site, 4));
  expect(next).toMatchObject({ pattern: (ids[2] as LogSignal).pattern });

  const fresh = await observersOf(site, false);
  expect(fresh.metrics.save().series).toEqual([]);
});

it("does not take the rest of an earlier, longer list for its own", async () => {
  await using site = await openTestStore("pglite");
  const many = await observersOf(site);
  feed(many, site, 25);
  await stop(many);
  const few = await observersOf(site, false);
  feed(few, site, 3);
  await stop(few);
  expect((await observersOf(site)).metrics.save()).toEqual(few.metrics.save());
});

it("starts anew where what was learned cannot be read", async () => {
  await using site = await openTestStore("pglite");
  await site.db.query("drop table opsmedic.learned_signals");
  const observers = await observersOf(site);
  expect(observers.note(line(site, 1))).toMatchObject({ pattern: expect.any(String) });
  await stop(observers);
});

it("looks days ahead soon after the start and then each hour, and detectors are told", async () => {
  await using site = await openTestStore("pglite");
  const stop = new AbortController();
  const waits: number[] = [];
  const clock = {
    now: site.clock.now,
    async sleep(ms: number) {
      await nextTurn();
      if (ms < 60_000) return; // between two flushes
      waits.push(ms);
      if (waits.length === 3) stop.abort();
    },
  };
  const disk = { service: "host", name: "disk", measuredOn: "/", samples: 1 };
  const day = Array.from({ length: 96 }, (_, quarter) => {
    const used = 0.3 + quarter / 200;
    const at = site.clock.now() - (96 - quarter) * 15 * MINUTE;
    return { ...disk, at, total: used, lowest: used, highest: used };
  });
  await site.observations.metrics.add(day);
  const { observations } = site;
  const observers = await makeObservers({
    clock,
    observations,
    logger,
    goOn: true,
    thresholds: () => thresholds,
    services: () => [],
  });
  for (const point of day.slice(-1)) observers.metrics.minute(point);
  await observers.run(stop.signal);

  expect(waits).toEqual([2 * MINUTE, 60 * MINUTE, 60 * MINUTE]);
  expect(observers.known("shop").predictions).toMatchObject([
    { name: "disk", measuredOn: "/", limit: 1, aheadSeconds: 43_200, at: site.clock.now() },
  ]);
  expect(observers.known("shop", { healedAt: site.clock.now() + 1 }).predictions).toEqual([]);
  const observed = localObserved({ observations, store: site.store, clock, observer: observers });
  expect(await observed.predictions({ service: "host" })).toHaveLength(1);
  expect(await observed.predictions({ service: "shop" })).toEqual([]);
});

it("watches the series of services with symptoms first, and of those that are gone no longer", async () => {
  await using site = await openTestStore("pglite");
  const observers = await observersOf(site);
  feed(observers, site, 1); // "shop-0", which is no service
  observers.noteFindings("shop-0", [{ kind: "exited", severity: "critical" }]);
  const later = site.clock.now();
  const host = {
    service: "host",
    name: "cpu",
    measuredOn: "host",
    samples: 1,
    total: 0,
    lowest: 0,
    highest: 0,
  };
  observers.metrics.minute({ ...host, at: later });
  observers.metrics.minute({ ...host, at: later + 20 * MINUTE });
  expect(observers.metrics.watched().map((one) => one.service)).toEqual(["host"]);
});
