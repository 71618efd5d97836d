// opsmedic is killed while a replica is out of rotation: the next one finishes the repair or takes it back, and the replica
// serves again in either case.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { untilTrue } from "../scenarios/site.ts";
import { customers, openShopOfThree, type ShopOfThree } from "./shop-of-three.ts";

const program = fileURLToPath(new URL("./healing-process.ts", import.meta.url));

/** Two starts of opsmedic on the embedded store. */
const LONG = { timeout: 120_000 };

/** An own process drains web-2, waits for its last requests, and is killed in the middle of the wait. */
async function killedWhileDraining({ folder, ports, proxy }: ShopOfThree): Promise<void> {
  const healing = spawn(process.execPath, [program, JSON.stringify({ folder, ports })], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(healing, "close");
  await untilTrue("web-2 is out", async () => (await proxy.state("web-2")).state === "out", 20);
  expect(healing.exitCode).toBeNull();
  healing.kill("SIGKILL");
  await ended;
}

async function openSick(): Promise<ShopOfThree> {
  const site = await openShopOfThree({ store: "folder" });
  await site.sicken("web-2", 1_500);
  await site.leave();
  return site;
}

it("the next one finishes the repair, and no request is lost", LONG, async () => {
  await using site = await openSick();
  const coming = customers(site.ports.proxy);
  await killedWhileDraining(site);
  expect(site.proxy.moves()).toEqual(["web-2 is out"]);
  await using left = new AsyncDisposableStack();
  const next = await site.reopen();
  left.defer(next.leave); // its processes and folder are the first one's
  const run = await next.engine.runner.run({
    service: "web-2",
    trigger: "recovery",
    reason: "it was killed",
  });
  await coming[Symbol.asyncDispose]();
  expect(run).toMatchObject({ outcome: "healed" });
  expect(site.proxy.moves()).toEqual(["web-2 is out", "web-2 is in"]);
  expect(next.starts("web-2")).toBe(2);
  expect({ failed: coming.seen.failed, warnings: site.proxy.warnings() }).toEqual({
    failed: [],
    warnings: [],
  });
  const journal = await next.store.journal.ofRun(run?.id ?? "");
  expect(journal.map((one) => one.state)).toEqual(["verified", "verified", "verified"]);
});

it("one that may not act any more puts it back as it is", LONG, async () => {
  await using site = await openSick();
  const coming = customers(site.ports.proxy);
  await killedWhileDraining(site);
  await coming[Symbol.asyncDispose]();
  await using left = new AsyncDisposableStack();
  const next = await site.reopen();
  left.defer(next.leave); // its processes and folder are the first one's
  await next.policy.pause();
  const run = await next.engine.runner.run({
    service: "web-2",
    trigger: "recovery",
    reason: "it was killed",
  });
  expect(run?.outcome).not.toBe("healed");
  expect(site.proxy.moves()).toEqual(["web-2 is out", "web-2 is in"]);
  expect(next.starts("web-2")).toBe(1);
  expect(await next.store.journal.unfinished()).toEqual([]);
});
