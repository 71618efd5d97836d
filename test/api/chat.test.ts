// POST /api/chat as its users send it: JSON or server-sent events, by any role, and only what fits.
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeApp } from "../../api/app.ts";
import { listen } from "../../api/http/listen.ts";
import { localOf, makeWorld, type World } from "./operations-world.ts";

let world: World;
let server: Awaited<ReturnType<typeof listen>>;
let viewer: string;
beforeAll(async () => {
  world = await makeWorld();
  const { store } = world.opened;
  const app = makeApp({
    operations: localOf(world),
    tokens: store.tokens,
    audit: store.audit,
    live: world.parts.live,
    logger: pino({ level: "silent" }),
    version: "0.1.0",
    ready: () => Promise.resolve({ ok: true, reasons: [] }),
    metrics: new Registry(),
  });
  server = await listen(app, { host: "127.0.0.1", port: 0 });
  viewer = await store.tokens.create("bob", "viewer");
});
afterAll(async () => {
  await server.close(0);
  await world[Symbol.asyncDispose]();
});

function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.url}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${viewer}`, ...headers },
    body: JSON.stringify(body),
  });
}

describe("POST /api/chat", () => {
  it("answers a viewer in JSON", async () => {
    const response = await post({ question: "what is broken now?" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    expect(await response.json()).toMatchObject({ intent: "broken-now", by: "rules" });
  });

  it("streams when events are asked for, and ends with the whole answer", async () => {
    const response = await post(
      { question: "what is waiting for approval?" },
      { accept: "text/event-stream" },
    );
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = (await response.text())
      .trim()
      .split("\n\n")
      .map((block) => /^event: (\w+)\ndata: (.*)$/.exec(block)?.slice(1) ?? []);
    expect(new Set(events.map(([event]) => event))).toEqual(new Set(["token", "citation", "done"]));
    const [, citation] = events.find(([event]) => event === "citation") ?? [];
    expect(JSON.parse(citation ?? "")).toEqual({ kind: "approval", id: "apr-1" });
    const [last, done] = events.at(-1) ?? [];
    expect(last).toBe("done");
    expect(JSON.parse(done ?? "")).toMatchObject({ citations: [{ kind: "approval", id: "apr-1" }] });
  });

  it("keeps the conversation of a token from other tokens", async () => {
    const { conversation_id } = (await (await post({ question: "why is shop down?" })).json()) as {
      conversation_id: string;
    };
    expect((await post({ question: "why?", conversation_id })).status).toBe(200);
    const other = await world.opened.store.tokens.create("carol", "admin");
    for (const accept of ["application/json", "text/event-stream"]) {
      const stolen = await post(
        { question: "why?", conversation_id },
        { authorization: `Bearer ${other}`, accept },
      );
      expect([stolen.status, ((await stolen.json()) as { code: string }).code]).toEqual([404, "not_found"]);
    }
  });

  it("refuses what is no question, and who is nobody, before the first event too", async () => {
    for (const accept of ["application/json", "text/event-stream"]) {
      const status = async (body: object, headers = {}) => (await post(body, { accept, ...headers })).status;
      expect(await status({})).toBe(400);
      expect(await status({ question: " " })).toBe(400);
      expect(await status({ question: "x".repeat(2_001) })).toBe(400);
      expect(await status({ question: "why?", tool: "restart" })).toBe(400);
      expect(await status({ question: "why?", timezone: "Mars/Olympus" })).toBe(400);
      expect(await status({ question: "why?" }, { authorization: "Bearer wrong" })).toBe(401);
    }
  });
});
