// The server driver when the server is not there, refuses, or goes away.
import { createServer } from "node:net";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { maskUrl, openPostgres } from "../../knowledge/postgres-db.ts";
import { openStore } from "../../knowledge/store.ts";
import { describeWith } from "../services-available.ts";
import {
  emptyDatabase,
  makeTestClock,
  makeTestIds,
  openTestStore,
  sharedPostgres,
} from "./open-test-store.ts";
import { inDatabase, startPostgres } from "./postgres-server.ts";

describe("A server that does not answer", () => {
  it("is reported with its address and without its password", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const address = closed.address();
    const port = typeof address === "object" ? address?.port : 0;
    closed.close();
    await once(closed, "close");
    const url = `postgres://ops:s3cret@127.0.0.1:${port}/opsmedic?password=s3cret`;
    const refused = await openPostgres({ url }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      name: "HealError",
      code: "store-unreachable",
      retryable: true,
      message: expect.stringContaining(`postgres://ops:***@127.0.0.1:${port}/opsmedic`),
    });
    expect(JSON.stringify(refused) + String(refused)).not.toContain("s3cret");
  });

  it("is given up on after the time limit when it accepts and stays silent", async () => {
    const silent = createServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    const port = typeof address === "object" ? address?.port : 0;
    const attempt = openPostgres({ url: `postgres://ops@127.0.0.1:${port}/x`, connectTimeoutMs: 200 });
    await expect(attempt).rejects.toMatchObject({ code: "store-unreachable" });
    silent.close();
  });

  it("is not asked when the address makes no sense", async () => {
    for (const url of ["not a url", "postgres://ops:s3cret@[bad"]) {
      const refused = await openPostgres({ url, connectTimeoutMs: 500 }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ name: "HealError" });
      expect(String(refused)).not.toContain("s3cret");
    }
  });
});

describe("An address to print", () => {
  it("has no password and no parameters", () => {
    expect(maskUrl("postgres://a:b%40c@h:5/d?sslmode=require&password=x")).toBe("postgres://a:***@h:5/d");
    expect(maskUrl("postgres://h/d")).toBe("postgres://h/d");
    expect(maskUrl("://a:b@")).toBe("an address that does not parse");
  });
});

describeWith("postgres", "A PostgreSQL server", () => {
  it("that refuses is named with what to check", async () => {
    const server = await sharedPostgres();
    await expect(openPostgres({ url: server.url("nowhere") })).rejects.toMatchObject({
      code: "store-refused",
    });
    const nobody = server.url("postgres").replace("postgres@", "nobody:secret@");
    await expect(openPostgres({ url: nobody })).rejects.toMatchObject({ code: "store-refused" });
  });

  it("where the user may not create a schema is named as that", async () => {
    const url = await emptyDatabase();
    await inDatabase(url, "create role guest login");
    const guest = url.replace("postgres@", "guest@");
    const deps = { clock: makeTestClock(), makeId: makeTestIds() };
    await expect(openStore({ dataDir: undefined, url: guest }, deps)).rejects.toMatchObject({
      name: "HealError",
      code: "store-refused",
    });
  });

  it("that drops connections, idle and busy, is used again", async () => {
    await using site = await openTestStore("postgres");
    const others =
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()";
    await Promise.all([site.db.query("select 1"), site.db.query("select pg_sleep(0.05)")]);
    await site.db.query(others);
    await expect
      .poll(async () => site.db.query("select 1 as one").catch(() => []), { timeout: 10_000 })
      .toEqual([{ one: 1 }]);

    const cut = site.db.transaction(async (tx) => {
      await tx.query("select 1");
      await site.pool.query("select 1");
      await tx.query("select pg_terminate_backend(pg_backend_pid())");
    });
    await expect(cut).rejects.toMatchObject({ code: "store-unreachable", retryable: true });
    expect(await site.db.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("that stops is reported, and closing does not hang", async () => {
    const server = await startPostgres();
    const opened = await openPostgres({ url: server.url("postgres"), connectTimeoutMs: 1_000 });
    await server[Symbol.asyncDispose]();
    await expect(opened.db.query("select 1")).rejects.toMatchObject({ code: "store-unreachable" });
    await opened.close();
  });

  it("keeps the search path on every connection, for the queue", async () => {
    await using site = await openTestStore("postgres");
    const paths = await Promise.all(Array.from({ length: 5 }, () => site.db.query("show search_path")));
    expect(new Set(paths.map((rows) => JSON.stringify(rows))).size).toBe(1);
    expect(paths[0]).toEqual([{ search_path: "bullmq,public" }]);
  });
});
