// Who may do what, and what nobody may: tested for every endpoint of the table.
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pairId } from "../../api/local-autonomy.ts";
import { allRoutes } from "../../api/routes/index.ts";
import type { Role } from "../../knowledge/records.ts";
import { backupMeta, localOf, makeWorld } from "./operations-world.ts";
import { problem, type Served, serveWorld } from "./serve-world.ts";

await using tableWorld = await makeWorld();
const endpoints = allRoutes(localOf(tableWorld)).map((one) => one.endpoint);
const own = await localOf(tableWorld).exportRun("run-1");
const document = { ...own, run: { ...own.run, id: "run-elsewhere" } };
const known = JSON.stringify({
  timestamp: "2026-01-05T12:00:00Z",
  issue_type: "mail",
  fix_type: "empty it",
  success: true,
  symptoms: ["mailbox full"],
});
const [playbook] = tableWorld.parts.playbooks.map((one) => one.id);
const pair = { service: "shop", playbook: "process-crash", fix: "restart" };
const roles: readonly Role[] = ["viewer", "operator", "admin"];

/** Ids that exist, so that a refusal is not for want of them. */
const pathOf = (path: string): string =>
  path
    .replace("{backup_id}", backupMeta.id)
    .replace("/api/approvals/{id}", "/api/approvals/apr-1")
    .replace("/api/patterns/{id}", "/api/patterns/shop:p0")
    .replace(/\/api\/services\/\{name\}\//, "/api/services/helper/")
    .replace("/api/incidents/{id}", "/api/incidents/inc-1")
    .replace("/api/autonomy/{id}", `/api/autonomy/${pairId(pair)}`)
    .replace("/api/watches/{id}", "/api/watches/watch-2")
    .replace("/api/knowledge/{id}", "/api/knowledge/known-file-descriptors")
    .replace("/api/playbooks/{id}", `/api/playbooks/${playbook}`)
    .replace("{name}", "spare")
    .replace("{id}", "run-1")
    .replace("{step}", "1");

const bodies: Record<string, unknown> = {
  "/api/control/mode": { mode: "approve" },
  "/api/patterns/rules": { name: "lost", match: "lost" },
  "/api/runs/import": { document },
  "/api/incidents/{id}/resolve": { text: "mended" },
  "/api/incidents/{id}/notes": { text: "seen" },
  "/api/autonomy/{id}/revoke": { reason: "test" },
  "/api/chat": { question: "what is broken?" },
  "/api/knowledge": { title: "Full of mail" },
  "/api/knowledge/{id}": { disabled: true },
  "/api/knowledge/import": { jsonl: known },
  "/api/approvals/{id}/decision": { decision: "approve", reason: "test", plan_hash: "abc" },
};
const bodyOf = ({ method, path }: { method: string; path: string }): unknown =>
  method === "get" ? undefined : (bodies[path] ?? {});

/** For tests that make sense for some endpoints only. */
const itIf = (applies: boolean) => (applies ? it : () => undefined);

/** A world with something of everything: general cases come with the first use of what is remembered. */
async function serveAll(): Promise<Served> {
  const fresh = await serveWorld();
  const { parts, opened } = fresh.world;
  const watch = {
    service: "shop",
    signature: "sig-a",
    kind: "exited",
    fromIncident: "inc-1",
    sign: null,
    told: "",
  };
  await opened.store.watches.add(watch);
  await opened.store.decisions.note({
    ...pair,
    fixClass: "restart",
    title: "Restart shop",
    cause: "it ended",
    scoreBp: 9_000,
    decision: "ask",
    against: ["mode"],
    would: true,
    signatures: [],
    runId: "run-1",
    incidentId: null,
    planHash: "abc",
    at: 1,
  });
  await parts.knowledge.similar({ text: "mail", limit: 1 });
  return fresh;
}

let served: Served;
beforeAll(async () => {
  served = await serveAll();
});
afterAll(() => served[Symbol.asyncDispose]());

describe.each(endpoints.map((one) => [`${one.method} ${one.path}`, one] as const))("%s", (_name, one) => {
  const method = one.method.toUpperCase();
  const path = pathOf(one.path);

  it("is closed without a token", async () => {
    const response = await served.send("nobody", method, path, bodyOf(one));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    expect(await problem(response)).toMatchObject({ code: "token_missing" });
  });

  const tooLow = roles.slice(0, roles.indexOf(one.role));
  itIf(tooLow.length > 0)("is closed to lower roles, and says which it needs", async () => {
    for (const role of tooLow) {
      const response = await served.send(role, method, path, bodyOf(one));
      expect(response.status).toBe(403);
      expect((await problem(response)).detail).toContain(one.role);
    }
    expect(served.world.asked.restored).toEqual([]);
    expect(served.world.asked.cancelled).toEqual([]);
  });

  it("is open to its role", async () => {
    const fresh = one.method === "get" ? served : await serveAll();
    const response = await fresh.send(one.role, method, path, bodyOf(one));
    expect([await response.clone().text(), response.status]).toEqual([expect.any(String), 200]);
    expect(response.headers.get("cache-control")).toBe("no-store");
    if (fresh !== served) await fresh[Symbol.asyncDispose]();
  });

  it("refuses an unknown key in the query", async () => {
    const response = await served.send("admin", method, `${path}?surprise=1`, bodyOf(one));
    expect(response.status).toBe(400);
    expect((await problem(response)).errors).toEqual([{ field: "query.surprise", message: "Unknown key" }]);
  });

  itIf(one.method !== "get")("refuses an unknown key in the body", async () => {
    const body = { ...(bodyOf(one) as object), surprise: 1 };
    const response = await served.send("admin", method, path, body);
    expect(response.status).toBe(400);
    expect((await problem(response)).errors).toContainEqual({
      field: "body.surprise",
      message: "Unknown key",
    });
  });
});

describe("a GET", () => {
  it("changes nothing, whatever is asked", async () => {
    await using fresh = await serveAll();
    const before = await everything(fresh);
    const paths = endpoints.filter((one) => one.method === "get").map((one) => pathOf(one.path));
    const others = ["/api/openapi.json", "/api/docs", "/metrics", "/health", "/ready", "/api/nothing"];
    for (const path of [...paths, ...others]) await fresh.ask("admin", path);
    expect(paths.length).toBeGreaterThan(15);
    expect(await everything(fresh)).toBe(before);
    expect(fresh.world.asked).toEqual({ checks: [], cancelled: [], resumed: [], restored: [] });
    expect(fresh.world.events).toEqual([]);
  });

  it("never decides or acts: the doors that do answer only to their own method", async () => {
    const acting = endpoints.filter((each) => each.method !== "get");
    // "import" is no run and no case: a GET that asks for one of that name finds none.
    const named = acting.filter((each) => each.path.endsWith("/import"));
    expect(named.length).toBeGreaterThan(1);
    for (const one of named) expect((await served.ask("admin", one.path)).status).toBe(404);
    for (const one of acting.filter((each) => !named.includes(each))) {
      if (endpoints.some((each) => each.path === one.path && each.method === "get")) continue;
      const response = await served.ask("admin", pathOf(one.path));
      expect([one.path, response.status]).toEqual([one.path, 405]);
      expect(response.headers.get("allow")).toBe(one.method.toUpperCase());
      expect(await problem(response)).toMatchObject({ code: "method_not_allowed" });
    }
  });
});

/** A hash of every row of every table of the store. */
async function everything({ world }: Served): Promise<string> {
  const { db } = world.opened;
  const tables = await db.query<{ name: string }>(
    "select table_schema || '.' || table_name as name from information_schema.tables where table_schema = 'opsmedic' order by 1",
  );
  const hash = createHash("sha256");
  for (const { name } of tables) {
    const rows = await db.query<{ text: string }>(`select t::text as text from ${name} t order by 1`);
    hash.update(`${name}\n${rows.map((one) => one.text).join("\n")}\n`);
  }
  expect(tables.length).toBeGreaterThan(5);
  return hash.digest("hex");
}

describe("tokens", () => {
  it("that are wrong are refused, and guessing is slowed; a good one is not locked out with them", async () => {
    await using fresh = await serveWorld();
    const info = (token: string) => fetch(`${fresh.url}/api/info`, { headers: { authorization: token } });
    expect((await fresh.ask("viewer", "/api/info")).status).toBe(200);
    const statuses = [];
    for (let n = 0; n < 21; n += 1) statuses.push((await info(`Bearer guess-${n}`)).status);
    expect(statuses.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 401));
    const blocked = await info("Bearer guess-99");
    expect([blocked.status, (await problem(blocked)).code]).toEqual([429, "too_many_failures"]);
    expect(Number(blocked.headers.get("retry-after"))).toBeGreaterThan(0);
    // Even a right guess tells nothing while blocked.
    expect((await info(`Bearer ${fresh.tokens.admin}`)).status).toBe(429);
    expect((await fresh.ask("viewer", "/api/info")).status).toBe(200);
  });

  it("are taken from the Authorization header only, in one form", async () => {
    const { admin } = served.tokens;
    for (const value of [admin, `Basic ${admin}`, `Bearer`, `Bearer ${admin} x`, `Token ${admin}`]) {
      const response = await fetch(`${served.url}/api/info`, { headers: { authorization: value } });
      expect(response.status).toBe(401);
    }
    const inQuery = await fetch(`${served.url}/api/info?token=${admin}&access_token=${admin}`, {
      headers: { cookie: `token=${admin}` },
    });
    expect(inQuery.status).toBe(401);
    const lower = await fetch(`${served.url}/api/info`, { headers: { authorization: `bearer ${admin}` } });
    expect(lower.status).toBe(200);
  });

  it("stop working the moment they are replaced", async () => {
    await using fresh = await serveWorld();
    expect((await fresh.ask("viewer", "/api/info")).status).toBe(200);
    await fresh.world.opened.store.tokens.put("vera", "viewer", "another-secret-entirely");
    expect((await fresh.ask("viewer", "/api/info")).status).toBe(401);
  });

  it("are never logged, nor is anything else of a header, query or body", async () => {
    await using fresh = await serveWorld();
    const secret = "hunter2-hunter2-hunter2";
    await fresh.send("operator", "POST", `/api/control/pause?x=${secret}`, { reason: secret });
    await fresh.send("operator", "POST", "/api/control/pause", `{"reason": "${secret}"`);
    await fetch(`${fresh.url}/api/info?token=${secret}`, { headers: { authorization: `Bearer ${secret}` } });
    fresh.world.parts.store.runs.list = () => Promise.reject(new Error("broken inside"));
    const failed = await fresh.ask("admin", "/api/runs");
    expect([failed.status, await problem(failed)]).toMatchObject([500, { code: "internal" }]);
    const text = fresh.log.join("\n");
    expect(text).toContain("broken inside");
    expect(text).not.toContain(secret);
    for (const token of Object.values(fresh.tokens)) expect(text).not.toContain(token);
  });

  it("leave who and from where in the audit log, for what was done and what was refused", async () => {
    await using fresh = await serveWorld();
    await fresh.send("viewer", "POST", "/api/control/resume");
    await fresh.send("operator", "POST", "/api/control/pause", { for_ms: 1_000 });
    expect(await fresh.world.opened.store.audit.list({ limit: 5 })).toMatchObject([
      { actor: "otto", door: "api", action: "pause", detail: { role: "operator", ip: "127.0.0.1" } },
      {
        actor: "vera",
        door: "api",
        action: "refused",
        target: "/api/control/resume",
        detail: { ip: "127.0.0.1" },
      },
    ]);
  });
});

