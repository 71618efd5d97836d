// One of several replicas is repaired without a customer noticing it; the first is the canary; who takes one out by hand is
// left in peace. Real processes: three replicas, their proxy, and customers who post to it all the time.
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { customers, openShopOfThree, replicas, type ShopOfThree, startProxy } from "./shop-of-three.ts";

const mark = (folder: string): string => `${folder}/mark`;
const allIn = async ({ proxy }: ShopOfThree) =>
  expect(await Promise.all(replicas.map(async (name) => (await proxy.state(name)).state))).toEqual([
    "in",
    "in",
    "in",
  ]);

it("a sick replica is drained, restarted, found well and put back, and no request is lost", async () => {
  await using site = await openShopOfThree();
  const coming = customers(site.ports.proxy);
  await site.sicken("web-2", 300);
  await site.sees("web-2", "error-rate");
  const run = await site.heal("web-2");
  await coming[Symbol.asyncDispose]();
  expect(run).toMatchObject({ outcome: "healed" });
  expect(coming.seen.failed).toEqual([]);
  expect(coming.seen.served).toBeGreaterThan(50);
  expect(site.proxy.moves()).toEqual(["web-2 is out", "web-2 is in"]);
  expect(replicas.map((name) => site.starts(name))).toEqual([1, 2, 1]);
  const { plan, application, verdict } = await site.incident(run?.id);
  expect(plan?.actions.map((one) => one.action)).toEqual(["drain", "restart", "put-back"]);
  expect(application?.steps.map((one) => one.text)).toEqual([
    expect.stringMatching(/^out of rotation of web; its requests were done after \d+ ms/),
    expect.any(String),
    expect.stringMatching(/^well after \d+ ms, and back in rotation of web/),
  ]);
  expect(verdict?.reasons.find((one) => one.rule === "replicas")?.text).toBe(
    "1 of 3 replicas of web is taken out, 2 of the others are well",
  );
  const journal = await site.store.journal.ofRun(run?.id ?? "");
  expect(journal.map((one) => [one.action, one.state])).toEqual([
    ["drain", "verified"],
    ["restart", "verified"],
    ["put-back", "verified"],
  ]);
});

it("two that are sick at once go one after the other", async () => {
  await using site = await openShopOfThree();
  for (const name of ["web-1", "web-3"] as const) {
    await site.sicken(name, 0);
    await site.sees(name, "error-rate");
  }
  const runs = await Promise.all([site.heal("web-1"), site.heal("web-3")]);
  expect(new Set(runs.map((one) => one?.outcome))).toEqual(new Set(["deferred", "healed"]));
  const late = runs.find((one) => one?.outcome === "deferred");
  const { verdict } = await site.incident(late?.id);
  expect(verdict?.reasons.find((one) => one.rule === "replica-turn")).toMatchObject({ outcome: "deny" });
  expect(await site.heal(late?.service ?? "")).toMatchObject({ outcome: "healed" });
  expect(site.proxy.moves()).toHaveLength(4);
  expect(site.alerts()).toEqual([]);
  await allIn(site);
});

it("what did not help the first is taken back, and not tried on the next", async () => {
  await using site = await openShopOfThree({ mark });
  writeFileSync(mark(site.folder), "crashing"); // each start ends after a second
  for (const name of ["web-1", "web-2"] as const) {
    await site.become(name, "throwing");
    await site.sees(name, "exited");
  }
  const first = await site.heal("web-1");
  expect(first?.outcome).not.toBe("healed");
  expect(site.proxy.moves().slice(0, 2)).toEqual(["web-1 is out", "web-1 is in"]);
  const second = await site.heal("web-2");
  expect(second).toMatchObject({ outcome: "escalated" });
  const { verdict } = await site.incident(second?.id);
  expect(verdict?.reasons.find((one) => one.rule === "canary")).toMatchObject({
    outcome: "deny",
    text: expect.stringMatching(/^the restart of web-1 \(run .*\) did not help: the other replicas are left/),
  });
  expect(site.starts("web-2")).toBe(1);
  await allIn(site);
});

it("one that somebody else has taken out is left to them, and a human hears of it", async () => {
  await using site = await openShopOfThree();
  await site.proxy.set("web-1", "out");
  await site.kill("web-1");
  await site.sees("web-1", "exited");
  expect(await site.heal("web-1")).toMatchObject({ outcome: "failed" });
  expect(site.starts("web-1")).toBe(1);
  expect(await site.proxy.state("web-1")).toMatchObject({ state: "out" });
  expect(site.alerts()).toHaveLength(1);
});

it("with their proxy away the dead are started, and what runs is left as it is", async () => {
  await using site = await openShopOfThree();
  await site.proxy[Symbol.asyncDispose]();
  await site.sicken("web-3", 0);
  await site.sees("web-3", "error-rate");
  expect(await site.heal("web-3")).toMatchObject({ outcome: "failed" });
  for (const name of ["web-1", "web-2"] as const) {
    await site.kill(name);
    await site.sees(name, "exited");
  }
  const first = await site.heal("web-1");
  expect(first).toMatchObject({ outcome: "healed" });
  const { application } = await site.incident(first?.id);
  expect(application?.steps.map((one) => one.text)).toEqual([
    expect.stringContaining("the proxy of web is away, and nobody is served here: nothing to take out"),
    expect.any(String),
    expect.stringMatching(/^well after \d+ ms; the proxy of web is away/),
  ]);
  await using again = await startProxy(site.ports);
  expect(await site.heal("web-2")).toMatchObject({ outcome: "healed" });
  expect(again.moves()).toEqual(["web-2 is out", "web-2 is in"]);
  expect(replicas.map((name) => site.starts(name))).toEqual([2, 2, 1]);
});
