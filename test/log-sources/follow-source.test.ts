// The runner over sources and stores that fail, and over a process that is killed while it reads.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { advance } from "../../tools/log-sources/cursor.ts";
import { type FollowSourceSettings, followSource } from "../../tools/log-sources/follow-source.ts";
import type { SourceStatus } from "../../tools/log-sources/source-status.ts";
import { toEvent } from "../../tools/log-sources/log-event.ts";
import {
  type Cursor,
  type LogEvent,
  type LogSource,
  startingAt,
} from "../../tools/log-sources/log-source.ts";
import { SourceError } from "../../tools/log-sources/source-error.ts";
import { fakeClock } from "../fakes/clock.ts";
import { startLoki } from "../fakes/loki-server.ts";

/** Gives one event a poll, until there are five; then its head. */
function counting(clock: ReturnType<typeof fakeClock>, failing: unknown[] = []): LogSource {
  const begin = clock.now();
  return {
    name: "counting",
    async poll(cursor, signal) {
      signal.throwIfAborted();
      const failure = failing.shift();
      if (failure !== undefined) throw failure;
      const index = Number(cursor.place ?? 0);
      const raw = { ts: begin + index, message: `event ${index}`, rawId: `${index}` };
      const events = index < 5 ? [toEvent(raw, { source: "counting", ingestTs: clock.now() })] : [];
      const place = Math.min(index + 1, 5);
      const readTo = begin + place;
      return advance(cursor, { events, readTo, head: place === 5, place }, { now: clock.now() });
    },
  };
}

const five = Array.from({ length: 5 }, (_, index) => `event ${index}`);

/** Follows until `enough` says so after a poll that reached the head. */
async function follow(
  { failing = [], ...parts }: Partial<FollowSourceSettings> & { failing?: unknown[] },
  enough: (stored: string[]) => boolean = (stored) => stored.length >= 5,
) {
  const clock = fakeClock();
  const stored: string[] = [];
  const statuses: SourceStatus[] = [];
  const saved: Cursor[] = [];
  const ended = new AbortController();
  await followSource(
    {
      source: counting(clock, failing),
      clock,
      cursors: {
        load: async () => undefined,
        save: async (_, cursor) => {
          saved.push(cursor);
        },
      },
      onStatus: (status) => statuses.push(status),
      onLag: () => enough(stored) && ended.abort(),
      ...parts,
      onEvents: async (events, next) => {
        await parts.onEvents?.(events, next);
        stored.push(...events.map(({ message }) => message));
      },
    },
    ended.signal,
  );
  return { clock, stored, statuses, saved };
}

const refused = new SourceError("loki answered 401", { code: "source-refused", hint: "Check the key." });
const limited = new SourceError("429", { code: "source-rate-limited", retryable: true, retryAfterMs: 3_000 });

describe("followSource", () => {
  it("hands over events with the place behind them, and stores the place after them", async () => {
    const handed: unknown[] = [];
    const { stored, saved, statuses } = await follow({
      onEvents: async (_, next) => {
        handed.push(next.place);
      },
    });
    expect(stored).toEqual(five);
    expect(handed).toEqual([1, 2, 3, 4, 5]);
    expect(saved.map(({ place }) => place)).toEqual([undefined, 1, 2, 3, 4, 5]);
    expect(statuses).toEqual([]);
  });

  it("gives events again that could not be stored, and says whose fault it was", async () => {
    let tries = 0;
    const { stored, statuses } = await follow({
      onEvents: async ([event]) => {
        if (event?.message === "event 2" && tries++ < 2) throw new Error("disk full");
      },
    });
    expect(stored).toEqual(five);
    expect(statuses.map(({ ok, text }) => `${ok} ${text}`)).toEqual([
      "false its events could not be stored: disk full",
      "true following",
    ]);
  });

  it("does not read on while events are being stored: a flood waits at its source", async () => {
    let storing = 0;
    let most = 0;
    await follow({
      onEvents: async () => {
        most = Math.max(most, (storing += 1));
        await new Promise((resolve) => setImmediate(resolve));
        storing -= 1;
      },
    });
    expect(most).toBe(1);
  });

  it("begins anew where the stored place cannot be read", async () => {
    const { stored } = await follow({ cursors: { load: async () => "¿", save: async () => {} } });
    expect(stored).toEqual(five);
  });

  it("goes on where it stopped", async () => {
    const stopped: Cursor = { ...startingAt(fakeClock().now()), place: 3 };
    const { stored } = await follow(
      { cursors: { load: async () => stopped, save: async () => {} } },
      (stored) => stored.length >= 2,
    );
    expect(stored).toEqual(["event 3", "event 4"]);
  });

  it("asks a person at once, and the source rarely, where only a person can help", async () => {
    const { clock, statuses } = await follow({ failing: [refused, refused] });
    expect(clock.slept.slice(0, 2)).toEqual([60_000, 120_000]);
    expect(statuses[0]).toMatchObject({
      ok: false,
      text: "loki answered 401; next try in 60 s",
      hint: "Check the key.",
    });
  });

  it("calls a source down that does nothing but ask to wait", async () => {
    const { clock, statuses } = await follow({ failing: Array.from({ length: 6 }, () => limited) });
    expect(statuses.map(({ ok }) => ok)).toEqual([true, false, false, true]);
    expect(clock.slept.slice(0, 5)).toEqual([3_000, 3_000, 4_000, 8_000, 60_000]);
  });

  it("survives whatever a source throws", async () => {
    const { stored } = await follow({ failing: [undefined, "a text", new TypeError("x is not a function")] });
    expect(stored).toEqual(five);
  });

  it("ends when aborted, also while it waits, and closes the source", async () => {
    const clock = fakeClock();
    const caller = new AbortController();
    let closed = false;
    const source: LogSource = {
      ...counting(clock),
      close: async () => {
        closed = true;
      },
    };
    const forEver = { now: clock.now, sleep: (_: number, signal?: AbortSignal) => untilAborted(signal) };
    const following = followSource(
      {
        source,
        clock: forEver,
        cursors: { load: async () => undefined, save: async () => {} },
        onEvents: async () => caller.abort("enough"),
      },
      caller.signal,
    );
    await following;
    expect(closed).toBe(true);
  });

  it("loses and doubles nothing when its process is killed again and again", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "opsmedic-killed-"));
    await using loki = await startLoki();
    const begin = Date.now() - 3_600_000;
    const lines = Array.from({ length: 1_500 }, (_, index) => `event ${index}`);
    loki.write(
      lines.map((line, index) => ({
        at: BigInt(begin + 1 + Math.floor(index / 4)) * 1_000_000n,
        stream: { app: "shop" },
        line,
      })),
    );
    const stored = () => readEvents(path.join(folder, "events.jsonl"));
    for (const count of [30, 210, 420, 777, 1_100, 1_500]) {
      const child = spawn(process.execPath, [
        path.join(import.meta.dirname, "killed-follower.ts"),
        loki.url,
        folder,
      ]);
      await vi.waitFor(() => expect(stored().length).toBeGreaterThanOrEqual(count), {
        timeout: 40_000,
        interval: 1,
      });
      await killed(child);
    }
    expect(
      stored()
        .map(({ message }) => message)
        .sort(),
    ).toEqual([...lines].sort());
    rmSync(folder, { recursive: true });
  });
});

function untilAborted(signal?: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason as Error);
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

function readEvents(file: string): LogEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as LogEvent);
}
