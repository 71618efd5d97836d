// Settings, tokens, watches: small tables with one rule each.
import { expect, it } from "vitest";
import { describeOnEachDriver } from "./each-driver.ts";

describeOnEachDriver("Settings", (open) => {
  it("keep any JSON by key, null too", async () => {
    await using site = await open();
    const { settings } = site.store;
    expect(await settings.get("mode")).toBeUndefined();
    const values = ["auto", null, 0, false, [1, [2]], { a: { b: "c\0" } }] as const;
    for (const value of values) {
      await settings.set("mode", structuredClone(value) as never);
      expect(await settings.get("mode")).toEqual(
        JSON.parse(JSON.stringify(value).replaceAll(String.raw`\u0000`, "\uFFFD")),
      );
    }
    await settings.set("a.paused", { until: 5 });
    expect(await settings.all()).toEqual({ "a.paused": { until: 5 }, mode: { a: { b: "c\uFFFD" } } });
  });
});

describeOnEachDriver("Tokens", (open) => {
  it("are random, found by their text, and kept only as a hash", async () => {
    await using site = await open();
    const { tokens } = site.store;
    const token = await tokens.create("web", "admin");
    expect(token).toMatch(/^opm_[A-Za-z0-9_-]{43}$/);
    expect(await tokens.create("cli", "viewer")).not.toBe(token);
    expect(await tokens.find(token)).toEqual({ name: "web", role: "admin" });
    expect(await tokens.find(`${token}x`)).toBeUndefined();
    expect(await tokens.find("")).toBeUndefined();
    const rows = await site.db.query("select * from opsmedic.tokens");
    expect(JSON.stringify(rows)).not.toContain(token.slice(4));
  });

  it("have one name each; a given secret replaces the one before", async () => {
    await using site = await open();
    const { tokens } = site.store;
    const token = await tokens.create("web", "admin");
    await expect(tokens.create("web", "viewer")).rejects.toMatchObject({ code: "token-exists" });
    expect(await tokens.has("web")).toBe(true);
    expect(await tokens.has("other")).toBe(false);
    await tokens.put("web", "operator", "given by the owner");
    expect(await tokens.find(token)).toBeUndefined();
    expect(await tokens.find("given by the owner")).toEqual({ name: "web", role: "operator" });
  });

  it("are good until they are replaced, however often they were shown before and meanwhile", async () => {
    await using site = await open();
    const { tokens } = site.store;
    const secrets = Array.from({ length: 20 }, (_, n) => `secret ${n}`);
    for (const [n, secret] of secrets.entries()) {
      const before = secrets[n - 1] ?? "none";
      await Promise.all([
        tokens.put("web", "admin", secret),
        ...Array.from({ length: 5 }, () => tokens.find(before)),
      ]);
      const found = await Promise.all([tokens.find(before), tokens.find(secret), tokens.find(secret)]);
      const good = { name: "web", role: "admin" };
      expect(found).toEqual([undefined, good, good]);
    }
  });
});

describeOnEachDriver("Watches", (open) => {
  it("stand once for a service and signature", async () => {
    await using site = await open();
    const { watches } = site.store;
    const nothing = { sign: null, told: "nothing moved before it" };
    const asked = { service: "shop", signature: "a", kind: "exited", fromIncident: "inc-1", ...nothing };
    const first = await watches.add(asked);
    expect(first).toEqual({ ...asked, id: first.id, createdAt: site.clock.now() });
    site.clock.advance(1);
    expect(await watches.add({ ...asked, fromIncident: "inc-2" })).toEqual(first);
    const other = await watches.add({ ...asked, service: "cart" });
    expect(await watches.list()).toEqual([first, other]);
    expect(await watches.list("cart")).toEqual([other]);
  });

  it("keep the sign that was found, and what it warned of", async () => {
    await using site = await open();
    const { watches } = site.store;
    const asked = { service: "shop", signature: "a", kind: "exited", fromIncident: "inc-1" };
    const sign = {
      kind: "metric" as const,
      service: "shop",
      name: "memory",
      measuredOn: "service",
      direction: "above" as const,
      threshold: 0.7,
      forMinutes: 2,
      usual: 0.5,
      leadMs: 120_000,
    };
    const { id } = await watches.add({ ...asked, sign: null, told: "nothing moved" });
    const found = await watches.add({ ...asked, sign, told: "memory rose" });
    expect(found).toMatchObject({ id, sign, told: "memory rose" });
    expect(await watches.add({ ...asked, sign: null, told: "nothing moved" })).toEqual(found);
    expect(await watches.get(id)).toEqual(found);

    await watches.warned(id, { since: 1_000, at: 2_000, summary: "70 %" });
    await watches.warned(id, { since: 1_500, at: 300_000, summary: "80 %" });
    await watches.warned(id, { since: 2_000_000, at: 2_000_000, summary: "71 %" });
    await watches.warned("gone", { since: 1, at: 2, summary: "nobody" });
    const first = { watchId: id, beganAt: 1_000, lastAt: 300_000, summary: "80 %" };
    expect(await watches.warnings({ from: 0, to: 1_000_000 })).toEqual([first]);
    expect(await watches.warnings({ from: 0, to: 3_000_000, watchId: id })).toHaveLength(2);
    expect([await watches.remove(id), await watches.remove(id)]).toEqual([true, false]);
    expect(await watches.warnings({ from: 0, to: 3_000_000 })).toEqual([]);
  });
});
