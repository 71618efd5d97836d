// What closes with an outage: its parts whose services are well, and nothing else.
import { describe, expect, it } from "vitest";
import { makeResolveIncident } from "../../agents/outage-end.ts";
import { openTestStore } from "../knowledge/open-test-store.ts";
import { finding } from "../knowledge/sample-findings.ts";

async function openOutage() {
  const opened = await openTestStore("pglite");
  const { incidents } = opened.store;
  const db = await incidents.open("db", [finding("d")], 10);
  for (const name of ["web", "worker", "reports"]) {
    const { id } = await incidents.open(name, [finding(name)], 20);
    if (name !== "reports") await incidents.blame(id, "db", 20);
  }
  const statuses = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await incidents.list({ limit: 9 })).map((one) => [one.service, one.status]));
  const resolve = (well: readonly string[], now = () => 30) =>
    makeResolveIncident({
      incidents,
      wellNow: (name) => Promise.resolve(well.includes(name)),
      clock: { now },
    })(db.id);
  return { incidents, statuses, resolve, [Symbol.asyncDispose]: () => opened.close() };
}

describe("the end of an outage", () => {
  it("closes the parts that are well, and leaves what stays ill or has nothing to do with it", async () => {
    await using outage = await openOutage();
    await outage.resolve(["web", "reports"]);
    expect(await outage.statuses()).toEqual({
      db: "RESOLVED",
      web: "RESOLVED",
      worker: "ACTIVE",
      reports: "ACTIVE",
    });
  });

  it("resolves a part that was handed to a person meanwhile", async () => {
    await using outage = await openOutage();
    const [web] = await outage.incidents.list({ service: "web", limit: 1 });
    await outage.incidents.close(web?.id ?? "", "ESCALATED", 25);
    await outage.resolve(["web", "worker"]);
    expect(await outage.statuses()).toMatchObject({ web: "RESOLVED", worker: "RESOLVED" });
  });

  it("does not wait for ever for its parts: the rest is left to the next looks", async () => {
    await using outage = await openOutage();
    let now = 0;
    await outage.resolve(["web", "worker"], () => (now += 20_000));
    expect(await outage.statuses()).toMatchObject({ db: "RESOLVED", web: "ACTIVE", worker: "ACTIVE" });
  });
});
