// A restore by hand, over a real engine: what a healing changed is put back, nothing is done beside a run, and what
// somebody else has changed meanwhile is left alone.
import { expect, it } from "vitest";
import { makeGraphHealer } from "../../api/graph-healer.ts";
import { makeRestore } from "../../api/restore.ts";
import type { Scenario } from "../scenarios/site.ts";
import { openUpstream } from "../scenarios/surroundings.ts";
import { openWorker, SETTINGS } from "../scenarios/worker.ts";

const FILE = "worker/settings.yaml";
const SLOWER = SETTINGS.replace("0.1 ", "0.15 ");
const byAda = { dryRun: false, by: "ada" };

/** The worker was healed: it asks more slowly, and the backup of before is there. */
async function openHealed() {
  const upstream = await openUpstream(0);
  const site = await openWorker(upstream);
  upstream.limit.leastMs = 120;
  await site.sees("worker", "rate-limited");
  const run = await site.heal("worker");
  expect(run).toMatchObject({ outcome: "healed" });
  expect(site.read(FILE)).toBe(SLOWER);
  const { backupId } = await site.incident(run?.id);
  return {
    site,
    runId: run?.id ?? "",
    backupId: backupId ?? "",
    restore: makeRestore(site),
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

/** The journal of the newest restore. */
async function statesOf(site: Scenario, runId: string): Promise<string[]> {
  const entries = await site.store.journal.ofRun(runId);
  const newest = entries.findLast((one) => one.planId.startsWith("restore_"))?.planId;
  return entries.filter((one) => one.planId === newest).map((one) => one.state);
}

it("puts back what a healing changed, after a backup of how it was just then", async () => {
  await using healed = await openHealed();
  const { site, restore, backupId, runId } = healed;

  const planned = await restore(backupId, { dryRun: true, by: "ada" });
  expect(planned).toMatchObject({ restored: false, backup_id: null });
  expect(planned.steps.map((one) => one.action)).toEqual(["restart", "edit-setting"]);
  expect(site.read(FILE)).toBe(SLOWER);
  expect(await statesOf(site, runId)).toEqual([]);

  // Whoever may look sees what differs, and no secret that stands beside it.
  site.write(FILE, `${SLOWER}password: hunter2\n`);
  const [shown] = await makeGraphHealer(site, () => Promise.resolve()).diff(backupId);
  expect(shown?.patch).toContain("+password: «secret»");
  site.write(FILE, SLOWER);

  const restored = await restore(backupId, byAda);
  expect(restored).toMatchObject({ restored: true, steps: [{ ok: true }, { ok: true }] });
  expect(site.read(FILE)).toBe(SETTINGS);
  // The service runs on with what it has read: whoever restores is told, and decides when.
  expect(restored.steps.map((one) => one.text.includes("worker has not read it yet"))).toEqual([false, true]);
  expect(restored.steps[1]?.text).toMatch(/opsmedic stop worker, then opsmedic start worker\.$/);
  expect(await site.state("worker")).toMatchObject({ status: "running" });
  expect(await statesOf(site, runId)).toEqual(["verified", "verified"]);
  const before = await site.backups.read(restored.backup_id ?? "");
  expect(before.meta.reason).toBe(`before ada restored ${backupId}`);
  expect(before.steps.flatMap((one) => one.captured.files)).toMatchObject([{ content: SLOWER }]);

  // What is as wanted already is left alone.
  expect(await restore(backupId, byAda)).toMatchObject({ restored: true });
  expect(site.read(FILE)).toBe(SETTINGS);
});

it("does nothing beside a run, nor with a backup that is not there", async () => {
  await using healed = await openHealed();
  const { site, restore, backupId, runId } = healed;
  await site.engine.runner.exclusively("worker", async () => {
    await expect(restore(backupId, byAda)).rejects.toMatchObject({ code: "lease-lost", retryable: true });
  });
  await expect(restore("backup_20200101_000000", byAda)).rejects.toMatchObject({ code: "backup-not-found" });
  expect(site.read(FILE)).toBe(SLOWER);
  expect(await statesOf(site, runId)).toEqual([]);
});

it("leaves alone what somebody has changed since, and says so", async () => {
  await using healed = await openHealed();
  const { site, restore, backupId, runId } = healed;
  const theirs = SLOWER.replace("0.15 ", "0.7 ");
  site.write(FILE, theirs);

  await expect(restore(backupId, byAda)).rejects.toMatchObject({
    code: "stale-plan",
    message: expect.stringContaining("is 0.7, not 0.1"),
  });

  expect(site.read(FILE)).toBe(theirs);
  expect(await statesOf(site, runId)).toEqual(["undone", "undone"]);
});
