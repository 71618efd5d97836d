// What must be told of decisions that were scored, called directly or over HTTP.
import { describe, expect, it } from "vitest";
import { makeScoreKeeper } from "../../agents/score-keeper.ts";
import type { NewDecision } from "../../knowledge/records.ts";
import { finding } from "../knowledge/sample-findings.ts";
import { alice, type OperationsSite } from "./operations-changes.contract.ts";

const pair = { service: "shop", playbook: "process-crash", fix: "restart" };

async function decide({ world: { opened } }: OperationsSite, change: Partial<NewDecision> = {}) {
  return opened.store.decisions.note({
    ...pair,
    fixClass: "restart",
    title: "Restart shop",
    cause: "it ended",
    scoreBp: 9_000,
    decision: "ask",
    against: ["autonomy"],
    would: true,
    signatures: ["sig-a"],
    runId: `run-of-${opened.clock.now()}`,
    incidentId: null,
    planHash: "abc",
    at: opened.clock.now(),
    ...change,
  });
}

async function right(site: OperationsSite, times: number): Promise<void> {
  const { decisions } = site.world.opened.store;
  for (let time = 0; time < times; time += 1) {
    site.world.opened.clock.advance(60_000);
    const { id } = await decide(site);
    const at = site.world.opened.clock.now() + 1_000;
    await decisions.score(id, { outcome: "right", ending: "same-done", told: "somebody did the same", at });
  }
}

export function autonomyContract(name: string, open: () => Promise<OperationsSite>): void {
  describe(`${name} as Autonomy`, () => {
    it("shows what would have been fixed and who may act alone by it, until a person takes that away", async () => {
      await using site = await open();
      const { operations, world } = site;
      const { policy } = world.parts;
      const configured = policy.get();
      policy.get = () => ({ ...configured, autonomy: { grant: "earned", least: 3, boundBp: 4_000 } });
      await right(site, 3);
      await decide(site, { fix: "reload", against: ["never"], would: false });

      const report = await operations.autonomy({});
      expect(report).toMatchObject({
        grant: "earned",
        least: 3,
        boundBp: 4_000,
        would_have_fixed: { total: 3, right: 3, wrong: 0, unclear: 0, open: 0 },
        pairs: [
          { ...pair, alone: true, rights: 3, wrongs: 0, lowerBp: 4_385, decisions: { total: 3, right: 3 } },
          { fix: "reload", alone: false, earnedAt: null, decisions: { total: 1, open: 1 } },
        ],
      });
      expect((await operations.autonomy({ service: "cart" })).pairs).toEqual([]);
      const id = report.pairs[0]?.id ?? "";
      const story = await operations.autonomyOf(id);
      expect(story).toMatchObject({ id, alone: true, revocations: [] });
      expect(story.history).toHaveLength(3);
      expect(story.history[0]).toMatchObject({
        ending: "same-done",
        told: "somebody did the same",
        times: 1,
      });

      world.opened.clock.advance(60_000);
      await expect(operations.revokeAutonomy(id, { reason: " " }, alice)).rejects.toMatchObject({
        code: "reason-missing",
      });
      const gone = await operations.revokeAutonomy(id, { reason: "a new version" }, alice);
      expect(gone).toMatchObject({ id, alone: false, rights: 0, earnedAt: null });
      expect((await operations.autonomyOf(id)).revocations).toMatchObject([
        { by: "alice", reason: "a new version" },
      ]);
      expect((await operations.audit({ limit: 1 }))[0]).toMatchObject({
        action: "autonomy.revoke",
        target: id,
        detail: { service: "shop", reason: "a new version" },
      });
      await expect(operations.autonomyOf("aut_none")).rejects.toMatchObject({ code: "not-found" });
    });

    it("scores a decision by what a person says of the cause who closes the incident", async () => {
      await using site = await open();
      const { operations, world } = site;
      const { store, clock } = world.opened;
      world.parts.scores = makeScoreKeeper({
        ...store,
        workbench: {
          lay: () => {
            throw new Error("nothing is looked at here");
          },
        },
        policy: world.parts.policy.get,
        clock,
      });
      const incident = await store.incidents.open("shop", [finding("sig-new")], clock.now());
      const { id } = await decide(site, { incidentId: incident.id });
      await operations.resolveIncident(incident.id, { text: "it was the disk", cause: "wrong" }, alice);
      expect(await store.decisions.list({ limit: 1 })).toMatchObject([
        { id, said: "wrong", outcome: "wrong", ending: "cause-refuted" },
      ]);
      expect(await operations.autonomy({})).toMatchObject({ would_have_fixed: { total: 1, wrong: 1 } });
    });
  });
}
