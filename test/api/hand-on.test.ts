// Servers that watch different services on one store: a job ends up with the one that knows its service.
import { beforeAll, expect, it } from "vitest";
import pino from "pino";
import { makeHandOn } from "../../api/hand-on.ts";
import { emptyDatabase } from "../knowledge/open-test-store.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { openQueue } from "./open-queue.ts";

describeWith("postgres", "a job for a service of another server", () => {
  let url: string;
  beforeAll(async () => {
    url = await emptyDatabase();
  });

  /** Takes jobs as a server does that watches these services; `done` is what it has worked on itself. */
  async function opened(names: readonly string[]) {
    const site = await openQueue({ kind: "postgres", url });
    const done: string[] = [];
    const said: string[] = [];
    const handOn = makeHandOn({
      isService: (name) => names.includes(name),
      queue: site.queue,
      logger: pino({ level: "warn" }, { write: (line: string) => void said.push(line) }),
      wait: { firstMs: 5, mostMs: 20 },
    });
    await site.queue.process(
      "heal",
      async (data) => {
        const job = { handedOn: 0, service: "", ...data };
        if (!(await handOn(job))) done.push(job.service);
      },
      { concurrency: 4 },
    );
    return { ...site, done, said };
  }

  it("is handed on until that one takes it, and comes to an end where nobody watches it", async () => {
    await using shop = await opened(["shop"]);
    await using warehouse = await opened(["stock"]);
    for (const server of [shop, warehouse]) {
      for (const service of ["shop", "stock"])
        await server.queue.enqueue("heal", { service }, { dedupe: service });
    }
    await untilTrue("each has come to its own", () => shop.done.length > 0 && warehouse.done.length > 0);

    await shop.queue.enqueue("heal", { service: "gone" }, { dedupe: "gone" });
    const all = () => [...shop.done, ...warehouse.done];
    await untilTrue("nobody is waited for without end", () => all().includes("gone"));
    expect(new Set(shop.done.filter((one) => one !== "gone"))).toEqual(new Set(["shop"]));
    expect(new Set(warehouse.done.filter((one) => one !== "gone"))).toEqual(new Set(["stock"]));
    expect([...shop.said, ...warehouse.said].join()).toContain("no server on this store watches it");
  });
});
