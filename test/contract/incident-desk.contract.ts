// What the incident desk must do, called directly or over HTTP.
import { describe, expect, it } from "vitest";
import { timelineEntrySchema } from "../../agents/desk/timeline.ts";
import type { CaseRecord } from "../../knowledge/records.ts";
import { fullIncident } from "../api/full-incident.ts";
import { backupMeta } from "../api/operations-world.ts";
import { finding } from "../knowledge/sample-findings.ts";
import { alice, type OperationsSite } from "./operations-changes.contract.ts";

/** The incident of run-1, with a trace, a case that failed and an older incident of the same signature. */
async function fill({ world, operations }: OperationsSite) {
  const { store, clock } = world.opened;
  const [incident] = await operations.incidents({ limit: 1 });
  if (!incident) throw new Error("the world has no incident");
  const full = fullIncident("run-1", { incidentId: incident.id, backupId: backupMeta.id });
  const step = (node: string, data: object) =>
    store.runs.appendStep("run-1", {
      node,
      agent: "agent",
      phase: "end",
      at: clock.now() + 10,
      ms: 1,
      data: JSON.parse(JSON.stringify(data)),
    });
  await step("diagnose", { diagnosis: full.diagnosis });
  await step("gate", { verdict: full.verdict });
  await step("backUp", { backupId: backupMeta.id });
  await step("apply", { application: full.application });
  await step("validate", { validation: full.validation });
  await step("learn", { learned: "Filed: against oom, raise-limit helped." });
  const failed: CaseRecord = {
    id: "case-0",
    runId: "run-0",
    incidentId: null,
    service: "shop",
    targetKind: "docker",
    signature: "sig-a",
    symptom: "shop was killed",
    playbook: "oom",
    fix: "raise-limit",
    fixClass: "limit",
    planHash: "p0",
    undone: true,
    strategy: "SELF_HEALING",
    outcome: "healed",
    scoreBp: 9_100,
    healMs: 5,
    at: clock.now() - 86_400_000,
  };
  await store.cases.file(failed);
  await store.cases.file({
    ...failed,
    id: "case-1",
    runId: "run-1",
    incidentId: incident.id,
    outcome: "not-healed",
  });
  return incident;
}

