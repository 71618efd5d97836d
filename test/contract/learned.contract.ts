// What must be told of what was learned, called directly or over HTTP.
import { describe, expect, it } from "vitest";
import type { EarlySign } from "../../domain/early-sign.ts";
import type { CaseRecord } from "../../knowledge/records.ts";
import { finding } from "../knowledge/sample-findings.ts";
import { alice, type OperationsSite } from "./operations-changes.contract.ts";

const DAY = 24 * 3_600_000;
const sign: EarlySign = {
  kind: "metric",
  service: "shop",
  name: "memory",
  measuredOn: "service",
  direction: "above",
  threshold: 0.7,
  forMinutes: 2,
  usual: 0.5,
  leadMs: 120_000,
};

function caseOf(id: string, change: Partial<CaseRecord>): CaseRecord {
  return {
    id,
    runId: `run-${id}`,
    incidentId: null,
    service: "shop",
    targetKind: "docker",
    signature: "sig-again",
    symptom: "shop ended",
    playbook: "process-crash",
    fix: "restart",
    fixClass: "restart",
    planHash: id,
    undone: false,
    strategy: "SELF_HEALING",
    outcome: "healed",
    scoreBp: 9_000,
    healMs: 4_000,
    at: 0,
    ...change,
  };
}

export function learnedContract(name: string, open: () => Promise<OperationsSite>): void {
  describe(`${name} as Learned`, () => {
    it("compares stated confidence with what came true, shows watches, and counts a week", async () => {
      await using site = await open();
      const { operations, world } = site;
      const { store, clock } = world.opened;
      const now = clock.now();
      const cases = [
        caseOf("a", { at: now - 40 * DAY }),
        caseOf("b", { at: now - 2 * DAY, healMs: 2_000 }),
        caseOf("c", { at: now - DAY, healMs: 6_000 }),
        caseOf("d", { at: now - DAY, outcome: "worse", healMs: null }),
        caseOf("e", { at: now - DAY, outcome: "escalated", playbook: "hang" }),
      ];
      for (const one of cases) await store.cases.file(one);

      const all = await operations.calibration({});
      expect(all).toMatchObject({
        since: 0,
        count: 4,
        successes: 3,
        bins: [{ fromBp: 9_000, toBp: 9_500, count: 4, successShare: 0.75 }],
        by_playbook: [{ playbook: "process-crash", count: 4, successes: 3, meanConfidence: 0.9 }],
      });
      expect(all.brier?.score).toBeCloseTo((3 * 0.01 + 0.81) / 4, 12);
      expect((await operations.calibration({ since: now - 3 * DAY, playbook: "process-crash" })).count).toBe(
        3,
      );
      expect(await operations.calibration({ service: "cart" })).toMatchObject({ count: 0, brier: null });

      const about = { service: "shop", signature: "sig-again", kind: "exited", fromIncident: "inc-0" };
      const begins = [now + 1 * DAY, now + 2 * DAY, now + 3 * DAY];
      const { id } = await store.watches.add({ ...about, sign, told: "memory rose" });
      for (const at of begins) {
        const { id: incident } = await store.incidents.open(
          "shop",
          [finding("sig-again", { since: at })],
          at,
        );
        await store.incidents.close(incident, at === begins[2] ? "ESCALATED" : "RESOLVED", at + 5);
      }
      await store.watches.warned(id, {
        since: begins[0]! - 240_000,
        at: begins[0]! - 60_000,
        summary: "70 %",
      });
      await store.watches.warned(id, {
        since: begins[1]! + 5 * 3_600_000,
        at: begins[1]! + 5 * 3_600_000,
        summary: "71 %",
      });
      clock.advance(4 * DAY);

      const report = await operations.weeklyReport({});
      expect(report).toMatchObject({
        since: clock.now() - 7 * DAY,
        until: clock.now(),
        truncated: false,
        recurring: [{ signature: "sig-again", service: "shop", occurrences: 3, ever: 3 }],
        healed: [{ playbook: "process-crash", fix: "restart", times: 2, medianMs: 4_000, cases: ["c", "b"] }],
        failed: [{ times: 1, worse: 1, cases: ["d"] }],
        watches: [
          { id, made: true, warnings: 2, inTime: 1, missed: 2, withoutSymptom: 1, shortestLeadMs: 240_000 },
        ],
        wouldHaveFixed: { total: 0, right: 0, wrong: 0, unclear: 0, open: 0 },
        timeToHeal: { count: 2, meanMs: 4_000, medianMs: 4_000 },
      });
      // Before: one success of 40 days ago; now two more, and a failure.
      const [trust] = report.trust;
      expect(trust).toMatchObject({ service: "shop", fix: "restart" });
      expect(trust?.beforeBp).toBeGreaterThan(5_000);
      expect(trust?.afterBp).toBeGreaterThan(trust?.beforeBp ?? 0);
      expect(report.forPeople.map((one) => one.text)).toEqual([
        expect.stringMatching(/^shop: .* It was left to a person\.$/),
        expect.stringMatching(/^shop: .* find why it comes\.$/),
      ]);

      const [watch] = await operations.watches({ service: "shop" });
      expect(watch).toMatchObject({ id, sign, told: "memory rose", showing: false, warnings: 2 });
      expect(await operations.watch(id)).toEqual(watch);
      expect((await operations.status()).watches).toEqual([
        { service: "shop", kind: "exited", signature: "sig-again", told: "memory rose" },
      ]);
      expect(await operations.removeWatch(id, alice)).toEqual(watch);
      expect(await operations.watches({})).toEqual([]);
      await expect(operations.watch(id)).rejects.toMatchObject({ code: "not-found" });
      expect((await operations.audit({ limit: 1 }))[0]).toMatchObject({ action: "watch.remove", target: id });
    });
  });
}
