// Outside log sources as the server reads them: Loki, on a server that refuses what Loki refuses, and real syslog over
// UDP and TCP. Their lines end where services' own lines end, once each, whatever happens in between.
import { once } from "node:events";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { localObserved } from "../../api/local-observed.ts";
import { makeOutsideLogs } from "../../api/outside-logs.ts";
import { toOutsideLogs } from "../../api/config/log-sources.ts";
import { logSourceSchema } from "../../api/config/log-schema.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { startLoki } from "../fakes/loki-server.ts";
import { openTestStore } from "../knowledge/open-test-store.ts";
import { freePort } from "../observation/servers.ts";
import { untilTrue } from "../scenarios/site.ts";
import { openServer, type OwnServer, sleeper } from "./own-server.ts";

type Loki = Awaited<ReturnType<typeof startLoki>>;

/** Waits are short, and time passes when the test says so. */
function makeHasteClock() {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 100), signal),
    pass: (ms: number) => {
      ahead += ms;
    },
  };
}

const services = () => [sleeper("shop")];
const lokiEntry = ({ url }: Loki, more: object = {}) => ({
  type: "loki",
  url,
  query: '{app=~".+"}',
  tenant: "shop",
  serviceField: "app",
  lookBack: "1h",
  every: "1s",
  ...more,
});

/** Two a millisecond; old enough to be asked for, young enough to be looked for again. */
function write(loki: Loki, from: number, to: number, { app = "shop", now = Date.now() } = {}): void {
  const begin = BigInt(now - 30_000) * 1_000_000n;
  loki.write(
    Array.from({ length: to - from }, (_, n) => ({
      at: begin + BigInt(n) * 500_000n,
      stream: { app, level: "error" },
      line: `lost order ${from + n}`,
    })),
  );
}

async function counted({ opened, observers }: OwnServer, service = "shop"): Promise<number> {
  await observers.savingLogs.saved();
  const patterns = await opened.observations.patterns.list({ service, limit: 100 });
  return patterns
    .filter(({ template }) => template.startsWith("lost order"))
    .reduce((sum, { lines }) => sum + lines, 0);
}

const observed = ({ opened, clock, observers, body }: OwnServer) =>
  localObserved({
    observations: opened.observations,
    store: opened.store,
    clock,
    observer: observers,
    logSources: body.logSources,
  });
const statusOf = (server: OwnServer, source: string) =>
  server.body.logSources().find((one) => one.source.startsWith(source));
const blind = (server: OwnServer) => server.findingsOf("shop").find((one) => one.kind === "source-down");

it("lines of Loki and of syslog reach the services they name, patterns and searches", async () => {
  await using loki = await startLoki({ tenant: "shop" });
  const [udp, tcp] = [await freePort(), await freePort()];
  await using server = await openServer({
    services,
    more: {
      logs: [
        lokiEntry(loki),
        { type: "syslog", listen: `udp://127.0.0.1:${udp}`, service: "shop" },
        { type: "syslog", listen: `tcp://127.0.0.1:${tcp}`, serviceField: "host" },
      ],
    },
  });
  write(loki, 0, 300);
  write(loki, 300, 310, { app: "elsewhere" });
  await untilTrue("the lines of Loki are counted", async () => (await counted(server)) === 300);
  expect(await counted(server, "elsewhere")).toBe(10);

  await untilTrue("syslog is listened for", () => statusOf(server, "syslog tcp")?.text === "following");
  const socket = createSocket("udp4");
  // UDP promises nothing; it is sent until it came.
  await untilTrue("a datagram came", async () => {
    socket.send("<11>Mar  1 12:00:00 host cron[1]: backup failed by udp", udp, "127.0.0.1");
    await server.observers.savingLogs.saved();
    const { logs } = await observed(server).logs({ service: "shop", q: "by udp", limit: 1 });
    return logs[0]?.level === "error";
  });
  socket.close();
  const stream = connect(tcp, "127.0.0.1");
  stream.end("<10>1 2026-03-01T12:00:00Z shop app - - - disk broke by tcp\n");
  await once(stream, "close");
  await untilTrue("a line came over TCP", async () => {
    await server.observers.savingLogs.saved();
    const { logs } = await observed(server).logs({ service: "shop", q: "by tcp", limit: 1 });
    return logs[0]?.level === "fatal";
  });

  const sources = await observed(server).logSources();
  expect(sources.find((one) => one.source.startsWith("loki"))).toMatchObject({
    service: "",
    ok: true,
    text: "following",
    lagMs: expect.any(Number) as unknown,
    lastEventAt: expect.any(Number) as unknown,
  });
  expect(sources.find((one) => one.source.startsWith("syslog udp"))).toMatchObject({ service: "shop" });
  const window = server.engine.monitor.window("shop");
  expect(window.some((one) => one.kind === "log" && one.source.startsWith("loki"))).toBe(true);
});

