// Operations called directly, and over HTTP through a real server: one suite for both.
import pino from "pino";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { makeApp } from "../../api/app.ts";
import { makeHttpOperations } from "../../api/http-operations.ts";
import { listen } from "../../api/http/listen.ts";
import { autonomyContract } from "../contract/autonomy.contract.ts";
import { incidentDeskContract } from "../contract/incident-desk.contract.ts";
import { chatContract } from "../contract/chat.contract.ts";
import { learnedContract } from "../contract/learned.contract.ts";
import { knowledgeContract } from "../contract/knowledge.contract.ts";
import { observedContract } from "../contract/observed.contract.ts";
import { operationsContract } from "../contract/operations.contract.ts";
import { localOf, makeWorld, type World } from "./operations-world.ts";

async function openLocal() {
  const world = await makeWorld();
  return { world, operations: localOf(world), [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

async function serve(world: World) {
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
  return listen(app, { host: "127.0.0.1", port: 0 });
}

async function openOverHttp() {
  const world = await makeWorld();
  const listening = await serve(world);
  const token = await world.opened.store.tokens.create("alice", "admin");
  return {
    world,
    operations: makeHttpOperations({ url: `${listening.url}/`, token }),
    async [Symbol.asyncDispose]() {
      await listening.close(0);
      await world[Symbol.asyncDispose]();
    },
  };
}

for (const [name, open] of [
  ["LocalOperations", openLocal],
  ["HttpOperations", openOverHttp],
] as const) {
  operationsContract(name, open);
  observedContract(name, open);
  incidentDeskContract(name, open);
  chatContract(name, open);
  learnedContract(name, open);
  autonomyContract(name, open);
  knowledgeContract(name, open);
}

describe("HttpOperations without a good server", () => {
  it("says that nobody answers", async () => {
    const operations = makeHttpOperations({ url: "http://127.0.0.1:1", token: "t" });
    await expect(operations.info()).rejects.toMatchObject({ code: "server-unreachable", retryable: true });
  });

  it("tells a missing token, a wrong one and a low role apart from each other and from a dead server", async () => {
    await using world = await makeWorld();
    const listening = await serve(world);
    const viewer = await world.opened.store.tokens.create("bob", "viewer");
    const ask = (token: string) => makeHttpOperations({ url: listening.url, token });
    const actor = { name: "x", role: "admin", door: "cli" } as const;
    await expect(ask("").info()).rejects.toMatchObject({ code: "auth-missing" });
    await expect(ask("wrong").info()).rejects.toMatchObject({ code: "auth-refused" });
    await expect(ask(viewer).resume(actor)).rejects.toMatchObject({
      code: "auth-refused",
      message: expect.stringContaining("operator"),
    });
    expect(await ask(viewer).info()).toMatchObject({ version: "0.1.0" });
    await listening.close(0);
  });

  it("gives up on a server that accepts and never answers", async () => {
    const silent = await listen(() => undefined, { host: "127.0.0.1", port: 0 });
    const operations = makeHttpOperations({ url: silent.url, token: "t", timeoutMs: 100 });
    await expect(operations.info()).rejects.toMatchObject({ code: "server-unreachable" });
    await silent.close(0);
  });

  it("does not take another program's answer for ours, nor follow it elsewhere with the token", async () => {
    const seen: string[] = [];
    const other = await listen(
      (request, response) => {
        seen.push(request.url ?? "");
        if (request.url === "/api/info") response.writeHead(302, { location: "/stolen" }).end();
        else response.writeHead(200, { "content-type": "text/html" }).end("<h1>It works</h1>");
      },
      { host: "127.0.0.1", port: 0 },
    );
    const operations = makeHttpOperations({ url: other.url, token: "t" });
    await expect(operations.mode()).rejects.toMatchObject({ code: "server-answer" });
    await expect(operations.info()).rejects.toMatchObject({ code: "server-unreachable" });
    expect(seen).toEqual(["/api/control/mode", "/api/info"]);
    await other.close(0);
  });
});
