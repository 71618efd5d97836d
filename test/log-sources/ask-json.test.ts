// Questions over HTTP: keys stay where they belong, limits are kept, and what a source asks for is obeyed.
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { httpAsker, type HttpSource } from "../../tools/log-sources/ask-json.ts";
import { retryAfterMs } from "../../tools/log-sources/source-error.ts";
import { fakeClock } from "../fakes/clock.ts";
import { type FakeAnswer, startHttpServer } from "../fakes/http-server.ts";

const never = new AbortController().signal;
const answer = z.object({ ok: z.boolean() });

function asker(url: string, parts: Partial<HttpSource> = {}) {
  const clock = fakeClock();
  return { clock, ask: httpAsker({ url, clock, timeoutMs: 20_000, perMinute: 60, ...parts }) };
}

const fine = (): FakeAnswer => ({ body: { ok: true } });

describe("httpAsker", () => {
  it("sends user and password as a header, keeps the path, and takes the answer", async () => {
    await using server = await startHttpServer(fine);
    const url = `${server.url.replace("//", "//ann:p%40ss@")}/loki-proxy/`;
    expect(await asker(url).ask({ path: "/api?x=1", answer, signal: never })).toEqual({ ok: true });
    const [request] = server.requests;
    expect(request?.path).toBe("/loki-proxy/api");
    expect(request?.query.get("x")).toBe("1");
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from("ann:p@ss").toString("base64")}`);
  });

  it("spreads questions over the minute", async () => {
    await using server = await startHttpServer(fine);
    const { ask, clock } = asker(server.url, { perMinute: 30 });
    for (let count = 0; count < 3; count += 1) await ask({ path: "/", answer, signal: never });
    expect(clock.slept).toEqual([2_000, 2_000]);
    clock.pass(60_000);
    await ask({ path: "/", answer, signal: never });
    expect(clock.slept.length).toBe(2);
  });

  it("does not follow a redirect with its key", async () => {
    await using other = await startHttpServer(fine);
    await using server = await startHttpServer(() => ({
      status: 302,
      headers: { location: other.url },
      body: {},
    }));
    const { ask } = asker(server.url, { headers: { "api-key": "secret" } });
    await expect(ask({ path: "/", answer, signal: never })).rejects.toMatchObject({
      code: "source-unreachable",
    });
    expect(other.requests).toEqual([]);
  });

  it("masks what an error page repeats, and does not quote it at length", async () => {
    const page = `bad header authorization: Bearer abcdef.123456 ${"x".repeat(10_000)}`;
    await using server = await startHttpServer(() => ({ status: 400, body: page }));
    const error = await asker(server.url)
      .ask({ path: "/", answer, signal: never })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "source-question",
      message: expect.stringContaining("«secret»") as unknown,
    });
    expect((error as Error).message).not.toContain("abcdef");
    expect((error as Error).message.length).toBeLessThan(500);
  });

  it("does not read an answer that is too large to its end", async () => {
    await using server = await startHttpServer(() => ({ body: { ok: "x".repeat(2_000_000) } }));
    const { ask } = asker(server.url, { largestAnswerBytes: 100_000 });
    await expect(ask({ path: "/", answer, signal: never })).rejects.toMatchObject({
      code: "source-answer-too-large",
    });
  });

  it("does not wait for its turn when its caller gives up", async () => {
    await using server = await startHttpServer(fine);
    const { ask } = asker(server.url);
    await ask({ path: "/", answer, signal: never });
    await expect(ask({ path: "/", answer, signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
    expect(server.requests.length).toBe(1);
  });
});

describe("retryAfterMs", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Sun, 01 Mar 2026 12:00:30 GMT", 30_000],
    ["Sun, 01 Mar 2026 11:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("reads %s", (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));
});
