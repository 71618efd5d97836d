// What every pulled log source must do, whatever it speaks: each event once across restarts, nothing lost by late
// events, floods, limits and failures, secrets never let through, and its caller obeyed.
import { describe, expect, it, vi } from "vitest";
import { messageOf } from "../../domain/errors.ts";
import {
  type Cursor,
  cursorSchema,
  type LogEvent,
  type LogSource,
  startingAt,
} from "../../tools/log-sources/log-source.ts";
import { followSource } from "../../tools/log-sources/follow-source.ts";
import type { SourceStatus } from "../../tools/log-sources/source-status.ts";
import type { FakeClock } from "../fakes/clock.ts";
import { readToHead } from "../log-sources/read-to-head.ts";

export interface WrittenLine {
  /** Unix milliseconds. */
  at: number;
  message: string;
  level?: "error" | "warn" | "info";
  service?: string;
}

export const failureKinds = [
  "limited",
  "broken",
  "refused",
  "not-json",
  "other-json",
  "cut",
  "silence",
] as const;
export type FailureKind = (typeof failureKinds)[number];

export interface LogSourceSite extends AsyncDisposable {
  clock: FakeClock;
  /** A new source on the same server, as after a restart. */
  open(parts?: { timeoutMs?: number; largestAnswerBytes?: number }): LogSource;
  write(lines: WrittenLine[]): void;
  fail(failure: { kind: FailureKind; retryAfter: string }, times?: number): void;
  /** Requests that wait for their answer. */
  waiting(): number;
}

export interface LogSourceTraits {
  /** How late an event may become visible and must still be found, in milliseconds. */
  lateMs: number;
  /** How long the source is given to show an event, in milliseconds. */
  settleMs: number;
  /** Failures that exist in its protocol. */
  failures: readonly FailureKind[];
  /** Most events of one millisecond that its API can give at all, where there is such a limit. */
  momentLimit?: number;
  /** Answers come whole, and may be too large to take. */
  wholeAnswers?: boolean;
  /** What it says of a login page or an answer of another kind. */
  notUnderstood?: string;
}

const never = new AbortController().signal;
const MINUTE = 60_000;

