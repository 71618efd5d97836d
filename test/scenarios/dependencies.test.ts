// Services that need each other: the one at fault is healed by its own run, and its victims are left alone.
import { describe, expect, it } from "vitest";
import { openShop, webService } from "./shop.ts";
import { openScenario, untilTrue } from "./site.ts";
import { freePort } from "./surroundings.ts";

/** web needs db, which is a process, too. */
async function openWebAndDb() {
  const port = await freePort();
  const site = await openShop({
    env: { NEEDS: String(port) },
    web: { dependsOn: ["db"] },
    beside: () => [webService("db", { port })],
    before: ["db"],
    aged: 60_000,
  });
  site.age("db", 60_000);
  return site;
}

describe("a dependency of ours that is down", () => {
  it("is healed by its own run; the service that needs it is not touched", async () => {
    await using site = await openWebAndDb();
    await site.kill("db");
    await site.look("db");
    await site.sees("web", "dependency-down");

    const run = await site.heal("web");
    expect(run).toMatchObject({ outcome: "deferred" });
    expect(site.requested).toMatchObject([{ service: "db" }]);
    expect(await site.incident(run?.id)).toMatchObject({ plan: null });
    expect(await site.incidentsOf("web")).toMatchObject([{ status: "ACTIVE" }]);

    expect(await site.heal("db")).toMatchObject({ outcome: "healed" });
    await site.settle("db");
    await site.settle("web");
    expect(await site.heal("web")).toMatchObject({ outcome: "healthy" });
    expect(await site.incidentsOf("web")).toMatchObject([{ status: "RESOLVED" }]);
    expect({ web: site.starts("web"), db: site.starts("db") }).toEqual({ web: 1, db: 2 });
  });

  it("is found also when nobody has looked at it before", async () => {
    await using site = await openWebAndDb();
    site.engine.levels.clear();
    await site.kill("db");
    await site.sees("web", "error-rate");
    const run = await site.heal("web");
    expect(run).toMatchObject({ outcome: "deferred" });
    expect(site.requested).toMatchObject([{ service: "db" }]);
    expect(site.starts("web")).toBe(1);
  });
});

describe("everything is down at once", () => {
  it("comes back in the order in which it is needed, each started once", async () => {
    const [db, api, web] = [await freePort(), await freePort(), await freePort()];
    await using site = await openScenario({
      services: () => [
        webService("web", { port: web, env: { NEEDS: String(api) }, more: { dependsOn: ["api"] } }),
        webService("api", { port: api, env: { NEEDS: String(db) }, more: { dependsOn: ["db"] } }),
        webService("db", { port: db }),
      ],
    });
    const names = ["db", "api", "web"];
    for (const name of names) {
      await site.start(name);
      await site.settle(name);
    }
    await Promise.all(names.map((name) => site.kill(name)));

    {
      await using loop = site.watch();
      await untilTrue("all three have been healed", () => {
        const healed = loop.runs.filter((one) => one.outcome === "healed");
        return new Set(healed.map((one) => one.service)).size === 3;
      });
    }

    const healed = (await site.store.runs.list({ limit: 500, outcome: "healed" })).runs;
    expect(healed.toReversed().map((one) => one.service)).toEqual(names);
    expect(names.map((name) => site.starts(name))).toEqual([2, 2, 2]);
    for (const name of names) expect((await site.look(name)).findings).toEqual([]);
  });
});

describe("a service outside that is down", () => {
  it("is told to a human, and nothing is done", async () => {
    const gone = await freePort();
    await using site = await openShop({
      beside: () => [{ name: "partner", health: [{ http: `http://127.0.0.1:${gone}/status` }] }],
    });
    await site.sees("partner", "unreachable");

    const run = await site.heal("partner");

    expect(run).toMatchObject({ outcome: "escalated" });
    const incident = await site.incident(run?.id);
    expect(incident).toMatchObject({ plan: null, application: null });
    expect(incident.diagnosis?.hypotheses[0]).toMatchObject({
      playbook: "outside-service-down",
      service: "partner",
    });
    expect(site.alerts()).toMatchObject([{ data: { service: "partner", status: "ESCALATED" } }]);
    expect(await site.incidentsOf("partner")).toMatchObject([{ status: "ESCALATED" }]);
    expect(await site.store.journal.ofRun(run?.id ?? "")).toEqual([]);
    expect(site.starts("web")).toBe(1);
  });
});
