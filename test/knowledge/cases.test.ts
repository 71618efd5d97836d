// Cases: what helped before, counted by cause and fix.
import { expect, it } from "vitest";
import type { CaseRecord } from "../../knowledge/records.ts";
import { describeOnEachDriver } from "./each-driver.ts";

const sample: CaseRecord = {
  id: "case-1",
  runId: "run-1",
  incidentId: "inc-1",
  service: "shop",
  targetKind: "docker",
  signature: "sig-a",
  symptom: "Error: connect ECONNREFUSED <ip>:<n>",
  playbook: "crashed-process",
  fix: "restart",
  fixClass: "restart",
  planHash: "0".repeat(64),
  undone: false,
  strategy: "IMMEDIATE_FIX",
  outcome: "healed",
  scoreBp: 8_900,
  healMs: 4_200,
  at: 1_000,
  resolution: null,
};

const ids = (list: CaseRecord[]): string[] => list.map(({ id }) => id);

describeOnEachDriver("Cases", (open) => {
  it("are filed once", async () => {
    await using site = await open();
    const { cases } = site.store;
    await cases.file(sample);
    await cases.file({ ...sample, outcome: "worse" });
    expect(await cases.recent({ since: 0, limit: 10 })).toEqual([sample]);
    const bare: CaseRecord = {
      ...sample,
      id: "case-2",
      incidentId: null,
      healMs: null,
      symptom: "a\0b",
      at: 2_000,
    };
    await cases.file(bare);
    expect(await cases.ofSignature("sig-a", 1)).toEqual([{ ...bare, symptom: "a\uFFFDb" }]);
  });

  it("count outcomes of a cause and fix by day, on the service, on its kind and elsewhere", async () => {
    await using site = await open();
    const { cases } = site.store;
    const DAY = 24 * 3_600_000;
    const outcomes: [CaseRecord["outcome"], string, string][] = [
      ["healed", "docker", "restart"],
      ["healed", "docker", "restart"],
      ["not-healed", "docker", "restart"],
      ["worse", "process", "restart"],
      ["healed", "process", "restart"],
      ["healed", "docker", "raise-limit"],
      // Never applied: says nothing about whether the fix helps.
      ["escalated", "docker", "restart"],
      ["rejected", "docker", "restart"],
    ];
    for (const [index, [outcome, targetKind, fix]] of outcomes.entries()) {
      // The first and the third on this service, the rest elsewhere; the fifth two days later.
      const service = index === 0 || index === 2 ? "shop" : "cart";
      const at = index + (index === 4 ? 2 * DAY : 0);
      await cases.file({ ...sample, id: `case-${index}`, outcome, service, targetKind, fix, at });
    }
    const here = { service: "shop", targetKind: "docker" };
    expect(await cases.history("crashed-process", "restart", here, 0)).toEqual([
      { nearness: "kind", day: 0, total: 1, successes: 1 },
      { nearness: "others", day: 0, total: 1, successes: 0 },
      { nearness: "others", day: 2, total: 1, successes: 1 },
      { nearness: "target", day: 0, total: 2, successes: 1 },
    ]);
    expect(await cases.history("crashed-process", "restart", here, DAY)).toHaveLength(1);
    expect(await cases.history("other", "restart", here, 0)).toEqual([]);
    expect(await cases.stats()).toEqual({
      total: { total: 6, successes: 4 },
      byFix: { "raise-limit": { total: 1, successes: 1 }, restart: { total: 5, successes: 3 } },
      byStrategy: { IMMEDIATE_FIX: { total: 6, successes: 4 } },
      lastUpdated: 2 * DAY + 4,
    });
  });

  it("have empty counts while there are none", async () => {
    await using site = await open();
    expect(await site.store.cases.stats()).toEqual({
      total: { total: 0, successes: 0 },
      byFix: {},
      byStrategy: {},
      lastUpdated: null,
    });
  });

  it("are given newest first, of a signature, of a service, since a time", async () => {
    await using site = await open();
    const { cases } = site.store;
    for (const [index, service] of ["shop", "cart", "shop"].entries()) {
      await cases.file({
        ...sample,
        id: `case-${index}`,
        service,
        signature: `sig-${service}`,
        at: index * 10,
      });
    }
    expect(ids(await cases.ofSignature("sig-shop", 10))).toEqual(["case-2", "case-0"]);
    expect(ids(await cases.recent({ since: 0, limit: 2 }))).toEqual(["case-2", "case-1"]);
    expect(ids(await cases.recent({ service: "shop", since: 1, limit: 9 }))).toEqual(["case-2"]);
    expect(await cases.recent({ playbook: "hang", since: 0, limit: 9 })).toEqual([]);
  });

  it("are counted by the confidence that was stated, and keep what a person wrote", async () => {
    await using site = await open();
    const { cases } = site.store;
    const outcomes: CaseRecord["outcome"][] = ["healed", "not-healed", "escalated"];
    for (const [index, outcome] of outcomes.entries()) {
      await cases.file({ ...sample, id: `case-${index}`, outcome, at: index });
    }
    await cases.file({
      ...sample,
      id: "other",
      playbook: "hang",
      scoreBp: 9_500,
      incidentId: null,
      service: "cart",
    });
    const crashed = { playbook: "crashed-process", scoreBp: 8_900, total: 2, successes: 1 };
    expect(await cases.scored({ since: 0 })).toEqual([
      crashed,
      { playbook: "hang", scoreBp: 9_500, total: 1, successes: 1 },
    ]);
    expect(await cases.scored({ since: 0, service: "shop" })).toEqual([crashed]);
    expect(await cases.scored({ since: 1, playbook: "crashed-process" })).toMatchObject([{ successes: 0 }]);

    expect(await cases.resolve("inc-1", "the disk was swapped")).toBe(3);
    const resolved = await cases.ofIncident("inc-1");
    expect(resolved.map((one) => one.resolution)).toEqual(Array(3).fill("the disk was swapped"));
    expect(await cases.resolve("inc-9", "x")).toBe(0);
  });
});
