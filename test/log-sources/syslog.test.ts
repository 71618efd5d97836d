// Syslog: messages of both standards and of neither, in any framing, from the real logger of util-linux.
import { execFile } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type IntakeSettings, makeIntake } from "../../tools/log-sources/intake.ts";
import type { LogEvent } from "../../tools/log-sources/log-source.ts";
import { listenSyslog, type SyslogListener, type SyslogSettings } from "../../tools/log-sources/syslog.ts";
import { makeFrameReader } from "../../tools/log-sources/syslog-frames.ts";
import { parseSyslog } from "../../tools/log-sources/syslog-message.ts";
import { followSyslog } from "../../tools/log-sources/follow-syslog.ts";
import { fakeClock } from "../fakes/clock.ts";
import { wallClock } from "../observation/service.ts";
import { describeWith } from "../services-available.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const parse = (text: string) => parseSyslog(text, { now, rawId: "1" });

describe("parseSyslog", () => {
  it.each([
    [
      "RFC 5424",
      '<165>1 2026-03-01T11:59:59.003Z shop-1 evntslog 42 ID47 [x@1 iut="3" note="a \\"b\\" \\]"][y@1 trace_id="t1"] \uFEFFAn event',
      {
        ts: now - 997,
        level: 5,
        service: "evntslog",
        message: "An event",
        traceId: "t1",
        attrs: { facility: "local4", host: "shop-1", process: "42", id: "ID47", iut: "3", note: 'a "b" ]' },
      },
    ],
    [
      "RFC 5424 with nothing but a message",
      "<11>1 - - - - - - boom",
      { ts: now, level: 3, service: undefined, message: "boom", attrs: { facility: "user" } },
    ],
    ["RFC 5424 without a message", "<11>1 - - app - - -", { service: "app", message: "" }],
    [
      "RFC 3164",
      "<34>Mar  1 10:00:00 shop-1 su[77]: 'su root' failed",
      {
        ts: new Date(2026, 2, 1, 10, 0, 0).getTime(),
        level: 2,
        service: "su",
        message: "'su root' failed",
        attrs: { facility: "auth", host: "shop-1", process: "77" },
      },
    ],
    [
      "RFC 3164 of last December",
      "<13>Dec 31 23:59:59 shop-1 cron: happy new year",
      { ts: new Date(2025, 11, 31, 23, 59, 59).getTime(), service: "cron", message: "happy new year" },
    ],
    [
      "the old form with a good time",
      "<30>2026-03-01T11:59:58+00:00 shop-1 systemd[1]: Started",
      { ts: now - 2_000, service: "systemd", message: "Started" },
    ],
    [
      "a device's own way",
      "<190>%SYS-5-CONFIG_I: Configured",
      { ts: now, level: 6, message: "%SYS-5-CONFIG_I: Configured" },
    ],
    ["no priority at all", "just text", { ts: now, level: undefined, message: "just text" }],
    ["a priority that is none", "<999>text", { level: undefined, message: "<999>text" }],
  ])("understands %s", (_, text, expected) => {
    expect(parse(text)).toMatchObject(expected);
  });

  it("makes an event of any text", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string().map((one) => `<13>1 - - - - - [${one}`),
    );
    fc.assert(fc.property(text, (one) => parse(one).rawId === "1"));
  });
});

const frames = (chunks: Buffer[], mostBytes = 64) => {
  const reader = makeFrameReader({ mostBytes });
  const texts: string[] = [];
  for (const chunk of chunks) reader.push(chunk, (text) => texts.push(text));
  reader.end((text) => texts.push(text));
  return texts;
};

