// The queue on each of its stores.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { openPglite } from "../../knowledge/pglite-db.ts";
import { queueContract } from "../contract/queue.contract.ts";
import { embeddedTemplate } from "../knowledge/embedded-template.ts";
import { emptyDatabase } from "../knowledge/open-test-store.ts";
import { inDatabase } from "../knowledge/postgres-server.ts";
import { type RunningServer, startRedis } from "../observation/servers.ts";
import { describeWith } from "../services-available.ts";
import { openQueue } from "./open-queue.ts";

const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };

queueContract("the embedded store", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-queue-"));
  const dataDir = join(folder, "store");
  await (await openPglite({ dataDir, template: await embeddedTemplate() })).close();
  return {
    where: { kind: "embedded", dataDir },
    async [Symbol.asyncDispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

describeWith("postgres", "on a server", () => {
  queueContract("PostgreSQL", async () => ({
    where: { kind: "postgres", url: await emptyDatabase() },
    ...nothing,
  }));
});

let shared: Promise<RunningServer> | undefined;
let sites = 0;
afterAll(async () => (await shared)?.stop());

describeWith("redis", "on a server", () => {
  queueContract("Redis", async () => {
    shared ??= startRedis();
    sites += 1;
    const url = `redis://127.0.0.1:${(await shared).port}`;
    return { where: { kind: "redis", url, prefix: `site${sites}` }, ...nothing };
  });
});

describe("a queue whose store is away", () => {
  it("says so when it is opened, without hanging", async () => {
    const where = { kind: "redis", url: "redis://user:secret@127.0.0.1:1", prefix: "p" } as const;
    const opening = openQueue(where, { sendWithinMs: 300 });
    await expect(opening).rejects.toMatchObject({ code: "queue-unreachable", retryable: true });
    await expect(opening).rejects.not.toThrow(/secret/);
  });
});

describeWith("redis", "Redis that goes away", () => {
  it("makes producers fail in time, and works on when it is back", async () => {
    const first = await startRedis();
    const where = { kind: "redis", url: `redis://127.0.0.1:${first.port}`, prefix: "p" } as const;
    await using opened = await openQueue(where, { sendWithinMs: 1_000 });
    const seen: unknown[] = [];
    await opened.queue.process("heal", async ({ n }) => void seen.push(n), { concurrency: 1 });
    await opened.queue.enqueue("heal", { n: 1 });
    await vi.waitFor(() => expect(seen).toEqual([1]));
    await first.stop();
    await expect(opened.queue.enqueue("heal", { n: 2 })).rejects.toMatchObject({ code: "queue-unreachable" });
    const second = startRedisAt(first.port);
    try {
      await vi.waitFor(() => opened.queue.enqueue("heal", { n: 3 }), { timeout: 20_000, interval: 100 });
      await vi.waitFor(() => expect(seen).toContain(3), { timeout: 20_000 });
      expect(seen).not.toContain(2);
    } finally {
      await opened.queue.close({ withinMs: 100 });
      second.kill("SIGKILL");
      await once(second, "exit");
    }
  });
});

describeWith("postgres", "PostgreSQL that drops every connection", () => {
  it("is listened to again: a waiting worker takes the next job", async () => {
    const url = await emptyDatabase();
    await using opened = await openQueue({ kind: "postgres", url });
    const seen: unknown[] = [];
    await opened.queue.process("heal", async ({ n }) => void seen.push(n), { concurrency: 1 });
    await opened.queue.enqueue("heal", { n: 1 });
    await vi.waitFor(() => expect(seen).toEqual([1]), { timeout: 20_000 });
    await inDatabase(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await vi.waitFor(() => opened.queue.enqueue("heal", { n: 2 }), { timeout: 20_000, interval: 50 });
    await vi.waitFor(() => expect(seen).toEqual([1, 2]), { timeout: 20_000 });
    expect(opened.errors.length).toBeGreaterThan(0);
  });
});

function startRedisAt(port: number): ChildProcess {
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", tmpdir(), "--save", ""];
  return spawn("redis-server", args, { stdio: "ignore" });
}
