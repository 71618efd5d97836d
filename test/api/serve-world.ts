// A real server over a test world, with a token for each role and everything that it logs.
import pino from "pino";
import { expect } from "vitest";
import { Registry } from "prom-client";
import { type AppParts, makeApp } from "../../api/app.ts";
import { problemSchema } from "../../api/http/problem.ts";
import { listen } from "../../api/http/listen.ts";
import type { Role } from "../../knowledge/records.ts";
import { localOf, makeWorld, type World } from "./operations-world.ts";

export interface Served extends AsyncDisposable {
  world: World;
  url: string;
  tokens: Record<Role, string>;
  log: string[];
  ask(role: Role | "nobody", path: string, init?: RequestInit): Promise<Response>;
  send(role: Role | "nobody", method: string, path: string, body?: unknown): Promise<Response>;
}

export async function serveWorld(more: Partial<AppParts> = {}): Promise<Served> {
  const world = await makeWorld();
  const { store } = world.opened;
  const log: string[] = [];
  const app = makeApp({
    operations: localOf(world),
    tokens: store.tokens,
    audit: store.audit,
    live: world.parts.live,
    logger: pino({ level: "trace" }, { write: (line: string) => void log.push(line) }),
    version: "0.1.0",
    ready: () => Promise.resolve({ ok: true, reasons: [] }),
    metrics: new Registry(),
    ...more,
  });
  const listening = await listen(app, { host: "127.0.0.1", port: 0 });
  const tokens = {
    viewer: await store.tokens.create("vera", "viewer"),
    operator: await store.tokens.create("otto", "operator"),
    admin: await store.tokens.create("ada", "admin"),
  };
  const ask: Served["ask"] = (role, path, init = {}) => {
    const headers = new Headers(init.headers);
    if (role !== "nobody") headers.set("authorization", `Bearer ${tokens[role]}`);
    return fetch(`${listening.url}${path}`, { ...init, headers });
  };
  return {
    world,
    url: listening.url,
    tokens,
    log,
    ask,
    send: (role, method, path, body) =>
      ask(role, path, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    async [Symbol.asyncDispose]() {
      await listening.close(0);
      await world[Symbol.asyncDispose]();
    },
  };
}

/** The body of an error: every one is an RFC 9457 problem. */
export async function problem(response: Response) {
  expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const body = problemSchema.parse(await response.json());
  expect(body.status).toBe(response.status);
  return body;
}
