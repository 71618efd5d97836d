// The pool of each driver carries LangGraph's checkpointer and BullMQ's queue, beside our own tables.
import { Command, END, interrupt, START, StateGraph, StateSchema } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import {
  createPostgresBackend,
  type PostgresConnectionOptions,
  Queue,
  QueueEvents,
  runMigrations,
  Worker,
} from "bullmq";
import { expect, it } from "vitest";
import { z } from "zod";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";

const State = new StateSchema({ asked: z.boolean().default(false), answer: z.string().default("") });

async function makeGraph({ pool }: TestStore) {
  const checkpointer = new PostgresSaver(pool, undefined, { schema: "graph" });
  await checkpointer.setup();
  return new StateGraph(State)
    .addNode("ask", () => ({ asked: true }))
    .addNode("gate", () => ({ answer: String(interrupt("may I?")) }))
    .addEdge(START, "ask")
    .addEdge("ask", "gate")
    .addEdge("gate", END)
    .compile({ checkpointer });
}

async function migrateQueue({ pool }: TestStore): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client);
  } finally {
    client.release();
  }
}

describeOnEachDriver("The pool", (open) => {
  it("keeps a paused graph, which another instance resumes", async () => {
    await using site = await open();
    const config = { configurable: { thread_id: "run-1" }, durability: "sync" as const };
    const first = await makeGraph(site);
    expect(await first.invoke({}, config)).toMatchObject({
      asked: true,
      __interrupt__: [{ value: "may I?" }],
    });

    const second = await makeGraph(site);
    expect((await second.getState(config)).next).toEqual(["gate"]);
    expect(await second.invoke(new Command({ resume: "yes" }), config)).toMatchObject({ answer: "yes" });
    const tables = await site.db.query(
      "select 1 from information_schema.tables where table_schema = 'graph' and table_name = 'checkpoints'",
    );
    expect(tables).toHaveLength(1);
  });

  it("runs many threads at once beside our own transactions", async () => {
    await using site = await open();
    const graph = await makeGraph(site);
    const threads = Array.from({ length: 6 }, (_, n) => `thread-${n}`);
    const pause = (thread: string): Promise<unknown> =>
      graph.invoke({}, { configurable: { thread_id: thread }, durability: "sync" });
    const audited = threads.map((target) =>
      site.store.audit.append({ actor: "test", door: "cli", action: "pause", target, detail: {} }),
    );
    await Promise.all([...threads.map(pause), ...audited]);
    expect(await site.store.audit.verify()).toMatchObject({ ok: true, entries: 6 });
  });

  it("carries a queue: jobs, duplicates, a failing job, events, a schedule", async () => {
    await using site = await open();
    await migrateQueue(site);
    // A pg.Pool, says BullMQ's documentation; its own type of one does not quite fit @types/pg.
    const connection = site.pool as unknown as PostgresConnectionOptions;
    const queue = new Queue("incidents", { connection }, createPostgresBackend);
    const events = new QueueEvents("incidents", { connection }, createPostgresBackend);
    const done: string[] = [];
    const worker = new Worker(
      "incidents",
      async (job) => {
        if (job.name === "broken") throw new Error("no such service");
        done.push(`${job.name}:${JSON.stringify(job.data)}`);
      },
      { connection, concurrency: 2 },
      createPostgresBackend,
    );
    const failed: string[] = [];
    const note = (error: Error): unknown => failed.push(error.message);
    queue.on("error", note);
    events.on("error", note);
    worker.on("error", note);
    try {
      await Promise.all([queue.waitUntilReady(), events.waitUntilReady(), worker.waitUntilReady()]);
      const first = await queue.add("check", { service: "shop" }, { jobId: "shop" });
      await queue.add("check", { service: "shop" }, { jobId: "shop" });
      await first.waitUntilFinished(events, 20_000);
      const broken = await queue.add("broken", {});
      await expect(broken.waitUntilFinished(events, 20_000)).rejects.toThrow("no such service");
      expect(done).toEqual(['check:{"service":"shop"}']);

      await queue.upsertJobScheduler("sweep", { every: 200 }, { name: "sweep", data: {} });
      await expect
        .poll(() => done.filter((one) => one.startsWith("sweep")).length, { timeout: 20_000 })
        .toBeGreaterThan(1);
      await queue.removeJobScheduler("sweep");
      expect(failed).toEqual([]);
    } finally {
      await worker.close();
      await events.close();
      await queue.close();
    }
    expect(await site.db.query("select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("rolls back what a borrower left open, and serves the next", async () => {
    await using site = await open();
    await site.db.query("create table public.t (n int)");
    const client = await site.pool.connect();
    await client.query("begin");
    await client.query("insert into public.t values (1)");
    const waiting = site.db.query("select n from public.t");
    client.release();
    expect(await waiting).toEqual([]);
    if (site.kind === "postgres") return;
    await expect(client.query("select 1")).rejects.toMatchObject({ code: "store-closed" });
  });

  it("closes although a borrower never ended its transaction", async () => {
    await using site = await open();
    const client = await site.pool.connect();
    client.on("error", () => undefined);
    await client.query("begin");
    await site.close();
    client.release(true);
  });

  it("tells a listener of what others notify", async () => {
    await using site = await open();
    const client = await site.pool.connect();
    const heard: (string | undefined)[] = [];
    client.on("notification", ({ payload }) => heard.push(payload));
    await client.query("listen shop");
    await site.db.query("select pg_notify('shop', 'down')");
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(["down"]);
    client.release(true);
  });

  it("keeps a savepoint inside its transaction", async () => {
    await using site = await open();
    await site.db.query("create table public.t (n int)");
    await site.db.transaction(async (tx) => {
      await tx.query("insert into public.t values (1)");
      await tx.query("savepoint before");
      await tx.query("insert into public.t values (2)");
      await tx.query("rollback to savepoint before");
      await tx.query("rollback to before");
    });
    expect(await site.db.query("select n from public.t")).toEqual([{ n: 1 }]);
  });
});