describe("makeFrameReader", () => {
  it("finds the same messages however the stream is cut, in both framings at once", () => {
    const message = fc
      .string({ unit: "grapheme", maxLength: 20 })
      .map((one) => `<13>${one.replace(/[\r\n\0]/g, "")}`);
    const framed = fc.record({ text: message, counted: fc.boolean() });
    fc.assert(
      fc.property(fc.array(framed, { maxLength: 12 }), fc.integer({ min: 1, max: 9 }), (all, size) => {
        const stream = Buffer.concat(
          all.map(({ text, counted }) =>
            Buffer.from(counted ? `${Buffer.byteLength(text)} ${text}` : `${text}\n`),
          ),
        );
        const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
          stream.subarray(index * size, (index + 1) * size),
        );
        expect(frames(chunks, 200)).toEqual(all.map(({ text }) => text));
      }),
    );
  });

  it("cuts what is too long and finds the next message", () => {
    const long = "x".repeat(1_000);
    const stream = `<13>${long}\n<13>a\n1004 <13>${long}5 <13>b<13>c`;
    for (const size of [1, 7, 100, 10_000]) {
      const chunks = stream.match(new RegExp(`[^]{1,${size}}`, "g"))?.map((one) => Buffer.from(one)) ?? [];
      const cut = `<13>${"x".repeat(60)}`;
      expect(frames(chunks)).toEqual([cut, "<13>a", cut, "<13>b", "<13>c"]);
    }
  });

  it("takes a line that begins with a number for a line", () => {
    expect(frames([Buffer.from("404 not found\n12 apples")])).toEqual(["404 not found", "12 apples"]);
  });
});

const open: SyslogListener[] = [];
afterEach(async () => {
  for (const listener of open.splice(0)) await listener.close();
});

