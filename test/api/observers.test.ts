// What those who watch have learned outlives the server that learned it.
import pino from "pino";
import { expect, it } from "vitest";
import { makeObservers, type Observers } from "../../api/observers.ts";
import type { LogSignal } from "../../domain/signal.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";

const MINUTE = 60_000;
const logger = pino({ level: "silent" });

function observersOf(site: TestStore, goOn = true): Promise<Observers> {
  return makeObservers({ clock: site.clock, observations: site.observations, logger, goOn });
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
