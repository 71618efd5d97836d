// The event stream: who may listen, what arrives, and what a client that was away gets.
import { once } from "node:events";
import type { Server } from "node:http";
import { connect } from "node:net";
import express from "express";
import { describe, expect, it, vi } from "vitest";
import { type Envelope, makeEventStream } from "../../api/http/event-stream.ts";
import { listen } from "../../api/http/listen.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeLiveEvents } from "../../api/live-events.ts";
import type { LiveEvent } from "../../api/operations.ts";
import { type Served, serveWorld } from "./serve-world.ts";

interface Listener extends Disposable {
  seen: Envelope[];
  ids: number[];
  text: () => string;
}

async function listenTo(served: Served, lastEventId?: string): Promise<Listener> {
  const stop = new AbortController();
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const response = await served.ask("viewer", "/api/stream", { headers, signal: stop.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const seen: Envelope[] = [];
  const ids: number[] = [];
  let text = "";
  const read = async () => {
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk as Uint8Array);
      const frames = text.split("\n\n").slice(0, -1);
      const events = frames.filter((one) => one.includes("data: "));
      seen.splice(
        0,
        seen.length,
        ...events.map((one) => JSON.parse(one.replace(/^[\s\S]*?data: /, "")) as Envelope),
      );
      ids.splice(
        0,
        ids.length,
        ...events.flatMap((one) => [...one.matchAll(/^id: (\d+)/gm)].map((id) => Number(id[1]))),
      );
    }
  };
  read().catch(() => undefined);
  await vi.waitFor(() => expect(seen[0]?.type).toBe("hello"));
  return { seen, ids, text: () => text, [Symbol.dispose]: () => stop.abort() };
}

const event = (n: number, topic: LiveEvent["topic"] = "run"): LiveEvent => ({
  topic,
  at: Date.parse("2026-01-05T12:00:00Z") + n,
  data: { n },
});
const numbers = (seen: readonly Envelope[]) =>
  seen.filter((one) => one.topic !== "stream").map((one) => one.data["n"]);

describe("the event stream", () => {
  it("is closed without a token, and a HEAD does not open it", async () => {
    await using served = await serveWorld();
    expect((await served.ask("nobody", "/api/stream")).status).toBe(401);
    const head = await served.ask("viewer", "/api/stream", { method: "HEAD" });
    expect(head.status).toBe(200);
  });

  it("tells every listener what happens, numbered in order", async () => {
    await using served = await serveWorld();
    using one = await listenTo(served);
    using two = await listenTo(served);
    for (const n of [1, 2, 3]) served.world.parts.live.publish(event(n));
    await vi.waitFor(() =>
      expect([numbers(one.seen), numbers(two.seen)]).toEqual([
        [1, 2, 3],
        [1, 2, 3],
      ]),
    );
    const [hello, first] = one.seen;
    expect(first).toEqual({
      v: 1,
      seq: first?.seq,
      ts: "2026-01-05T12:00:00.001Z",
      topic: "run",
      type: "changed",
      data: { n: 1 },
    });
    expect(one.ids).toEqual([1, 2, 3].map((n) => (hello?.seq ?? 0) + n));
  });

  it("carries the decisions and switches that come through the API", async () => {
    await using served = await serveWorld();
    using listener = await listenTo(served);
    await served.send("operator", "POST", "/api/control/pause", {});
    await vi.waitFor(() =>
      expect(listener.seen.at(-1)).toMatchObject({
        topic: "control",
        type: "paused",
        data: { mode: "approve" },
      }),
    );
  });

  it("gives a client that was away what it missed, and tells it to read again when that is not known", async () => {
    await using served = await serveWorld();
    const { live } = served.world.parts;
    const first = await listenTo(served);
    for (const n of [1, 2, 3]) live.publish(event(n));
    await vi.waitFor(() => expect(first.ids).toHaveLength(3));
    first[Symbol.dispose]();
    live.publish(event(4));
    using resumed = await listenTo(served, String(first.ids[1]));
    await vi.waitFor(() => expect(numbers(resumed.seen)).toEqual([3, 4]));
    live.publish(event(5));
    await vi.waitFor(() => expect(numbers(resumed.seen)).toEqual([3, 4, 5]));
    // Of an earlier process, of a later one, or not a number at all.
    for (const unknown of ["1", "9999999999999999", "abc"]) {
      using lost = await listenTo(served, unknown);
      await vi.waitFor(() => expect(lost.seen.at(-1)).toMatchObject({ topic: "stream", type: "resync" }));
      expect(numbers(lost.seen)).toEqual([]);
    }
  });

  it("lets go of a client that does not read, and keeps the others", async () => {
    const live = makeLiveEvents();
    const app = express().get(
      "/",
      makeEventStream({ live, clock: systemClock, limits: { letGoAt: 200_000 } }),
    );
    const listening = await listen(app, { host: "127.0.0.1", port: 0 });
    const deaf = connect(listening.port, "127.0.0.1");
    const closed = new Promise((resolve) => deaf.once("close", resolve));
    deaf.on("error", () => undefined);
    deaf.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(deaf, "readable");
    const good = await fetch(listening.url);
    const count = countBytes(good);
    const big = { ...event(1), data: { text: "x".repeat(50_000) } };
    // Many times what the sockets' buffers hold; the good client keeps up.
    for (let sent = 1; sent <= 400; sent += 1) {
      live.publish(big);
      await vi.waitFor(() => expect(count.bytes).toBeGreaterThan(sent * 50_000), { interval: 1 });
    }
    await expect.poll(() => connectionsOf(listening.server)).toBe(1);
    deaf.resume();
    await closed;
    await listening.close(0);
  });

  it("ends with the server, not before it", async () => {
    const served = await serveWorld();
    using listener = await listenTo(served);
    served.world.parts.live.publish(event(1));
    await vi.waitFor(() => expect(numbers(listener.seen)).toEqual([1]));
    await served[Symbol.asyncDispose]();
    await expect(fetch(served.url)).rejects.toThrow(/fetch failed/);
  });
});

function countBytes(response: Response): { bytes: number } {
  const count = { bytes: 0 };
  const read = async () => {
    for await (const chunk of response.body ?? []) count.bytes += (chunk as Uint8Array).byteLength;
  };
  read().catch(() => undefined);
  return count;
}

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

describe("live events", () => {
  it("reach the other listeners when one throws, and nobody who left", () => {
    const problems: string[] = [];
    const live = makeLiveEvents((message) => problems.push(message));
    const seen: unknown[] = [];
    const leave = live.subscribe(() => seen.push("left"));
    live.subscribe(() => {
      throw new Error("full");
    });
    live.subscribe(({ data }) => seen.push(data["n"]));
    leave();
    live.publish(event(1));
    expect([seen, problems]).toEqual([[1], ["full"]]);
  });
});