it("a restart in the middle loses nothing, doubles nothing, and reads what came meanwhile", {
  timeout: 120_000,
}, async () => {
  await using loki = await startLoki({ tenant: "shop" });
  write(loki, 0, 7_000);
  const more = { logs: [lokiEntry(loki)] };
  await using first = await openServer({ services, more, store: "folder" });
  await untilTrue("a part was read", () => (statusOf(first, "loki")?.lastEventAt ?? 0) > 0);
  await first.stop();
  write(loki, 7_000, 9_000);
  await using next = await first.restarted();
  await untilTrue("all of it was read", async () => (await counted(next)) >= 9_000);
  await next.stop();
  await using last = await next.restarted();
  await untilTrue("it is read again", () => statusOf(last, "loki")?.text === "following");
  expect(await counted(last)).toBe(9_000);
});

it("a source that is down is a finding of the service it tells of, until it is back", async () => {
  await using loki = await startLoki({ tenant: "shop" });
  const clock = makeHasteClock();
  const more = { logs: [lokiEntry(loki, { service: "shop", serviceField: undefined })] };
  await using server = await openServer({ services, more, clock });
  write(loki, 0, 10);
  await untilTrue("it is read", async () => (await counted(server)) === 10);
  await server.well("shop");

  loki.fail({ kind: "broken" }, 10_000);
  await untilTrue("it is missed", () => statusOf(server, "loki")?.ok === false);
  expect(blind(server), "it may be back soon").toBeUndefined();
  clock.pass(60_000);
  await untilTrue("it is told", () => blind(server) !== undefined);
  expect(blind(server)).toMatchObject({ severity: "warning" });
  expect(blind(server)?.summary).toMatch(/^Not seen of shop: log loki .* answered 503/);
  expect(await server.runsOf("shop")).toEqual([]);

  loki.recover();
  await untilTrue("it is over", () => blind(server) === undefined);
  expect(statusOf(server, "loki")).toMatchObject({ ok: true, text: "following" });
  write(loki, 10, 20, { now: clock.now() });
  await untilTrue("it is read again", async () => (await counted(server)) === 20);
});

it("a source of which no service is known is told all the same, and its hint is shown", async () => {
  await using loki = await startLoki({ tenant: "shop" });
  await using server = await openServer({
    services,
    more: { logs: [lokiEntry(loki, { tenant: "other" })] },
  });
  await untilTrue("it is told", () => server.published.some((one) => one.data["type"] === "source-down"));
  expect(statusOf(server, "loki")).toMatchObject({
    ok: false,
    hint: expect.stringContaining("key") as unknown,
  });
});

it("is read by one process at a time, and by the next when that one ends", async () => {
  await using loki = await startLoki({ tenant: "shop" });
  await using site = await openTestStore("pglite", { clock: systemClock as never });
  const logs = toOutsideLogs([logSourceSchema.parse(lokiEntry(loki))]);
  const reader = (holder: string) => {
    const taken: string[] = [];
    const stop = new AbortController();
    const outside = makeOutsideLogs({
      logs,
      holder,
      leaseMs: 300,
      leases: site.store.leases,
      taken: site.observations.taken,
      take: {
        take: async (events, { place } = {}) => {
          taken.push(...events.map(({ message }) => message));
          await site.observations.saveLogs({
            patterns: [],
            counts: [],
            joined: [],
            lines: [],
            taken: [],
            places: place ? [place] : [],
          });
        },
        saved: () => Promise.resolve(),
      },
      isService: () => true,
      onSource: () => undefined,
      onNews: () => undefined,
      onError: () => undefined,
      clock: systemClock,
    });
    const ended = outside.run(stop.signal);
    return { taken, outside, end: () => (stop.abort("enough"), ended) };
  };
  write(loki, 0, 10);
  const one = reader("one");
  await untilTrue("one reads", () => one.taken.length === 10);
  const other = reader("other");
  await untilTrue("the other one waits", () =>
    other.outside.sources().some(({ text }) => text === "read by another process"),
  );
  write(loki, 10, 20);
  await untilTrue("one reads on", () => one.taken.length === 20);
  expect(other.taken).toEqual([]);
  await one.end();
  write(loki, 20, 30);
  await untilTrue("the other one reads on", () => other.taken.length === 10);
  expect(other.outside.sources()).toMatchObject([{ text: "following" }]);
  await other.end();
  expect(new Set([...one.taken, ...other.taken]).size).toBe(30);
});
