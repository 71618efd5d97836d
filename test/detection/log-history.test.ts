// What the history of log patterns adds to detection: unknown errors that begin, heartbeats that stop. Through the real
// observer, so that what the detectors see is what the product counts.
import { expect, it } from "vitest";
import { makeErrorDetector } from "../../agents/error-detector.ts";
import { makeLogObserver } from "../../agents/log-observer.ts";
import type { LogSignal, Signal } from "../../domain/signal.ts";
import { makeTemplateMiner } from "../../signals/templates/miner.ts";
import { now, shop, state, thresholds } from "./view.ts";

const MINUTE = 60_000;

function world() {
  const clock = { now: () => now - 60 * MINUTE };
  const nowhere = { saveLogs: () => Promise.resolve() } as Parameters<typeof makeLogObserver>[0]["store"];
  const observer = makeLogObserver({ clock, miner: makeTemplateMiner(), store: nowhere });
  const detect = makeErrorDetector({ thresholds: () => thresholds, clock: { now: () => now } });
  const signals: Signal[] = [state(1_000)];
  return {
    say(ago: number, text: string, level: LogSignal["level"] = "info") {
      const line: LogSignal = { kind: "log", service: "shop", at: now - ago, level, source: "docker", text };
      signals.push({ ...line, pattern: observer.note(line) });
    },
    found() {
      clock.now = () => now;
      return detect({ service: shop, signals, dependencies: [], patterns: observer.notable("shop") });
    },
    signals,
  };
}

/** An hour in which the service says what it always says. */
function usual() {
  const made = world();
  for (let ago = 60 * MINUTE; ago > 0; ago -= 30_000) made.say(ago, `stock counted, ${ago} items`);
  for (let ago = 59 * MINUTE; ago > 0; ago -= 10 * MINUTE)
    made.say(ago, `coupon ${ago} turned down`, "error");
  return made;
}

it("finds nothing in what is usual, errors now and then included", () => {
  expect(usual().found()).toEqual([]);
});

it("finds a burst of errors that no known kind explains, and says what is usual", () => {
  const made = usual();
  for (let n = 0; n < 25; n += 1) made.say(40_000 - n * 1_000, `coupon ${n} turned down`, "error");
  expect(made.found()).toMatchObject([
    {
      kind: "log-errors",
      severity: "warning",
      summary: expect.stringMatching(/^2[56] times in 60 s, usually 0\.\d: coupon <\*> turned down$/),
      facts: { pattern: "unknown", template: "coupon <*> turned down" },
    },
  ]);
});

it("has the same signature for the same errors, whatever numbers they name", () => {
  const signatures = [1, 700].map((from) => {
    const made = usual();
    for (let n = 0; n < 25; n += 1) made.say(40_000 - n * 1_000, `coupon ${from + n} turned down`, "error");
    return made.found()[0]?.signature;
  });
  expect(signatures[0]).toBe(signatures[1]);
});

it("takes no burst of chatter, of an earlier instance, or one that is over, for new errors", () => {
  const chatter = usual();
  for (let n = 0; n < 50; n += 1) chatter.say(40_000 - n * 500, `error page ${n} shown`, "info");
  expect(chatter.found()).toEqual([]);

  const earlier = usual();
  for (let n = 0; n < 25; n += 1) earlier.say(40_000 - n * 100, `coupon ${n} turned down`, "error");
  earlier.signals.push(state(500, { instance: "two", startedAt: now - 20_000 }));
  expect(earlier.found()).toEqual([]);

  const over = usual();
  for (let n = 0; n < 25; n += 1) over.say(55_000 - n * 100, `coupon ${n} turned down`, "error");
  expect(over.found()).toEqual([]);
});

it("names pattern and usual rate of known troubles, too", () => {
  const made = usual();
  for (let n = 0; n < 25; n += 1) made.say(15_000 - n * 100, `connect ECONNREFUSED 10.0.0.7:54${n}`, "error");
  const [finding] = made.found();
  expect(finding).toMatchObject({
    kind: "log-errors",
    facts: {
      pattern: "refused",
      template: expect.stringContaining("ECONNREFUSED"),
      usual: expect.any(Number),
    },
  });
});

it("tells of a heartbeat that stopped while the service runs, and makes no symptom of it", () => {
  const made = world();
  for (let ago = 60 * MINUTE; ago > 5 * MINUTE; ago -= 30_000) made.say(ago, `stock counted, ${ago} items`);
  made.say(1_000, "still here");
  expect(made.found()).toMatchObject([
    { kind: "heartbeat-lost", severity: "info", facts: { patterns: ["stock counted, <*> items"] } },
  ]);
  made.signals.push(state(500, { status: "exited", exitCode: 1 }));
  expect(made.found().map(({ kind }) => kind)).toEqual(["exited"]);
});

it("takes no first lines for a heartbeat that stopped, when their form becomes known and they count elsewhere", () => {
  const made = world();
  for (let ago = 60 * MINUTE; ago > 0; ago -= 30_000)
    made.say(ago, `${new Date(now - ago).toISOString()} INFO stock counted, ${ago} items`);
  expect(made.found()).toEqual([]);
});