const statusWith = (url: string, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(url);
    const asking = httpRequest({
      host: "127.0.0.1",
      port,
      path: "/health",
      headers: { host },
      setHost: false,
    });
    asking.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.on("error", reject).end();
  });

describe("the Host header", () => {
  it("must be an address, a local name, or one that is configured: a rebound name gets nothing", async () => {
    await using fresh = await serveWorld({ allowedHosts: ["Ops.Example.com"] });
    const good = [
      "127.0.0.1:80",
      "localhost",
      "[::1]:8686",
      "opsmedic:8686",
      "ops.example.com",
      "OPS.example.com:443",
    ];
    for (const host of good) expect([host, await statusWith(fresh.url, host)]).toEqual([host, 200]);
    const bad = [
      "evil.example.net",
      "ops.example.com.evil.net",
      "127.0.0.1.evil.net:80",
      "localhost.evil.net",
      "a b",
      "x@localhost",
      "",
    ];
    for (const host of bad) expect([host, await statusWith(fresh.url, host)]).toEqual([host, 421]);
  });
});

describe("headers", () => {
  it("let nothing in from outside, and give no other origin anything", async () => {
    const response = await served.ask("viewer", "/api/info", {
      headers: { origin: "https://evil.example.net" },
    });
    const policy = response.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
    const preflight = await served.ask("nobody", "/api/control/pause", { method: "OPTIONS" });
    expect(preflight.status).toBe(405);
  });
});