export function incidentDeskContract(name: string, open: () => Promise<OperationsSite>): void {
  describe(`${name} as IncidentDesk`, () => {
    it("finds incidents with their number, page by page", async () => {
      await using site = await open();
      const { operations, world } = site;
      const incident = await fill(site);
      const other = await world.opened.store.incidents.open("cache", [finding("b", { kind: "memory" })], 5);
      const first = await operations.searchIncidents({ limit: 1 });
      expect(first).toEqual({ incidents: [incident], total: 2, limit: 1, next_cursor: incident.id });
      const rest = await operations.searchIncidents({ limit: 5, cursor: incident.id });
      expect(rest.incidents.map(({ id }) => id)).toEqual([other.id]);
      const filter = {
        status: "ACTIVE",
        severity: "CRITICAL",
        type: "memory",
        q: "SHOWS",
        from: 0,
        to: 6,
      } as const;
      expect((await operations.searchIncidents({ limit: 5, ...filter })).total).toBe(1);
      expect((await operations.searchIncidents({ limit: 5, offset: 1 })).incidents).toHaveLength(1);
      await expect(operations.searchIncidents({ limit: 5, cursor: "x" })).rejects.toMatchObject({
        code: "bad-cursor",
      });
    });

    it("tells one incident: its story, when what happened, the most telling evidence first, and the postmortem", async () => {
      await using site = await open();
      const { operations } = site;
      const { id } = await fill(site);
      const story = await operations.incident(id);
      expect(story).toMatchObject({
        incident: { id, type: "exited" },
        runs: [{ id: "run-1" }],
        actions: [{ action: "restart", planId: "plan-1" }],
        diagnosis: { hypotheses: [{ playbook: "oom", scoreBp: 7_935 }] },
        notes: [],
        acknowledged_by: null,
        recommendations: {
          pattern: "shop was killed",
          rootCause: "It ran out of memory.",
          confidence: 7_935,
          historicalOccurrences: 2,
          by: "rules",
        },
      });
      await expect(operations.incident("inc_none")).rejects.toMatchObject({ code: "not-found" });

      const timeline = await operations.incidentTimeline(id);
      for (const one of timeline) timelineEntrySchema.parse(one);
      // In the order of time; the world's own trace may tell more.
      expect(timeline.map((one) => one.at)).toEqual(timeline.map((one) => one.at).toSorted((x, y) => x - y));
      expect([...new Set(timeline.map((one) => one.kind))]).toEqual([
        "began",
        "detected",
        "approval",
        "action",
        "diagnosed",
        "gate",
        "backup",
        "validation",
        "learned",
      ]);
      expect(timeline.find((one) => one.kind === "diagnosed")).toMatchObject({
        text: "Cause: It ran out of memory. (79.35 %)",
        ref: expect.stringMatching(/^run-1\/\d+$/),
      });

      const evidence = await operations.incidentEvidence(id);
      expect(evidence[0]).toMatchObject({
        kind: "check",
        title: "Was it killed?",
        text: "yes",
        verdict: "supports",
        points: 3_000,
        discriminating: true,
        ref: "run-1",
      });
      expect(evidence.map((one) => one.kind)).toContain("finding");

      await operations.noteIncident(id, { text: "the <b>limit</b> is old" }, alice);
      const { postmortem, markdown } = await operations.postmortem(id);
      expect(postmortem).toMatchObject({
        incidentId: id,
        finishedAt: null,
        impact: { services: ["shop"], revenue: null, users: null },
        rootCause: { cause: "It ran out of memory.", scoreBp: 7_935, cites: ["run-1"] },
        didNotHelp: [
          { text: "raise-limit against oom did not help, and was taken back.", cites: ["case-1"] },
        ],
      });
      expect(postmortem.lessons.map((one) => one.text)).toEqual([
        "Filed: against oom, raise-limit helped.",
        "alice wrote: the <b>limit</b> is old",
      ]);
      expect(markdown).toContain("the \\<b\\>limit\\</b\\> is old");
      expect(markdown).toContain("## Root cause");
    });

    it("recalls what was like it, and not itself", async () => {
      await using site = await open();
      const { id } = await fill(site);
      const { store } = site.world.opened;
      await store.incidents.close(id, "RESOLVED", 50);
      const again = await store.incidents.open("shop", [finding("sig-a")], 60);
      const similar = await site.operations.similarIncidents(id, { limit: 5 });
      expect(similar.incidents.map((one) => one.id)).toEqual([again.id]);
      expect(similar.cases).toMatchObject([{ id: "case-0", similarity: 1, outcome: "healed" }]);
    });

    it("keeps what people say, closes what they resolved, and learns from it", async () => {
      await using site = await open();
      const { operations } = site;
      const { id } = await fill(site);
      const { store } = site.world.opened;
      await operations.acknowledgeIncident(id, { text: "" }, alice);
      await expect(operations.noteIncident(id, { text: " " }, alice)).rejects.toThrow(/words|input|fit/i);
      const resolved = await operations.resolveIncident(id, { text: "gave the host more memory" }, alice);
      expect(resolved).toMatchObject({ id, status: "RESOLVED" });
      expect((await store.cases.ofIncident(id)).map((one) => one.resolution)).toEqual([
        "gave the host more memory",
      ]);
      const story = await operations.incident(id);
      expect(story.notes.map(({ kind, author }) => [kind, author])).toEqual([
        ["acknowledge", "alice"],
        ["resolve", "alice"],
      ]);
      expect(story.acknowledged_by).toBe("alice");
      expect(story.recommendations.resolutionSuggestions[0]).toMatchObject({
        action: "As a person resolved it before: gave the host more memory",
        priority: "high",
      });
      const audited = await operations.audit({ limit: 9 });
      expect(audited.map(({ action, actor, target }) => [action, actor, target])).toEqual([
        ["incident.resolve", "alice", id],
        ["incident.acknowledge", "alice", id],
      ]);
      expect(await operations.verifyAudit()).toMatchObject({ ok: true });

      const stats = await operations.incidentStats({});
      expect(stats).toMatchObject({
        total: 1,
        by_type: { exited: 1 },
        by_status: { RESOLVED: 1 },
        closed: 1,
        auto_resolved: 0,
        auto_resolved_share: 0,
        resolved_by_person: 1,
        mttr: { count: 1 },
      });
      const history = await operations.remediationHistory({ limit: 5 });
      expect(history).toMatchObject({
        total: 1,
        limit: 5,
        next_cursor: null,
        actions: [{ action: "restart", outcome: "unfinished", durationMs: 4 }],
      });
      expect(await operations.remediationStats({ service: "shop" })).toMatchObject({
        actions: [{ action: "restart", total: 1, unfinished: 1 }],
      });
      expect((await operations.remediationHistory({ limit: 5, service: "cart", from: 0 })).total).toBe(0);
    });

    it("files a case of its own where nothing of ours was tried", async () => {
      await using site = await open();
      const { store } = site.world.opened;
      const { id } = await store.incidents.open("cache", [finding("new", { service: "cache" })], 5);
      await site.operations.resolveIncident(id, { text: "replaced the disk" }, alice);
      expect(await store.cases.ofSignature("new", 5)).toMatchObject([
        { incidentId: id, outcome: "escalated", fixClass: "human", resolution: "replaced the disk" },
      ]);
      expect((await site.operations.stats()).total_fixes).toBe(0);
      const { title } = (await site.operations.incident(id)).incident;
      const { entries } = await site.operations.knowledge({ q: title, limit: 3 });
      expect(entries).toContainEqual(
        expect.objectContaining({
          fix: "by hand: replaced the disk",
          service: "cache",
          origin: "learned",
          outcome: "healed",
        }),
      );
    });
  });
}