export function logSourceContract(
  name: string,
  open: () => Promise<LogSourceSite>,
  traits: LogSourceTraits,
): void {
  const has = (kind: FailureKind) => traits.failures.includes(kind);

  describe(`${name} as a log source`, () => {
    it("gives 10,000 events once each, over a restart at every page boundary", async () => {
      await using site = await open();
      const begin = site.clock.now();
      const cursor = startingAt(begin);
      const written = numbered(begin, 10_000);
      site.write(written);
      site.clock.pass(10 * MINUTE);

      const given: LogEvent[] = [];
      let pages = 0;
      for (let next = cursor, more = true; more; pages += 1) {
        const poll = await restarted(site, next);
        given.push(...poll.events);
        ({ more, nextCursor: next } = poll);
      }
      expect(given.length).toBe(10_000);
      expect(new Set(given.map(({ message }) => message))).toEqual(
        new Set(written.map(({ message }) => message)),
      );
      expect(new Set(given.map(({ rawId }) => rawId)).size).toBe(10_000);
      expect(pages).toBeGreaterThan(3);
    });

    it("gives the same events with the same ids where it was killed before its place was stored", async () => {
      await using site = await open();
      const begin = site.clock.now();
      site.write(numbered(begin, 2_000));
      site.clock.pass(10 * MINUTE);

      const stored = new Map<string, string>();
      for (let next = startingAt(begin), more = true; more; ) {
        const lost = await restarted(site, next);
        const again = await restarted(site, next);
        for (const { rawId, message } of [...lost.events, ...again.events]) {
          expect(stored.get(rawId) ?? message).toBe(message);
          stored.set(rawId, message);
        }
        ({ more, nextCursor: next } = again);
      }
      expect(stored.size).toBe(2_000);
      expect(new Set(stored.values()).size).toBe(2_000);
    });

    it("looks at the last minute again and gives nothing of it twice", async () => {
      await using site = await open();
      const begin = site.clock.now();
      site.write(numbered(begin, 300));
      site.clock.pass(2 * MINUTE);
      let { given, cursor } = await toHead(site, startingAt(begin));
      expect(given.length).toBe(300);
      for (let round = 0; round < 5; round += 1) {
        site.write([{ at: site.clock.now() - traits.settleMs - 1_000, message: `round ${round}` }]);
        site.clock.pass(5_000);
        ({ given, cursor } = await toHead(site, cursor));
        expect(given.map(({ message }) => message)).toEqual([`round ${round}`]);
      }
    });

    it("finds an event that became visible late", async () => {
      await using site = await open();
      const begin = site.clock.now();
      site.clock.pass(5 * MINUTE);
      site.write([{ at: site.clock.now() - traits.settleMs - 1_000, message: "in time" }]);
      const first = await toHead(site, startingAt(begin));
      expect(first.given.map(({ message }) => message)).toEqual(["in time"]);

      site.write([{ at: site.clock.now() - traits.settleMs - traits.lateMs, message: "late" }]);
      const second = await toHead(site, first.cursor);
      expect(second.given.map(({ message }) => message)).toEqual(["late"]);
      expect((await toHead(site, second.cursor)).given).toEqual([]);
    });

    it.runIf(traits.momentLimit === undefined)(
      "gives all of more events at one moment than a page holds",
      async () => {
        await using site = await open();
        const { given } = await afterFlood(site, 1_200);
        expect(given.length).toBe(1_201);
        expect(new Set(given.map(({ message }) => message)).size).toBe(1_201);
      },
    );

    it.runIf(traits.momentLimit !== undefined)(
      "says when one moment held more than it can give, and goes on",
      async () => {
        await using site = await open();
        const { given, notes } = await afterFlood(site, 1_200);
        expect(given.map(({ message }) => message)).toContain("after the flood");
        expect(given.length).toBe((traits.momentLimit ?? 0) + 1);
        expect(notes.join()).toMatch(/more events within one millisecond/);
      },
    );

    it("says what happened, where, when, how bad", async () => {
      await using site = await open();
      const begin = site.clock.now();
      const at = begin + 1_234;
      site.write([{ at, message: "connection refused", level: "error", service: "checkout" }]);
      site.clock.pass(2 * MINUTE);
      const { given } = await toHead(site, startingAt(begin));
      expect(given).toMatchObject([
        { ts: at, level: "error", service: "checkout", message: "connection refused" },
      ]);
      expect(given[0]?.source).toBe(site.open().name);
      expect(given[0]?.ingestTs).toBeGreaterThan(at);
    });

    it("cuts what is too long and takes secrets out before anyone sees them", async () => {
      await using site = await open();
      const begin = site.clock.now();
      site.write([
        { at: begin + 1, message: `huge ${"€".repeat(60_000)}` },
        { at: begin + 2, message: "login with password=hunter2 failed" },
        { at: begin + 3, message: `${"x".repeat(31_990)} password=hunter2 ${"y".repeat(100)}` },
      ]);
      site.clock.pass(2 * MINUTE);
      const { given } = await toHead(site, startingAt(begin));
      expect(given.length).toBe(3);
      for (const { message } of given) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(32_000);
      expect(given[0]?.message).toMatch(/^huge €+ … \[cut, \d+ characters\]$/);
      expect(given[1]?.message).toBe("login with password=«secret» failed");
      expect(JSON.stringify(given)).not.toContain("hunter");
    });

    it.runIf(traits.wholeAnswers ?? true)("asks for less where an answer would be too large", async () => {
      await using site = await open();
      const begin = site.clock.now();
      const text = "long ".repeat(400);
      site.write(
        Array.from({ length: 300 }, (_, index) => ({ at: begin + index * 10, message: `${index} ${text}` })),
      );
      site.clock.pass(2 * MINUTE);
      const { given } = await toHead(site, startingAt(begin), site.open({ largestAnswerBytes: 100_000 }));
      expect(new Set(given.map(({ message }) => message)).size).toBe(300);
    });

    it("tells how far behind it is", async () => {
      await using site = await open();
      const begin = site.clock.now();
      site.write(numbered(begin, 3_000));
      site.clock.pass(10 * MINUTE);
      const lags: number[] = [];
      const source = site.open();
      for (let next = startingAt(begin), more = true; more; ) {
        const poll = await source.poll(next, never);
        lags.push(poll.lagMs);
        ({ more, nextCursor: next } = poll);
      }
      await source.close?.();
      expect(lags[0]).toBeGreaterThan(MINUTE);
      for (const lag of lags.slice(0, -1)) expect(lag).toBeGreaterThanOrEqual(lags.at(-1) ?? 0);
      expect(lags.at(-1)).toBeLessThanOrEqual(traits.settleMs);
    });

    it.runIf(has("limited"))("waits as long as it is asked to, and loses nothing by it", async () => {
      await using site = await open();
      site.fail({ kind: "limited", retryAfter: "77" }, 2);
      const { stored, statuses } = await followed(site, 600);
      expect(stored.length).toBe(600);
      expect(site.clock.slept.filter((ms) => ms === 77_000).length).toBe(2);
      // A healthy source that defends itself is not down.
      expect(statuses.every(({ ok }) => ok)).toBe(true);
    });

    it.runIf(has("broken"))("says that it is down, asks less and less often, and catches up", async () => {
      await using site = await open();
      site.fail({ kind: "broken", retryAfter: "" }, 7);
      const { stored, statuses } = await followed(site, 600);
      expect(stored.length).toBe(600);
      expect(statuses[0]).toMatchObject({ ok: false });
      expect(statuses.at(-1)).toMatchObject({ ok: true, text: "following" });
      expect(site.clock.slept.slice(0, 40)).toEqual(
        expect.arrayContaining([1_000, 2_000, 4_000, 8_000, 60_000, 120_000]),
      );
    });

    it.each([
      ["refused", "source-refused", false],
      ["broken", "source-failed", true],
      ["not-json", traits.notUnderstood ?? "source-answer", true],
      ["other-json", traits.notUnderstood ?? "source-answer", true],
      ["cut", "source-unreachable", true],
    ] as const)("names it when the server's answer is %s", async (kind, code, retryable) => {
      if (!has(kind)) return;
      await using site = await open();
      const begin = site.clock.now();
      site.write([{ at: begin + 1, message: "still there" }]);
      site.clock.pass(2 * MINUTE);
      site.fail({ kind, retryAfter: "" });
      const source = site.open();
      const error = await source.poll(startingAt(begin), never).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code, retryable });
      expect(messageOf(error)).not.toMatch(/key-of-the-test/);
      expect((await toHead(site, startingAt(begin), source)).given.length).toBe(1);
    });

    it.runIf(has("silence"))("gives up on a server that does not answer in time, and hangs up", async () => {
      await using site = await open();
      const begin = site.clock.now();
      site.clock.pass(MINUTE * 2);
      site.fail({ kind: "silence", retryAfter: "" });
      const source = site.open({ timeoutMs: 200 });
      await expect(source.poll(startingAt(begin), never)).rejects.toMatchObject({
        code: "source-timed-out",
        retryable: true,
      });
      await vi.waitFor(() => expect(site.waiting()).toBe(0), { timeout: 10_000 });
      await source.close?.();
    });

    it.runIf(has("silence"))("stops when its caller gives up, and hangs up", async () => {
      await using site = await open();
      const begin = site.clock.now();
      site.clock.pass(MINUTE * 2);
      site.fail({ kind: "silence", retryAfter: "" });
      const caller = new AbortController();
      const source = site.open();
      const ended = source.poll(startingAt(begin), caller.signal).catch((reason: unknown) => reason);
      await vi.waitFor(() => expect(site.waiting()).toBe(1), { timeout: 10_000 });
      caller.abort("enough");
      expect(await ended).toBe("enough");
      await vi.waitFor(() => expect(site.waiting()).toBe(0), { timeout: 10_000 });
      await source.close?.();
    });
  });
}

