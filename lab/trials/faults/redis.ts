// Redis: memory, clients and saving of a real server, with sessions of customers that nobody may drop.
import { rmSync } from "node:fs";
import type { Cause, Fault } from "../fault.ts";
import { type RedisSite, redisScene } from "../redis-site.ts";

const plain = { kind: "plain", needs: "redis", right: "healed" } as const;
const decoy = { kind: "decoy", needs: "redis", right: "nothing" } as const;
const cause = (...playbooks: string[]): { causes: Cause[] } => ({ causes: [{ role: "cache", playbooks }] });
const full = ["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"];
const evicting = ["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"];
/** How far its owner lets a repair go. */
const allowed = { maxMemory: "16m" };
const MEGABYTE = 1024 * 1024;

async function waiters(site: RedisSite, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const one = site.client();
    await one.call("CLIENT", "SETNAME", "shop-worker");
    void one.blpop("jobs", 0).catch(() => undefined);
  }
}

export const redisFaults: readonly Fault[] = [
  {
    ...plain,
    ...cause("redis-full-noeviction"),
    name: "redis-full",
    title:
      "The memory is full, and nothing may be evicted: every write is refused. Its owner allows more memory.",
    may: ["setting maxmemory"],
    takeBack: true,
    ci: true,
    stage: redisScene(
      (site) => ({ break: () => site.fill(2_000, 2_000), well: site.takesWrites }),
      full,
      allowed,
    ),
  },
  {
    ...plain,
    ...cause("redis-full-noeviction"),
    right: "told",
    name: "redis-full-without-leave",
    title: "The same, and its owner has allowed nothing: what may go is for a person to say.",
    stage: redisScene((site) => ({ break: () => site.fill(2_000, 2_000), well: site.takesWrites }), full),
  },
  {
    ...plain,
    ...cause("redis-big-key"),
    right: "told",
    name: "redis-one-key-takes-all",
    title: "One list has grown until nothing else fits: whose rows may go is for a person to say.",
    stage: redisScene(
      (site) => ({
        break: async () => {
          for (let n = 0; n < 400; n += 1)
            await site.own.rpush("events", "x".repeat(9_000)).catch(() => undefined);
        },
        well: site.takesWrites,
      }),
      full,
    ),
  },
  {
    ...plain,
    ...cause("redis-memory-too-small"),
    name: "redis-evicts-too-much",
    title: "A cache drops what is still read, since its memory is too small.",
    may: ["setting maxmemory"],
    stage: redisScene(
      (site) => ({
        break: async () => site.keepFilling(),
        well: async () =>
          !site.isFilled() ||
          Number(/maxmemory:(\d+)/.exec(await site.own.info("memory"))?.[1]) > 3 * MEGABYTE,
        // What a cache drops is no loss: that is what it is for.
        data: async () => ({}),
      }),
      evicting,
      allowed,
    ),
  },
  {
    ...plain,
    ...cause("redis-not-saved"),
    right: "told",
    name: "redis-cannot-save",
    title: "The folder of its snapshots is gone: it refuses writes rather than lose them.",
    stage: redisScene((site) => ({
      break: async () => {
        await site.own.config("SET", "save", "3600 1");
        await site.own.set("a", "1");
        rmSync(site.folder, { recursive: true });
        await site.own.bgsave().catch(() => undefined);
      },
      well: site.takesWrites,
    })),
  },
  {
    ...plain,
    ...cause("redis-slow-reader"),
    name: "redis-client-that-does-not-read",
    title: "A client asks and does not read its answers: they pile up in the server's memory.",
    may: ["session shop-lazy ", "setting client-output-buffer-limit"],
    stage: redisScene((site) => ({
      break: async () => {
        await site.fill(40, 100_000);
        const lazy = site.client();
        await lazy.call("CLIENT", "SETNAME", "shop-lazy");
        lazy.stream.pause();
        for (let n = 0; n < 800; n += 1) void lazy.get(`page:${n % 40}`).catch(() => undefined);
      },
      well: async () => !String(await site.own.call("CLIENT", "LIST")).includes("shop-lazy"),
    })),
  },
  {
    ...decoy,
    name: "redis-full-cache",
    title: "A cache is full and evicts a key now and then, as caches do.",
    stage: redisScene(
      (site) => ({
        break: async () => {
          await site.fill(2_400, 1_000);
          await site.fill(20, 1_000, "new:");
        },
        well: site.takesWrites,
        data: async () => ({}),
      }),
      evicting,
    ),
  },
  {
    ...decoy,
    name: "redis-waiting-workers",
    title: "Eight workers wait for jobs, as they do all day.",
    stage: redisScene(
      (site) => ({ break: () => waiters(site, 8), well: site.takesWrites }),
      ["--maxclients", "40"],
    ),
  },
];
