// Who hears of a log source that goes down or comes back.
import { expect, it } from "vitest";
import { makeOutsideStatus } from "../../api/outside-status.ts";
import type { LogEvent } from "../../tools/log-sources/log-source.ts";

const loki = { name: "loki", entry: { type: "loki" as const, url: "http://l", query: "{}" } };
const pulled = { ...loki, everyMs: 1, lookBackMs: 0 };
const down = { source: "loki", ok: false, text: "answered 503", at: 7, hint: "wait" };
const back = { source: "loki", ok: true, text: "following", at: 8 };

function world(service?: string) {
  const heard: string[] = [];
  let now = 1;
  const source = { ...pulled, ...(service !== undefined && { service }) };
  const statuses = makeOutsideStatus({
    logs: { pulled: [source], syslog: [] },
    isService: (name) => name === "shop",
    onSource: (one) => heard.push(`${one.service} ${one.ok}`),
    onNews: (one) => heard.push(`everybody ${one.ok}`),
    clock: { now: () => now },
  });
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...statuses, source, heard, pass };
}

const lineOf = (service: string, ts: number): LogEvent => ({
  ts,
  ingestTs: ts,
  source: "loki",
  service,
  level: "info",
  message: "up",
  attrs: {},
  traceId: undefined,
  rawId: "1",
});

it("the service it is configured for, or those whose lines came", () => {
  const named = world("shop");
  named.say(named.source, down);
  named.say(named.source, back);
  expect(named.heard).toEqual(["shop false", "shop true"]);
  const seen = world();
  seen.received(seen.source, [lineOf("shop", 5), lineOf("other", 9)]);
  seen.say(seen.source, down);
  expect(seen.heard).toEqual(["shop false"]);
  expect(seen.all()).toEqual([
    { service: "", source: "loki", ok: false, text: "answered 503", at: 7, hint: "wait", lastEventAt: 9 },
  ]);
});

it("everybody, where no service is known that is watched", () => {
  for (const one of [world(), world("gone")]) {
    one.say(one.source, down);
    one.say(one.source, { ...down, text: "answered 503; next try in 60 s" });
    one.say(one.source, back);
    expect(one.heard).toEqual(["everybody false", "everybody true"]);
    expect(one.all()[0]).not.toHaveProperty("hint");
  }
});

it("a source that is down lags more and more behind", () => {
  const one = world("shop");
  one.begins(one.source);
  one.lag(one.source, 30);
  one.say(one.source, down);
  one.pass(5_000);
  expect(one.all()).toMatchObject([{ ok: false, lagMs: 5_030 }]);
  one.waits(one.source);
  expect(one.all()[0]).not.toHaveProperty("lagMs");
});

it("what another process reads, or what is read anew, is not down here", () => {
  const one = world("shop");
  one.say(one.source, down);
  one.waits(one.source);
  expect(one.all()).toMatchObject([{ ok: true, text: "read by another process" }]);
  one.begins(one.source);
  one.lag(one.source, 30);
  expect(one.all()).toMatchObject([{ ok: true, text: "following", lagMs: 30 }]);
  expect(one.heard).toEqual(["shop false", "shop true", "shop true", "shop true"]);
});
