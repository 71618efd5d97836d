// What Operations must do when something is decided or switched: once, for everyone, and never without a trace.
import { describe, expect, it } from "vitest";
import { UNTIL_RESUMED } from "../../api/local-control.ts";
import type { Actor, Operations } from "../../api/operations.ts";
import { backupMeta, type World } from "../api/operations-world.ts";

export interface OperationsSite extends AsyncDisposable {
  operations: Operations;
  world: World;
}

export const alice: Actor = { name: "alice", role: "admin", door: "api" };

export function operationsChangesContract(name: string, open: () => Promise<OperationsSite>): void {
  describe(`${name} as Operations that change something`, () => {
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

    it("lets two people approve a high risk, with both in the audit log, and not one of them twice", async () => {
      await using site = await open();
      const { operations, world } = site;
      const { store, clock } = world.opened;
      await store.runs.start({ id: "run-3", service: "cart", trigger: "watch", reason: "exited" });
      await store.approvals.request({
        id: "apr-2",
        runId: "run-3",
        service: "cart",
        planHash: "def",
        summary: "rewrite it",
        scoreBp: 9_000,
        risk: "high",
        expiresAt: clock.now() + 60_000,
        link: "http://127.0.0.1:8686/approvals/apr-2",
        diff: "- a\n+ b",
        needs: 2,
      });
      const yes = { decision: "approve" as const, reason: "looks right", plan_hash: "def" };
      const first = await store.approvals.decide("apr-2", { ...yes, by: "bob", planHash: "def" });
      expect(await operations.approval("apr-2")).toEqual(first);
      expect(first).toMatchObject({ status: "pending", endorsed: { by: "bob" }, diff: "- a\n+ b" });
      const decided = await operations.decideApproval("apr-2", yes, alice);
      expect(decided).toMatchObject({ status: "approved", decidedBy: "alice", endorsed: { by: "bob" } });
      expect(world.asked.resumed).toEqual([decided]);

      await store.approvals.request({ ...first, id: "apr-3", planHash: "ghi" });
      const other = { ...yes, plan_hash: "ghi" };
      expect(await operations.decideApproval("apr-3", other, alice)).toMatchObject({
        status: "pending",
        endorsed: { by: "alice", reason: "looks right" },
      });
      await expect(operations.decideApproval("apr-3", other, alice)).rejects.toMatchObject({
        code: "same-person",
      });
      expect(world.asked.resumed).toHaveLength(1);
      const audit = await operations.audit({ limit: 50 });
      expect(audit.filter((one) => one.target === "apr-3").map((one) => [one.action, one.actor])).toEqual([
        ["approval.approve.failed", "alice"],
        ["approval.approve", "alice"],
        ["approval.approve", "alice"],
      ]);
      await expect(operations.approval("apr-9")).rejects.toMatchObject({ code: "not-found" });
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
