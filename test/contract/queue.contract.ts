// What every Queue must do, whatever store it lives on. A store brings an empty place for each test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { openQueue, type QueueWhere } from "../api/open-queue.ts";

export type QueueSite = { where: QueueWhere } & AsyncDisposable;

const soon = { timeout: 20_000, interval: 10 };

export function queueContract(name: string, open: () => Promise<QueueSite>): void {
  describe(`${name} as a Queue`, () => {
    it("gives a job with its data to the handler, once", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const seen: unknown[] = [];
      await opened.queue.process(
        "heal",
        async (data, { jobId, signal }) => {
          seen.push({ data, jobId: typeof jobId, aborted: signal.aborted });
        },
        { concurrency: 1 },
      );
      await opened.queue.enqueue("heal", { service: "shop" });
      await opened.queue.enqueue("other", { service: "not mine" });
      await opened.queue.enqueue("heal", { service: "cache", deep: { list: [1, null, "é"] } });
      await vi.waitFor(() => expect(seen).toHaveLength(2), soon);
      expect(seen).toEqual([
        { data: { service: "shop" }, jobId: "string", aborted: false },
        { data: { service: "cache", deep: { list: [1, null, "é"] } }, jobId: "string", aborted: false },
      ]);
      expect(await opened.queue.waiting()).toBe(1);
      expect(opened.errors).toEqual([]);
    });

    it("keeps one waiting job for a key", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const { queue } = opened;
      await queue.enqueue("heal", { n: 1 }, { dedupe: "service:shop" });
      await queue.enqueue("heal", { n: 2 }, { dedupe: "service:shop" });
      await queue.enqueue("heal", { n: 3 }, { dedupe: "service:cache" });
      expect(await queue.waiting()).toBe(2);
      const seen: unknown[] = [];
      await queue.process("heal", async ({ n }) => void seen.push(n), { concurrency: 1 });
      await vi.waitFor(() => expect(seen).toEqual([1, 3]), soon);
    });

    it("runs once more, with the latest data, when the key came again during the run", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const { queue } = opened;
      const first = Promise.withResolvers<void>();
      const seen: unknown[] = [];
      await queue.process(
        "heal",
        async ({ n }) => {
          seen.push(n);
          if (n === 1) await first.promise;
        },
        { concurrency: 3 },
      );
      await queue.enqueue("heal", { n: 1 }, { dedupe: "shop" });
      await vi.waitFor(() => expect(seen).toEqual([1]), soon);
      await queue.enqueue("heal", { n: 2 }, { dedupe: "shop" });
      await queue.enqueue("heal", { n: 3 }, { dedupe: "shop" });
      // Another key is not held up, and proves that a second run of the first would have begun by now.
      await queue.enqueue("heal", { n: 100 }, { dedupe: "cache" });
      await vi.waitFor(() => expect(seen).toEqual([1, 100]), soon);
      first.resolve();
      await vi.waitFor(() => expect(seen).toEqual([1, 100, 3]), soon);
      await queue.enqueue("heal", { n: 4 }, { dedupe: "cache" });
      await vi.waitFor(() => expect(seen).toEqual([1, 100, 3, 4]), soon);
      await vi.waitFor(async () => {
        await queue.enqueue("heal", { n: 5 }, { dedupe: "shop" });
        expect(seen.at(-1)).toBe(5);
      }, soon);
    });

    it("takes an id once while its job is kept, and again later", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const { queue } = opened;
      await queue.enqueue("sweep", { n: 1 }, { id: "a:b:c/1" });
      await queue.enqueue("sweep", { n: 2 }, { id: "a:b:c/1" });
      const seen: unknown[] = [];
      await queue.process("sweep", async ({ n }) => void seen.push(n), { concurrency: 1 });
      await vi.waitFor(() => expect(seen).toEqual([1]), soon);
      await vi.waitFor(async () => {
        await queue.enqueue("sweep", { n: 3 }, { id: "a:b:c/1" });
        expect(seen).toContain(3);
      }, soon);
      expect(seen).not.toContain(2);
    });

    it("holds a delayed job back, and takes others meanwhile", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const { queue } = opened;
      const seen: { n: unknown; at: number }[] = [];
      await queue.process("heal", async ({ n }) => void seen.push({ n, at: Date.now() }), { concurrency: 1 });
      const at = Date.now();
      await queue.enqueue("heal", { n: "in an hour" }, { delayMs: 3_600_000 });
      await queue.enqueue("heal", { n: "soon" }, { delayMs: 400 });
      await queue.enqueue("heal", { n: "now" });
      await vi.waitFor(() => expect(seen.map((one) => one.n)).toEqual(["now", "soon"]), soon);
      expect((seen[1]?.at ?? 0) - at).toBeGreaterThanOrEqual(399);
      expect(await queue.waiting()).toBe(0);
    });

    it("repeats a schedule until it is stopped; making it again does not double it", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const { queue } = opened;
      const seen: number[] = [];
      await queue.every("sweep:all", { everyMs: 250 }, "sweep", { why: "schedule" });
      await queue.every("sweep:all", { everyMs: 250 }, "sweep", { why: "schedule" });
      await queue.process("sweep", async () => void seen.push(Date.now()), { concurrency: 4 });
      await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(5), soon);
      // Two schedules would make a run every 125 ms on average. The first is at once, the second on the grid.
      const span = (seen[4] ?? 0) - (seen[1] ?? 0);
      expect(span).toBeGreaterThanOrEqual(600);
      await queue.stopEvery("sweep:all", "sweep");
      await queue.every("cron", { cron: "* * * * * *", timezone: "Europe/Berlin" }, "tick", {});
      const ticks: number[] = [];
      await queue.process("tick", async () => void ticks.push(seen.length), { concurrency: 1 });
      await vi.waitFor(() => expect(ticks.length).toBeGreaterThanOrEqual(3), soon);
      // At most the run that was due while it was stopped; then four more periods passed without one.
      expect(ticks.at(-1)).toBe(ticks.at(-2));
    });

    it("runs as many at a time as it was told, not more", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const { queue } = opened;
      const gate = Promise.withResolvers<void>();
      let running = 0;
      let most = 0;
      let ended = 0;
      await queue.process(
        "heal",
        async () => {
          running += 1;
          most = Math.max(most, running);
          await gate.promise;
          running -= 1;
          ended += 1;
        },
        { concurrency: 2 },
      );
      for (let n = 0; n < 5; n += 1) await queue.enqueue("heal", { n });
      await vi.waitFor(async () => {
        expect(running).toBe(2);
        expect(await queue.waiting()).toBe(3);
      }, soon);
      gate.resolve();
      await vi.waitFor(() => expect(ended).toBe(5), soon);
      expect(most).toBe(2);
    });

    it("tries a job that threw three times, tells about it, and goes on with others", async () => {
      await using site = await open();
      await using opened = await openQueue(site.where);
      const { queue } = opened;
      const seen: unknown[] = [];
      await queue.process(
        "heal",
        async ({ n }) => {
          seen.push(n);
          if (n === "bad") throw new Error("the database is away");
        },
        { concurrency: 1 },
      );
      await queue.enqueue("heal", { n: "bad" }, { dedupe: "shop" });
      await queue.enqueue("heal", { n: "good" });
      await vi.waitFor(() => expect(opened.errors).toHaveLength(3), soon);
      expect(opened.errors[0]).toContain("the database is away");
      expect(seen.filter((one) => one === "bad")).toHaveLength(3);
      expect(seen).toContain("good");
      await queue.enqueue("heal", { n: "again" }, { dedupe: "shop" });
      await vi.waitFor(() => expect(seen.at(-1)).toBe("again"), soon);
    });

    it("waits on close for the job that runs, and takes no other", async () => {
      await using site = await open();
      const seen: unknown[] = [];
      const gate = Promise.withResolvers<void>();
      {
        await using opened = await openQueue(site.where);
        await opened.queue.process(
          "heal",
          async ({ n }, { signal }) => {
            await gate.promise;
            seen.push([n, signal.aborted]);
          },
          { concurrency: 1 },
        );
        await opened.queue.enqueue("heal", { n: 1 });
        await opened.queue.enqueue("heal", { n: 2 });
        await vi.waitFor(async () => expect(await opened.queue.waiting()).toBe(1), soon);
        const closed = opened.queue.close({ withinMs: 20_000 });
        setTimeout(gate.resolve, 100);
        await closed;
        expect(seen).toEqual([[1, false]]);
      }
      await using later = await openQueue(site.where);
      await later.queue.process("heal", async ({ n }) => void seen.push(n), { concurrency: 1 });
      await vi.waitFor(() => expect(seen).toEqual([[1, false], 2]), soon);
      expect(await later.queue.waiting()).toBe(0);
    });

    it("lets go of a job that does not end in time: it is told, and runs again elsewhere", async () => {
      await using site = await open();
      const told: unknown[] = [];
      const begun = Promise.withResolvers<void>();
      {
        await using opened = await openQueue(site.where);
        await opened.queue.process(
          "heal",
          async (_data, { signal }) => {
            signal.addEventListener("abort", () => told.push((signal.reason as { code?: unknown }).code));
            begun.resolve();
            await new Promise(() => undefined);
          },
          { concurrency: 1 },
        );
        await opened.queue.enqueue("heal", { n: 1 }, { dedupe: "shop" });
        await begun.promise;
        await opened.queue.close({ withinMs: 50 });
        expect(told).toEqual(["queue-closing"]);
      }
      await using later = await openQueue(site.where);
      const again: unknown[] = [];
      await later.queue.process("heal", async ({ n }) => void again.push(n), { concurrency: 1 });
      await vi.waitFor(() => expect(again).toEqual([1]), soon);
    });

    it("runs the job of a killed process again", async () => {
      await using site = await open();
      const worker = startWorker(site.where);
      expect(await firstLine(worker)).toBe('took {"service":"shop"}');
      worker.kill("SIGKILL");
      await once(worker, "exit");
      await using opened = await openQueue(site.where);
      const seen: unknown[] = [];
      await opened.queue.process("heal", async (data) => void seen.push(data), { concurrency: 1 });
      await vi.waitFor(() => expect(seen).toEqual([{ service: "shop" }]), soon);
      await vi.waitFor(async () => {
        await opened.queue.enqueue("heal", { service: "fresh" }, { dedupe: "shop" });
        expect(seen.at(-1)).toEqual({ service: "fresh" });
      }, soon);
    });
  });
}

function startWorker(where: QueueWhere): ChildProcess {
  const script = fileURLToPath(new URL("../api/killed-worker.ts", import.meta.url));
  return spawn(process.execPath, [script, JSON.stringify(where)], { stdio: ["ignore", "pipe", "inherit"] });
}

async function firstLine(child: ChildProcess): Promise<string> {
  const ended = once(child, "exit").then(() => "ended before it took the job");
  const said = once(child.stdout ?? child, "data").then(([chunk]) => String(chunk).trim());
  return Promise.race([said, ended]);
}