async function listen(
  listen: string,
  parts: Partial<SyslogSettings> & { intakeParts?: Partial<IntakeSettings> } = {},
) {
  const stored: LogEvent[] = [];
  const intake = makeIntake({
    onEvents: async (events) => {
      stored.push(...events);
    },
    ...parts.intakeParts,
  });
  const listener = await listenSyslog({ name: "syslog", listen, intake, clock: wallClock, ...parts });
  open.push(listener);
  const port = Number(new URL(listener.address).port);
  const come = (count: number) =>
    vi.waitFor(() => expect(stored.length).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
  return { stored, listener, port, come, intake };
}

const log = (...args: string[]) => promisify(execFile)("logger", args);

describeWith("logger", "syslog of the real logger", () => {
  it.each([
    ["UDP, RFC 5424", "udp", ["-d", "--rfc5424"]],
    ["UDP, RFC 3164", "udp", ["-d", "--rfc3164"]],
    ["TCP, RFC 5424", "tcp", ["-T", "--rfc5424"]],
    ["TCP, RFC 3164", "tcp", ["-T", "--rfc3164"]],
    ["TCP, RFC 5424, counted", "tcp", ["-T", "--rfc5424", "--octet-count"]],
  ])("is understood: %s", async (_, protocol, options) => {
    const { stored, port, come } = await listen(`${protocol}://127.0.0.1:0`);
    const to = ["-n", "127.0.0.1", "-P", String(port), ...options];
    await log(...to, "-p", "local0.err", "-t", "checkout", "--id=77", "payment failed, token=abcdef123");
    await come(1);
    await log(...to, "-p", "user.warning", "-t", "checkout", "slow");
    await come(2);
    expect(stored).toMatchObject([
      { source: "syslog", service: "checkout", level: "error", message: "payment failed, token=«secret»" },
      { service: "checkout", level: "warn", message: "slow" },
    ]);
    expect(stored[0]?.attrs).toMatchObject({ facility: "local0", process: "77" });
    // Within a minute of the sender's clock, which is ours.
    expect(Math.abs((stored[0]?.ts ?? 0) - Date.now())).toBeLessThan(60_000);
    expect(new Set(stored.map(({ rawId }) => rawId)).size).toBe(2);
  });
});

describe("listenSyslog", () => {
  it("makes a TCP sender wait while there is no room, and loses nothing", async () => {
    const gate = Promise.withResolvers<void>();
    const kept: LogEvent[] = [];
    const { port, intake } = await listen("tcp://127.0.0.1:0", {
      intakeParts: {
        mostEvents: 3_000,
        onEvents: async (events) => {
          await gate.promise;
          kept.push(...events);
        },
      },
    });
    const socket = net.connect(port, "127.0.0.1").on("error", () => {});
    let sent = 0;
    const all = 100_000;
    // Writes as fast as the socket takes it; it must stop taking long before everything is sent.
    const writing = (async () => {
      for (; sent < all; sent += 1)
        if (!socket.write(`<13>event ${sent} ${"x".repeat(200)}\n`)) await once(socket, "drain");
      socket.end();
    })();
    await vi.waitFor(() => expect(intake.load()).toBeGreaterThan(0), { timeout: 20_000 });
    // No kernel buffers 22 MB: however long we look, the sender cannot have finished.
    for (let turn = 0; turn < 500; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toBeLessThan(all);
    expect(intake.load()).toBeLessThanOrEqual(1);
    gate.resolve();
    await writing;
    await vi.waitFor(() => expect(kept.length).toBe(all), { timeout: 40_000 });
    expect(kept.every(({ message }, index) => message.startsWith(`event ${index} `))).toBe(true);
  });

  it("counts what UDP loses for want of room, and says when that is over", async () => {
    const gate = Promise.withResolvers<void>();
    const said: { over: boolean; count: number }[] = [];
    const kept: LogEvent[] = [];
    const { port, listener } = await listen("udp://127.0.0.1:0", {
      onLost: (lost) => said.push(lost),
      intakeParts: {
        mostEvents: 10,
        onEvents: async (events) => {
          await gate.promise;
          kept.push(...events);
        },
      },
    });
    const sender = dgram.createSocket("udp4");
    for (let index = 0; index < 25; index += 1) sender.send(`<13>event ${index}`, port, "127.0.0.1");
    await vi.waitFor(() => expect(listener.lost()).toBe(15), { timeout: 20_000 });
    gate.resolve();
    await vi.waitFor(() => expect(kept.length).toBe(10), { timeout: 20_000 });
    sender.send("<13>room again", port, "127.0.0.1");
    await vi.waitFor(() => expect(kept.length).toBe(11), { timeout: 20_000 });
    sender.close();
    expect(said[0]).toEqual({ over: false, count: 1 });
    expect(said.at(-1)).toMatchObject({ over: true });
  });

  it("keeps the last words of a sender that was cut off, and outlives senders of rubbish", async () => {
    const { port, come, stored } = await listen("tcp://127.0.0.1:0");
    const rude = net.connect(port, "127.0.0.1");
    await once(rude, "connect");
    rude.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    rude.resetAndDestroy();
    const short = net.connect(port, "127.0.0.1");
    short.end("<13>no line end");
    await come(1);
    expect(stored.map(({ message }) => message)).toContain("no line end");
  });

  it("says what would help where it cannot listen", async () => {
    const { listener } = await listen("tcp://127.0.0.1:0");
    await expect(listen(listener.address)).rejects.toMatchObject({
      code: "source-unreachable",
      retryable: true,
    });
    const udp = await listen("udp://127.0.0.1:0");
    await expect(listen(udp.listener.address)).rejects.toMatchObject({
      hint: expect.stringContaining("port") as unknown,
    });
  });

  it("takes a port as soon as it is free, and says that it was not", async () => {
    const holder = await listen("tcp://127.0.0.1:0");
    const statuses: string[] = [];
    const ended = new AbortController();
    const clock = fakeClock();
    const following = followSyslog(
      {
        name: "syslog",
        listen: holder.listener.address,
        intake: holder.intake,
        clock: {
          ...clock,
          sleep: async (ms, signal) => {
            if (open.length > 0) await open.pop()?.close();
            await clock.sleep(ms, signal);
          },
        },
        onStatus: ({ ok, text }) => statuses.push(`${ok} ${text.replace(/:.*/, "")}`),
        onListening: () => ended.abort(),
      },
      ended.signal,
    );
    await following;
    expect(statuses).toEqual(["false Syslog cannot listen on tcp", "true following"]);
    expect(clock.slept).toEqual([1_000]);
  });
});
