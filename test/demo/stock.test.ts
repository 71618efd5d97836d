// slow-replica really happens to one of two, and only there; what its proxy can do is enough to repair it without a
// customer losing anything.
import { expect, it } from "vitest";
import { breakDemo } from "../../lab/demo.ts";
import { startShop } from "./shop-processes.ts";

const soon = { timeout: 40_000, interval: 300 };

it("slow-replica: one of two answers slower and slower; taken out, started anew and put back, none is lost", async () => {
  await using shop = await startShop(["stock-1", "stock-2", "stock", "worker"]);
  const pageOf = (name: string): string => {
    const [probe] = shop.services.find((one) => one.name === name)?.health ?? [];
    return probe?.kind === "http" ? probe.url : "";
  };
  const customers = async (): Promise<{ reserved: number; lost: number }> =>
    ((await (await fetch(pageOf("worker"))).json()) as { customers: { reserved: number; lost: number } })
      .customers;
  await expect
    .poll(async () => (await customers().catch(() => undefined))?.reserved, soon)
    .toBeGreaterThan(4);

  await breakDemo("slow-replica", { dataDir: shop.dataDir });
  await expect.poll(() => shop.lookKinds("stock-2"), soon).toEqual(["latency"]);
  for (const name of ["stock-1", "stock"]) expect([name, await shop.lookKinds(name)]).toEqual([name, []]);

  const rotation = shop.services.find((one) => one.name === "stock-2")?.rotation;
  const door = async (way: "takeOut" | "putBack" | "look"): Promise<string> => {
    const one = rotation?.[way];
    return one?.kind === "http" ? (await fetch(one.url, { method: one.method })).text() : "";
  };
  await door("takeOut");
  expect(await door("look")).toContain(rotation?.look.out);
  await expect.poll(() => door("look"), soon).toContain(rotation?.look.idle);
  await shop.restart("stock-2");
  await expect.poll(() => fetch(pageOf("stock-2")).then(({ status }) => status, String), soon).toBe(200);
  await door("putBack");
  expect(await door("look")).not.toContain(rotation?.look.out);

  const { reserved } = await customers();
  await expect.poll(async () => (await customers()).reserved, soon).toBeGreaterThan(reserved + 4);
  expect(await customers()).toMatchObject({ lost: 0 });
});
