// One outage is one incident, over real processes: dependants join the incident of the service at fault and close with
// it; what has nothing to do with it stays apart, and what stays ill is an incident of its own again.
import { describe, expect, it } from "vitest";
import { LONG_RUNNING_MS, webService } from "./shop.ts";
import { openScenario, type Scenario, untilTrue } from "./site.ts";
import { freePort } from "./surroundings.ts";

/** web and worker need db; reports needs cache. */
async function openTwoHalves() {
  const names = ["db", "cache", "web", "worker", "reports"] as const;
  const ports = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await freePort()] as const)),
  ) as Record<(typeof names)[number], number>;
  const needing = (name: "web" | "worker" | "reports", needed: "db" | "cache") =>
    webService(name, {
      port: ports[name],
      env: { NEEDS: String(ports[needed]) },
      more: { dependsOn: [needed] },
    });
  const site = await openScenario({
    services: () => [
      webService("db", { port: ports.db }),
      webService("cache", { port: ports.cache }),
      needing("web", "db"),
      needing("worker", "db"),
      needing("reports", "cache"),
    ],
  });
  await Promise.all(names.map((name) => site.start(name)));
  await Promise.all(names.map((name) => site.settle(name)));
  for (const name of names) site.age(name, LONG_RUNNING_MS);
  return {
    ...site,
    become: async (name: (typeof names)[number], way: string) => {
      await (await fetch(`http://127.0.0.1:${ports[name]}/become/${way}`)).text();
    },
  };
}

/** Each open or closed incident of its own, with the services whose incidents are part of it. */
async function outagesOf({ store }: Scenario): Promise<Record<string, string[]>> {
  const all = await store.incidents.list({ limit: 100 });
  const own = all.filter((one) => one.partOf === null);
  const parts = (id: string): string[] =>
    all.filter((one) => one.partOf?.id === id).map((one) => one.service);
  return Object.fromEntries(own.map((one) => [one.service, parts(one.id).toSorted()]));
}

async function statuses({ store }: Scenario, service: string): Promise<string[]> {
  return (await store.incidents.list({ service, limit: 100 })).map((one) => one.status);
}

async function defers(site: Scenario, name: string, to: string): Promise<void> {
  await site.sees(name, "dependency-down");
  const run = await site.heal(name);
  expect(run).toMatchObject({ outcome: "deferred" });
  expect(site.requested.at(-1)).toMatchObject({ service: to });
  const { diagnosis } = await site.incident(run?.id);
  expect(diagnosis?.hypotheses[0]?.checks).toContainEqual(
    expect.objectContaining({ check: "suspected", verdict: "supports", points: 300 }),
  );
}

describe("a database that dies", () => {
  it("is one incident with its dependants, and they close with it", async () => {
    await using site = await openTwoHalves();
    await site.kill("db");
    await site.look("db");
    await defers(site, "web", "db");
    await defers(site, "worker", "db");

    const healing = site.heal("db");
    await untilTrue("both are part of the database's incident", async () => {
      const parts = (await site.incidentsOf("web")).concat(await site.incidentsOf("worker"));
      return parts.length === 2 && parts.every((one) => one.partOf?.service === "db");
    });
    expect(await outagesOf(site)).toEqual({ db: ["web", "worker"] });
    expect(await healing).toMatchObject({ outcome: "healed" });

    const outage = (await site.incident((await healing)?.id)).diagnosis?.outage;
    expect(outage?.suspects[0]).toMatchObject({ service: "db", because: [expect.stringContaining("ended")] });
    expect(outage?.services.map((one) => one.service)).toEqual(["db", "web", "worker"]);
    for (const name of ["db", "web", "worker"]) expect(await statuses(site, name)).toEqual(["RESOLVED"]);
    for (const name of ["web", "worker"]) expect(await site.heal(name)).toMatchObject({ outcome: "healthy" });
    expect(["db", "web", "worker"].map((name) => site.starts(name))).toEqual([2, 1, 1]);
    expect(site.alerts()).toEqual([]);
  });

  it("is so too where the loop finds it by itself", async () => {
    await using site = await openTwoHalves();
    await site.kill("db");
    {
      await using loop = site.watch();
      await untilTrue("the database has been healed", () =>
        loop.runs.some((one) => one.service === "db" && one.outcome === "healed"),
      );
      await untilTrue("nothing is open", async () => {
        const open = await site.store.incidents.list({ status: "ACTIVE", limit: 9 });
        return open.length === 0;
      });
    }
    expect(Object.keys(await outagesOf(site))).toEqual(["db"]);
    expect(["db", "web", "worker"].map((name) => site.starts(name))).toEqual([2, 1, 1]);
  });
});

describe("two outages at the same time", () => {
  it("stay two incidents, each with its own dependants", async () => {
    await using site = await openTwoHalves();
    await Promise.all([site.kill("db"), site.kill("cache")]);
    await site.look("db");
    await site.look("cache");
    await defers(site, "web", "db");
    await defers(site, "reports", "cache");
    const runs = await Promise.all([site.heal("db"), site.heal("cache")]);
    expect(runs).toMatchObject([{ outcome: "healed" }, { outcome: "healed" }]);
    expect(await outagesOf(site)).toEqual({ db: ["web"], cache: ["reports"] });
    const [db] = await Promise.all(runs.map(async (run) => (await site.incident(run?.id)).diagnosis?.outage));
    expect(db?.next).toMatchObject([{ service: "worker", path: ["db", "worker"] }]);
    expect(await statuses(site, "reports")).toEqual(["RESOLVED"]);
  });
});

describe("a dependant that is ill for its own reason", () => {
  it("is an incident of its own while what it needs is well", async () => {
    await using site = await openTwoHalves();
    await site.become("web", "failing");
    await site.kill("cache");
    await site.look("cache");
    await site.sees("web", "error-rate");
    await defers(site, "reports", "cache");
    const runs = await Promise.all([site.heal("web"), site.heal("cache")]);
    expect(runs).toMatchObject([{ outcome: "healed" }, { outcome: "healed" }]);
    expect(await outagesOf(site)).toEqual({ web: [], cache: ["reports"] });
  });

  it("is one again when its cause was healed and it stays ill", async () => {
    await using site = await openTwoHalves();
    await site.become("web", "failing");
    await site.kill("db");
    await site.look("db");
    await defers(site, "web", "db");
    expect(await site.heal("db")).toMatchObject({ outcome: "healed" });
    expect(await outagesOf(site)).toEqual({ db: ["web"] });
    expect(await statuses(site, "web")).toEqual(["ACTIVE"]);

    await site.settle("db");
    await site.sees("web", "error-rate");
    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });
    expect(await outagesOf(site)).toMatchObject({ web: [] });
    expect(new Set(await statuses(site, "web"))).toEqual(new Set(["RESOLVED"]));
  });
});
