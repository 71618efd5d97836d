// What Operations must do, called directly or over HTTP: the same answers, the same errors, the same traces.
import { describe, expect, it } from "vitest";
import { UNTIL_RESUMED } from "../../api/local-control.ts";
import type { Actor, Operations } from "../../api/operations.ts";
import { backupMeta, info, type World } from "../api/operations-world.ts";
import { fullIncident } from "../api/full-incident.ts";

export interface OperationsSite extends AsyncDisposable {
  operations: Operations;
  world: World;
}

const alice: Actor = { name: "alice", role: "admin", door: "api" };

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
      expect(health.checks["fresh"]).toMatchObject({ checked_at: null });
      expect(await operations.status()).toMatchObject({
        autonomous_mode: "approve",
        paused_until: null,
        last_check: "2026-01-05T11:59:30.000Z",
        check_interval_minutes: 5,
        fix_statistics: { total_fixes: 0, success_rate: null },
        recent_backups: [backupMeta],
        services: [
          { name: "cache", status: "healthy" },
          { name: "shop", status: "critical" },
          { name: "fresh", status: "healthy" },
        ],
        open_incidents: [{ service: "shop", status: "ACTIVE", signatures: ["sig-a"] }],
        pending_approvals: [{ id: "apr-1", planHash: "abc" }],
        watches: [],
      });
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
        backup: { meta: backupMeta, diff: [{ path: "shop/app.yaml", patch: "-a\n+b\n" }] },
        approval: await store.approvals.get("apr-1"),
      });
      expect(await site.operations.run("run-2")).toMatchObject({
        incident: null,
        backup: null,
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
      expect(replay).toMatchObject({ same: true, recorded: { decision: "ask", scoreBp: 7_935, at: 42 } });
      await expect(site.operations.replayGate("run-99")).rejects.toMatchObject({ code: "not-found" });
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
        timestamp: "2026-01-05T12:00:01.000Z",
      });
      const checked = await operations.triggerCheck({ dry_run: true, wait: true }, alice);
      expect(checked).toMatchObject({
        status: "issues_found",
        run_ids: ["run-1"],
        runs: [{ id: "run-1", status: "waiting" }],
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

    it("decides an approval once, for the plan that was shown, and wakes its run", async () => {
      await using site = await open();
      const { operations, world } = site;
      const yes = { decision: "approve" as const, reason: "looks right", plan_hash: "abc" };
      expect(await operations.approvals({ status: "pending", limit: 10 })).toMatchObject([{ id: "apr-1" }]);
      expect(await operations.approvals({ status: "rejected", limit: 10 })).toEqual([]);
      await expect(
        operations.decideApproval("apr-1", { ...yes, plan_hash: "other" }, alice),
      ).rejects.toMatchObject({ code: "plan-changed" });
      await expect(operations.decideApproval("apr-1", { ...yes, reason: " " }, alice)).rejects.toMatchObject({
        code: "reason-missing",
      });
      await expect(operations.decideApproval("apr-9", yes, alice)).rejects.toMatchObject({
        code: "not-found",
      });
      expect(world.asked.resumed).toEqual([]);
      const decided = await operations.decideApproval("apr-1", yes, alice);
      expect(decided).toMatchObject({
        status: "approved",
        decidedBy: "alice",
        reason: "looks right",
        decidedAt: world.opened.clock.now(),
      });
      expect(world.asked.resumed).toEqual([decided]);
      await expect(
        operations.decideApproval("apr-1", { ...yes, decision: "reject" }, alice),
      ).rejects.toMatchObject({ code: "already-decided" });
      expect(world.asked.resumed).toHaveLength(1);
      expect(world.events.map((one) => one.topic)).toEqual(["approval"]);
    });

    it("does not decide, nor show as waiting, what has expired", async () => {
      await using site = await open();
      site.world.opened.clock.advance(61_000);
      const yes = { decision: "approve" as const, reason: "late", plan_hash: "abc" };
      await expect(site.operations.decideApproval("apr-1", yes, alice)).rejects.toMatchObject({
        code: "expired",
      });
      expect((await site.operations.status()).pending_approvals).toEqual([]);
      expect(site.world.asked.resumed).toEqual([]);
    });

    it("keeps a decision whose run could not be woken", async () => {
      await using site = await open();
      site.world.parts.healer.resumeApproval = () => Promise.reject(new Error("the queue is away"));
      const yes = { decision: "approve" as const, reason: "ok", plan_hash: "abc" };
      expect(await site.operations.decideApproval("apr-1", yes, alice)).toMatchObject({ status: "approved" });
      const audit = await site.operations.audit({ limit: 10 });
      expect(audit.map((one) => one.action)).toContain("approval.resume.failed");
    });

    it("switches mode and pause, for every process on the store", async () => {
      await using site = await open();
      const { operations, world } = site;
      expect(await operations.mode()).toEqual({ mode: "approve", paused_until: null });
      expect(await operations.setMode("auto", alice)).toEqual({ mode: "auto", paused_until: null });
      expect(await operations.pause({ for_ms: 60_000, reason: "deploy" }, alice)).toEqual({
        mode: "auto",
        paused_until: "2026-01-05T12:01:01.000Z",
      });
      expect(world.parts.policy.get()).toMatchObject({ mode: "auto", paused: true });
      expect((await operations.status()).paused_until).toBe("2026-01-05T12:01:01.000Z");
      expect(await operations.pause({}, alice)).toEqual({ mode: "auto", paused_until: UNTIL_RESUMED });
      expect(await operations.resume(alice)).toEqual({ mode: "auto", paused_until: null });
      await world.opened.store.settings.set("control", { mode: "observe", pausedUntil: null });
      expect(await operations.mode()).toEqual({ mode: "observe", paused_until: null });
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
      expect(await site.operations.playbooks()).toMatchObject([{ id: "crashed", appliesTo: ["exited"] }]);
    });

    it("writes every change, and every failed one, into the audit log", async () => {
      await using site = await open();
      const { operations } = site;
      await operations.setMode("auto", alice);
      await operations.pause({ reason: "deploy" }, alice);
      await operations.resume(alice);
      await operations.triggerCheck({ services: ["nope"] }, alice).catch(() => undefined);
      await operations.restoreBackup(backupMeta.id, {}, alice);
      await operations.cancelRun("run-1", alice);
      const entries = await operations.audit({ limit: 50 });
      expect(entries.map((one) => [one.seq, one.action, one.target, one.actor, one.door])).toEqual([
        [7, "run.cancel", "run-1", "alice", "api"],
        [6, "backup.restore", backupMeta.id, "alice", "api"],
        [5, "check.failed", "nope", "alice", "api"],
        [4, "check", "nope", "alice", "api"],
        [3, "resume", "all services", "alice", "api"],
        [2, "pause", "all services", "alice", "api"],
        [1, "mode.set", "auto", "alice", "api"],
      ]);
      expect(entries.at(-1)?.detail).toMatchObject({ from: "approve", role: "admin" });
      expect(entries).toEqual(await site.world.opened.store.audit.list({ limit: 50 }));
      expect((await operations.audit({ limit: 2, before: 4 })).map((one) => one.seq)).toEqual([3, 2]);
      expect(await operations.verifyAudit()).toEqual({ ok: true, entries: 7, brokenAt: null, problem: null });
    });

    it("changes nothing where the change cannot be audited", async () => {
      await using site = await open();
      site.world.opened.store.audit.append = () => Promise.reject(new Error("the disk is full"));
      await expect(site.operations.setMode("auto", alice)).rejects.toBeInstanceOf(Error);
      expect(site.world.parts.policy.get().mode).toBe("approve");
    });
  });
}
