// Leases: one holder at a time, each with a greater token, until the time given.
import { expect, it } from "vitest";
import type { Lease } from "../../knowledge/records.ts";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";

async function acquired(site: TestStore, holder: string, forMs = 1_000): Promise<Lease> {
  const lease = await site.store.leases.acquire("shop", holder, forMs);
  if (lease === undefined) throw new Error(`${holder} got no lease`);
  return lease;
}

const lost = { name: "HealError", code: "lease-lost" };

describeOnEachDriver("Leases", (open) => {
  it("go to one holder until they expire", async () => {
    await using site = await open();
    const { leases } = site.store;
    const first = await acquired(site, "worker-1");
    expect(first).toEqual({
      name: "shop",
      holder: "worker-1",
      token: first.token,
      expiresAt: site.clock.now() + 1_000,
    });
    site.clock.advance(999);
    expect(await leases.acquire("shop", "worker-2", 1_000)).toBeUndefined();
    await leases.check(first);
    site.clock.advance(1);
    await expect(leases.check(first)).rejects.toMatchObject(lost);
    const second = await acquired(site, "worker-2");
    expect(second.token).toBeGreaterThan(first.token);
    expect(await leases.renew(first, 1_000)).toBe(false);
    await expect(leases.check(first)).rejects.toMatchObject(lost);
    await leases.check(second);
  });

  it("are for one name each", async () => {
    await using site = await open();
    await acquired(site, "worker-1");
    expect(await site.store.leases.acquire("cart", "worker-2", 500)).toMatchObject({ name: "cart" });
    expect((await site.store.leases.held()).map(({ name }) => name)).toEqual(["cart", "shop"]);
    site.clock.advance(500);
    expect((await site.store.leases.held()).map(({ name }) => name)).toEqual(["shop"]);
  });

  it("are renewed while they hold, with the same token", async () => {
    await using site = await open();
    const lease = await acquired(site, "worker-1");
    site.clock.advance(900);
    expect(await site.store.leases.renew(lease, 1_000)).toBe(true);
    site.clock.advance(900);
    await site.store.leases.check(lease);
    expect(await site.store.leases.held()).toMatchObject([
      { token: lease.token, expiresAt: site.clock.now() + 100 },
    ]);
    site.clock.advance(100);
    expect(await site.store.leases.renew(lease, 1_000)).toBe(false);
  });

  it("give the same holder a new token, and the old one ends", async () => {
    await using site = await open();
    const before = await acquired(site, "worker-1");
    const after = await acquired(site, "worker-1");
    expect(after.token).toBeGreaterThan(before.token);
    await expect(site.store.leases.check(before)).rejects.toMatchObject(lost);
    await site.store.leases.release(before);
    await site.store.leases.check(after);
  });

  it("are free after release, and tokens go on growing", async () => {
    await using site = await open();
    const first = await acquired(site, "worker-1");
    await site.store.leases.release(first);
    await site.store.leases.release(first);
    expect(await site.store.leases.held()).toEqual([]);
    expect(await site.store.leases.renew(first, 1_000)).toBe(false);
    expect((await acquired(site, "worker-2")).token).toBeGreaterThan(first.token);
  });

  it("go to one of many who ask at once, again and again, with tokens that only grow", async () => {
    await using site = await open();
    const tokens: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      const got = await Promise.all(
        Array.from({ length: 8 }, (_, n) => site.store.leases.acquire("shop", `worker-${round}-${n}`, 1_000)),
      );
      const won = got.filter((lease) => lease !== undefined);
      expect(won).toHaveLength(1);
      tokens.push(won[0]?.token ?? 0);
      site.clock.advance(1_000);
    }
    expect(tokens).toEqual(tokens.toSorted((a, b) => a - b));
    expect(new Set(tokens).size).toBe(5);
  });
});
