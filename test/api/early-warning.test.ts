// A symptom that comes a third time is told before it comes: the whole course through the product's own observers,
// store and detectors, only time is the test's.
import pino from "pino";
import { expect, it } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeFindEarlySign } from "../../agents/early-signs.ts";
import { makeStandingWatch } from "../../agents/standing-watch.ts";
import { makeObservers } from "../../api/observers.ts";
import { isSymptom } from "../../domain/finding.ts";
import type { Service } from "../../domain/service.ts";
import { shop as shopService, thresholds } from "../detection/view.ts";
import { finding, incidentOf } from "../knowledge/sample-findings.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";

const MINUTE = 60_000;
const shop: Service = { ...shopService, name: "shop", dependsOn: [] };

/** One minute of the service, `left` minutes before it ends. */
type Course = (left: number) => { memory: number; lines: string[] };

async function world(site: TestStore, course: Course) {
  const { clock, observations, store } = site;
  const observers = await makeObservers({
    clock,
    observations,
    watches: store.watches,
    logger: pino({ level: "silent" }),
    goOn: false,
    thresholds: () => thresholds,
    services: () => [shop],
  });
  const errorDetector = makeErrorDetector({ thresholds: () => thresholds, clock });
  const earlySign = makeFindEarlySign({
    observations,
    incidents: store.incidents,
    service: (name) => (name === "shop" ? shop : undefined),
    clock,
  });
  const standingWatch = makeStandingWatch({ ...store, earlySign });
  let since = clock.now();

  /** From its start to its crash; gives what was told before, and what was said of a watch. */
  async function live(minutes: number) {
    const told: { left: number; kind: string; summary: string }[] = [];
    for (let left = minutes; left > 0; left -= 1) {
      const { memory, lines } = course(left);
      for (let second = 0; second < 60; second += 20) {
        const at = clock.now() + second * 1_000;
        observers.note({ kind: "metric", service: "shop", at, name: "memory", value: memory, of: "service" });
      }
      for (const [n, text] of lines.entries()) {
        const at = clock.now() + n * 1_000;
        observers.note({ kind: "log", service: "shop", at, level: "info", source: "stdout", text });
      }
      clock.advance(MINUTE);
      if (left % 10 === 0 || left < 14) await observers.flush();
      const known = observers.known("shop", { healedAt: since });
      const findings = errorDetector({ service: shop, signals: [], dependencies: [], ...known });
      const early = findings.filter((one) => one.kind === "early-warning");
      expect(early.some(isSymptom)).toBe(false);
      told.push(...early.map(({ kind, summary }) => ({ left: left - 1, kind, summary })));
    }
    const crash = finding("shop-exited", { since: clock.now(), at: clock.now() });
    const incident = await store.incidents.open("shop", [crash], clock.now());
    const said = await standingWatch(incidentOf("run-1", { incidentId: incident.id, findings: [crash] }));
    await store.incidents.close(incident.id, "RESOLVED", clock.now());
    await observers.signs.reload();
    clock.advance(20 * MINUTE);
    since = clock.now();
    return { told, said, incident };
  }
  return { live, store };
}

const noise = (left: number): number => ((left * 7) % 5) / 200;

const ramp: Course = (left) => ({
  memory: 0.4 + noise(left) + 0.03 * Math.max(0, 12 - left),
  lines: ["served"],
});
const retries = (left: number) => (left <= 8 ? 6 : left % 25 === 0 ? 1 : 0);
const rising: Course = (left) => ({
  memory: 0.4 + noise(left),
  lines: [
    "served",
    ...Array.from({ length: retries(left) }, (_, n) => `retrying connection ${n} to the broker`),
  ],
});

it("warns of a memory ramp that ended in a crash twice", async () => {
  await using site = await openTestStore("pglite");
  const { live, store } = await world(site, ramp);
  expect(await live(100)).toMatchObject({ told: [], said: "" });
  const second = await live(100);
  expect(second.told).toEqual([]);
  expect(second.said).toMatch(
    /^A standing watch on exited of shop was set up: memory of shop \(service\) was above/,
  );
  const [watch] = await store.watches.list("shop");
  expect(watch).toMatchObject({
    kind: "exited",
    sign: { kind: "metric", name: "memory", direction: "above" },
  });

  const third = await live(100);
  const lefts = third.told.map((one) => one.left);
  expect(Math.max(...lefts)).toBeGreaterThanOrEqual(2);
  expect(Math.max(...lefts)).toBeLessThanOrEqual(10);
  expect(third.told[0]?.summary).toMatch(
    /^exited of shop may follow in \d+ s or more\. Before: memory of shop/,
  );
  const [warning] = await store.watches.warnings({ from: 0, to: site.clock.now() });
  expect(warning?.beganAt).toBeLessThan(third.incident.openedAt - 2 * MINUTE);
});

it("warns of a log pattern that rose before a crash twice", async () => {
  await using site = await openTestStore("pglite");
  const { live, store } = await world(site, rising);
  await live(100);
  expect((await live(100)).said).toContain("retrying connection");
  const [watch] = await store.watches.list("shop");
  expect(watch?.sign).toMatchObject({ kind: "log-pattern", service: "shop", withinMs: 5 * MINUTE });
  const third = await live(100);
  const lefts = third.told.map((one) => one.left);
  expect(Math.max(...lefts)).toBeLessThanOrEqual(8);
  expect(Math.max(...lefts)).toBeGreaterThanOrEqual(1);
});

it("says so where nothing moved before, and stays a closer look", async () => {
  await using site = await openTestStore("pglite");
  const { live, store } = await world(site, (left) => ({ memory: 0.4 + noise(left), lines: ["served"] }));
  await live(100);
  expect((await live(100)).said).toContain("Nothing that was seen moved before it each time");
  expect(await store.watches.list("shop")).toMatchObject([{ sign: null }]);
  expect((await live(40)).told).toEqual([]);
});
