// Services around the one that is ill: their maintenance is left in peace, and what they would lose is counted.
import { expect, it } from "vitest";
import { openShop, webService } from "./shop.ts";
import { freePort } from "./surroundings.ts";

const ALWAYS = [{ deny: "Mon 00:00-Thu 00:00" }, { deny: "Thu 00:00-Mon 00:00" }];

it("nothing is done while a service that depends on it is under maintenance, and nobody is woken", async () => {
  const port = await freePort();
  await using site = await openShop({
    beside: () => [webService("shop", { port, more: { dependsOn: ["web"], windows: ALWAYS } })],
  });
  await site.kill("web");
  expect(await site.heal("web")).toMatchObject({ outcome: "deferred" });
  expect(site.starts("web")).toBe(1);
  expect(site.alerts()).toEqual([]);
  expect(await site.store.decisions.list({ limit: 5 }), "the moment says nothing of the plan").toEqual([]);
});

it("a restart that healthy dependants would feel is asked for, and says whom it would hit", async () => {
  const ports = [await freePort(), await freePort()];
  await using site = await openShop({
    healing: { gate: { maxServices: 1 } },
    before: ["shop", "cart"],
    beside: () => [
      webService("shop", { port: ports[0] ?? 0, more: { dependsOn: ["web"] } }),
      webService("cart", { port: ports[1] ?? 0, more: { dependsOn: ["shop"] } }),
    ],
  });
  await site.become("blocked");
  await site.sees("web", "hung");
  const run = await site.heal("web");
  expect(run).toMatchObject({ status: "waiting" });
  const { plan, verdict } = await site.incident(run?.id);
  expect(plan).toMatchObject({ class: "restart", blastRadius: { dependants: ["shop", "cart"] } });
  expect(verdict?.reasons.find((one) => one.rule === "dependants")).toMatchObject({
    outcome: "ask",
    text: expect.stringMatching(/^shop, cart would be without it/),
  });
});