/** Three events a millisecond apart share one, as bursts do. */
function numbered(begin: number, count: number): WrittenLine[] {
  return Array.from({ length: count }, (_, index) => ({
    at: begin + 1 + Math.floor(index / 3) * 20,
    message: `event ${index} of many`,
  }));
}

/** A page from a new source whose cursor was stored as text in between. */
async function restarted(site: LogSourceSite, cursor: Cursor) {
  const source = site.open();
  try {
    return await source.poll(cursorSchema.parse(JSON.parse(JSON.stringify(cursor))), never);
  } finally {
    await source.close?.();
  }
}

async function toHead(site: LogSourceSite, from: Cursor, source = site.open()) {
  const { events: given, ...rest } = await readToHead(source, from);
  await source.close?.();
  return { given, ...rest };
}

/** So many events of one millisecond, one behind them, all of it read. */
async function afterFlood(site: LogSourceSite, count: number) {
  const begin = site.clock.now();
  const flood = Array.from({ length: count }, (_, index) => ({
    at: begin + 1_000,
    message: `flood ${index}`,
  }));
  site.write([...flood, { at: begin + 2_000, message: "after the flood" }]);
  site.clock.pass(5 * MINUTE);
  return toHead(site, startingAt(begin));
}

/** Follows until so many events were stored and the source was heard to be well. */
async function followed(site: LogSourceSite, count: number) {
  site.write(numbered(site.clock.now() - MINUTE, count));
  site.clock.pass(2 * MINUTE);
  const stored: LogEvent[] = [];
  const statuses: SourceStatus[] = [];
  const enough = new AbortController();
  await followSource(
    {
      source: site.open(),
      cursors: { load: async () => undefined, save: async () => {} },
      onEvents: async (events) => {
        stored.push(...events);
      },
      onStatus: (status) => statuses.push(status),
      onLag: () => {
        if (stored.length >= count) setImmediate(() => enough.abort());
      },
      clock: site.clock,
      lookBackMs: 5 * MINUTE,
    },
    enough.signal,
  );
  return { stored, statuses };
}
