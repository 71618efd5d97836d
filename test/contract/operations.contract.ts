// What Operations must do, called directly or over HTTP: the same answers, the same errors, the same traces.
import { describe, expect, it } from "vitest";
import { backupMeta, info } from "../api/operations-world.ts";
import { fullIncident } from "../api/full-incident.ts";
import { alice, type OperationsSite, operationsChangesContract } from "./operations-changes.contract.ts";

/** Reading, checking and backups here; decisions, switches and their traces in operations-changes.contract.ts. */
export function operationsContract(name: string, open: () => Promise<OperationsSite>): void {
  describe(`${name} as Operations`, () => {
    it("tells what runs, how things are, and what is open", async () => {
      await using site = await open();
      const { operations } = site;
      expect(await operations.info()).toEqual(info);
      const health = await operations.health();
      expect(health.overall_status).toBe("critical");
      expect(health.checks["shop"]).toEqual({
        status: "critical",
        latency_ms: null,
        findings: [{ kind: "exited", severity: "critical", summary: "shop shows sig-a", since: 1_000 }],
        checked_at: "2026-01-05T11:59:30.000Z",
      });
      expect(health.checks["database"]).toMatchObject({ status: "healthy", latency_ms: 1 });
      expect(health.checks["fresh"]).toMatchObject({ status: "unknown", checked_at: null });
      expect(await operations.status()).toMatchObject({
        autonomous_mode: "approve",
        paused_until: null,
        last_check: "2026-01-05T11:59:30.000Z",
        check_interval_minutes: 5,
        fix_statistics: { total_fixes: 0, success_rate: null },
        recent_backups: [backupMeta],
        services: [
          { name: "cache", status: "healthy", stopped: false, summary: null },
          { name: "shop", status: "critical", stopped: false, summary: "shop shows sig-a" },
          { name: "fresh", status: "unknown", stopped: false, summary: "not looked at yet" },
        ],
        open_incidents: [{ service: "shop", status: "ACTIVE", signatures: ["sig-a"] }],
        pending_approvals: [{ id: "apr-1", planHash: "abc" }],
        watches: [],
      });
    });

    it("tells of a database that does not answer why nothing is known of it", async () => {
      await using site = await open();
      const { operations } = site;
      const silent = { service: "orders-db", engine: "redis", problem: "The database does not answer." };
      expect(await operations.databaseHealth({})).toMatchObject([
        { ...silent, cache_hit_rate: null, issues: [] },
      ]);
      expect(await operations.databaseConnections({ service: "orders-db" })).toMatchObject([
        { ...silent, clients: [] },
      ]);
      expect(await operations.performance({})).toMatchObject([{ ...silent, slow_queries: null }]);
      const unknown = operations.databaseHealth({ service: "nobody" });
      await expect(unknown).rejects.toMatchObject({ code: "unknown-service" });
    });

    it("counts fixes by type and strategy", async () => {
      await using site = await open();
      const { cases } = site.world.opened.store;
      const one = {
        runId: "run-1",
        incidentId: null,
        service: "shop",
        targetKind: "docker",
        signature: "s",
        symptom: "exited",
        playbook: "crashed",
        fix: "restart",
        fixClass: "restart",
        undone: false,
        strategy: "SELF_HEALING" as const,
        scoreBp: 9_000,
        healMs: 5,
        at: Date.parse("2026-01-05T11:00:00Z"),
      };
      await cases.file({ ...one, id: "c1", planHash: "p1", outcome: "healed" });
      await cases.file({ ...one, id: "c2", planHash: "p2", outcome: "not-healed" });
      expect(await site.operations.stats()).toEqual({
        total_fixes: 2,
        success_rate: 0.5,
        by_type: { restart: { total: 2, successes: 1, success_rate: 0.5 } },
        by_strategy: { SELF_HEALING: { total: 2, successes: 1, success_rate: 0.5 } },
        last_updated: "2026-01-05T11:00:00.000Z",
      });
    });

    it("lists runs page by page, filtered", async () => {
      await using site = await open();
      const first = await site.operations.runs({ limit: 1 });
      expect(first.runs.map((one) => one.id)).toEqual(["run-1"]);
      const second = await site.operations.runs({ limit: 1, cursor: first.next_cursor ?? "" });
      expect(second).toMatchObject({
        runs: [{ id: "run-2", outcome: "healed", endedAt: Date.parse("2026-01-05T12:00:00.005Z") }],
        next_cursor: null,
      });
      expect((await site.operations.runs({ limit: 9, service: "cache" })).runs).toHaveLength(1);
      expect((await site.operations.runs({ limit: 9, outcome: "escalated" })).runs).toEqual([]);
      await expect(site.operations.runs({ limit: 1, cursor: "made up" })).rejects.toMatchObject({
        code: "bad-cursor",
      });
    });

    it("tells the whole story of a run, as it is stored", async () => {
      await using site = await open();
      const { store } = site.world.opened;
      const story = await site.operations.run("run-1");
      expect(story).toEqual({
        run: await store.runs.get("run-1"),
        steps: await store.runs.steps("run-1"),
        journal: await store.journal.ofRun("run-1"),
        incident: fullIncident("run-1", { incidentId: story.run.incidentId, backupId: backupMeta.id }),
        clears: [],
        backup: { meta: backupMeta, diff: [{ path: "shop/app.yaml", patch: "-a\n+b\n" }] },
        approval: await store.approvals.get("apr-1"),
        partOf: null,
      });
      expect(await site.operations.run("run-2")).toMatchObject({
        incident: null,
        backup: null,
        partOf: null,
        approval: null,
      });
      const { run, steps, journal, incident } = story;
      expect(await site.operations.exportRun("run-1")).toEqual({ version: 1, run, steps, journal, incident });
      await expect(site.operations.run("run-99")).rejects.toMatchObject({ code: "not-found" });
      await expect(site.operations.exportRun("run-99")).rejects.toMatchObject({ code: "not-found" });
    });

    it("shows a run whose backup is gone", async () => {
      await using site = await open();
      const gone = fullIncident("run-2", { backupId: "backup_20200101_000000" });
      await site.world.opened.store.runs.saveIncident("run-2", gone);
      expect(await site.operations.run("run-2")).toMatchObject({ backup: null, incident: gone });
    });

    it("replays the gate", async () => {
      await using site = await open();
      const [replay] = await site.operations.replayGate("run-1");
      expect(replay).toMatchObject({ same: true, recorded: { decision: "allow" } });
      await expect(site.operations.replayGate("run-99")).rejects.toMatchObject({ code: "not-found" });
    });

    it("judges a run again with other thresholds, and changes nothing by it", async () => {
      await using site = await open();
      const before = await site.operations.exportRun("run-1");
      const [round] = await site.operations.replayRun("run-1", { allow_bp: 9_900, mode: "approve" });
      expect(round).toMatchObject({ recorded: { verdict: { decision: "allow" } }, same: false });
      expect(round?.differences.join(" ")).toMatch(/gate|cause/i);
      expect(await site.operations.exportRun("run-1")).toEqual(before);
      await expect(site.operations.replayRun("run-99", {})).rejects.toMatchObject({ code: "not-found" });
    });

    it("takes in the record of a run of elsewhere: the same comes out, and nothing is done with it", async () => {
      await using site = await open();
      const { store } = site.world.opened;
      const own = await site.operations.exportRun("run-1");
      const document = { ...own, run: { ...own.run, id: "run-elsewhere", status: "running" as const } };
      const head = await site.operations.importRun(document, alice);
      expect(await site.operations.importRun(document, alice)).toEqual(head);
      expect(await site.operations.exportRun("run-elsewhere")).toEqual(document);
      expect(await site.operations.run("run-elsewhere")).toMatchObject({
        run: document.run,
        backup: null,
        imported: { id: "run-elsewhere", importedBy: head.importedBy },
      });
      expect(await site.operations.importedRuns({ limit: 5 })).toEqual([head]);
      expect(await site.operations.replayGate("run-elsewhere")).toMatchObject([{ same: true }]);
      // Neither taken up nor counted.
      expect((await store.runs.unfinished()).map((one) => one.id)).not.toContain("run-elsewhere");
      await expect(site.operations.cancelRun("run-elsewhere", alice)).rejects.toMatchObject({
        code: "not-found",
      });

      const other = { ...document, run: { ...document.run, reason: "another" } };
      await expect(site.operations.importRun(other, alice)).rejects.toMatchObject({ code: "run-exists" });
      await expect(site.operations.importRun(own, alice)).rejects.toMatchObject({ code: "run-exists" });
    });

    it("cancels a run that goes on, and not one that ended", async () => {
      await using site = await open();
      expect(await site.operations.cancelRun("run-1", alice)).toMatchObject({ id: "run-1" });
      await expect(site.operations.cancelRun("run-2", alice)).rejects.toMatchObject({ code: "run-ended" });
      await expect(site.operations.cancelRun("run-99", alice)).rejects.toMatchObject({ code: "not-found" });
      expect(site.world.asked.cancelled).toEqual(["run-1"]);
    });

    it("checks what it is told to, and waits when asked to", async () => {
      await using site = await open();
      const { operations, world } = site;
      expect(await operations.triggerCheck({ services: ["cache"] }, alice)).toEqual({
        status: "healthy",
        issues: [],
        run_ids: [],
        runs: [],
        unseen: [],
        timestamp: "2026-01-05T12:00:01.000Z",
      });
      const checked = await operations.triggerCheck({ dry_run: true, wait: true }, alice);
      expect(checked).toMatchObject({
        status: "issues_found",
        run_ids: ["run-1"],
        runs: [{ id: "run-1", status: "waiting" }],
        unseen: [{ service: "fresh", summary: "not looked at yet" }],
      });
      expect(checked.issues[0]).toEqual({
        ...checked.issues[0],
        since: 1_000,
        at: 2_000,
        facts: { exitCode: 137 },
      });
      const order = { trigger: "api", reason: "asked for by alice" };
      expect(world.asked.checks).toEqual([
        { ...order, services: ["cache"], dryRun: false },
        { ...order, services: undefined, dryRun: true },
      ]);
      await expect(operations.triggerCheck({ services: ["nope"] }, alice)).rejects.toMatchObject({
        code: "unknown-service",
      });
    });

    it("lists, compares, verifies and restores backups", async () => {
      await using site = await open();
      const { operations, world } = site;
      expect(await operations.backups()).toEqual({ backups: [backupMeta], total: 1 });
      expect(await operations.backupDiff(backupMeta.id)).toEqual([
        { path: "shop/app.yaml", patch: "-a\n+b\n" },
      ]);
      expect(await operations.verifyBackup(backupMeta.id)).toEqual({ ok: true, problems: [] });
      expect(await operations.restoreBackup(backupMeta.id, { dry_run: true }, alice)).toMatchObject({
        restored: false,
        backup_id: null,
      });
      expect(await operations.restoreBackup(backupMeta.id, {}, alice)).toEqual({
        restored: true,
        steps: [{ step: 1, action: "restart", ok: true, text: "put back" }],
        backup_id: "backup_20260105_120001",
      });
      expect(world.asked.restored.map((one) => [one.dryRun, one.by])).toEqual([
        [true, "alice"],
        [false, "alice"],
      ]);
      for (const asking of [
        operations.backupDiff("nope"),
        operations.verifyBackup("nope"),
        operations.restoreBackup("nope", {}, alice),
      ]) {
        await expect(asking).rejects.toMatchObject({ code: "backup-not-found" });
      }
    });

    it("lists incidents, actions and playbooks", async () => {
      await using site = await open();
      const [incident] = await site.operations.incidents({ limit: 5 });
      expect(incident).toEqual(await site.world.opened.store.incidents.get(incident?.id ?? ""));
      expect(await site.operations.incidents({ limit: 5, status: "RESOLVED" })).toEqual([]);
      expect(await site.operations.incidents({ limit: 5, service: "cache" })).toEqual([]);
      expect(await site.operations.actions()).toMatchObject([
        {
          name: "restart",
          effect: "repeatable",
          parameters: { type: "object", properties: { graceMs: { type: "integer" } } },
        },
      ]);
      const [crashed, ...more] = await site.operations.playbooks();
      expect([crashed, more]).toMatchObject([
        { id: "crashed", appliesTo: ["exited"], origin: "shipped" },
        [],
      ]);
      expect(await site.operations.playbook("crashed")).toEqual(crashed);
      await expect(site.operations.playbook("crashd")).rejects.toMatchObject({ code: "not-found" });
      const observations = await site.operations.observations();
      expect(observations.find((one) => one.name === "exit-status")).toMatchObject({
        way: "runtime",
        measured: true,
      });
    });
  });
  operationsChangesContract(name, open);
}
