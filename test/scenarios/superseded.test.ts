// A repair waits for somebody while the service gets worse: the question is withdrawn, and asked anew about how it is
// now. The same trouble, a lesser one, or one that comes and goes does not take the question away.
import { describe, expect, it } from "vitest";
import { LONG_RUNNING_MS, openShop, type Shop } from "./shop.ts";

/** web answers nobody any more, and its restart waits for a person. */
async function openWaiting(): Promise<{ site: Shop; runId: string }> {
  const site = await openShop({ healing: { mode: "approve" }, aged: LONG_RUNNING_MS });
  await site.become("blocked");
  await site.sees("web", "hung");
  const run = await site.heal("web");
  expect(run).toMatchObject({ status: "waiting", outcome: null });
  return { site, runId: run?.id ?? "" };
}

const pending = (site: Shop) => site.store.approvals.list({ status: "pending", limit: 10 });

async function approve(site: Shop): Promise<void> {
  const [open] = await pending(site);
  if (!open) throw new Error("nothing waits for a decision");
  const { id, planHash } = open;
  await site.store.approvals.decide(id, { decision: "approve", by: "ada", reason: "yes", planHash });
}

describe("a run that waits for approval", () => {
  it("gives way when something worse begins, and its question can be answered no more", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    const [old] = await pending(site);
    expect(await site.heal("web"), "still the same").toMatchObject({ id: opened.runId, status: "waiting" });
    await site.kill("web");

    const run = await site.heal("web");

    expect(run).toMatchObject({ status: "waiting" });
    expect(run?.id).not.toBe(opened.runId);
    expect(await site.incident(run?.id)).toMatchObject({
      findings: [{ kind: "exited" }],
      plan: { actions: [{ action: "start" }] },
    });
    const ended = await site.store.runs.get(opened.runId);
    expect(ended).toMatchObject({ status: "ended", outcome: "no-longer-needed" });
    expect(ended?.report).toContain(`superseded by ${run?.id}, since it is worse now: web`);
    expect(await site.store.approvals.get(old?.id ?? "")).toMatchObject({
      status: "withdrawn",
      decidedBy: "opsmedic",
    });
    const late = { decision: "approve", by: "ada", reason: "late", planHash: old?.planHash ?? "" } as const;
    await expect(site.store.approvals.decide(old?.id ?? "", late)).rejects.toMatchObject({
      code: "already-decided",
      message: expect.stringContaining("worse now"),
    });
    expect(await site.store.audit.list({ limit: 1 })).toMatchObject([
      { actor: "opsmedic", action: "approval.withdraw", target: old?.id, detail: { successor: run?.id } },
    ]);
    expect(site.starts("web"), "nothing was done meanwhile").toBe(1);

    await approve(site);
    expect(await site.heal("web")).toMatchObject({ id: run?.id, outcome: "healed" });
    expect(site.starts("web")).toBe(2);
  });

  it("keeps its question when the trouble goes back to what was asked about before", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    await site.kill("web");
    const second = await site.heal("web");
    await site.start("web"); // by hand
    await site.settle("web");
    site.age("web", LONG_RUNNING_MS);
    await site.become("blocked");
    await site.sees("web", "hung");
    expect(await site.heal("web")).toMatchObject({ id: second?.id, status: "waiting" });
    expect(await pending(site)).toHaveLength(1);
  });

  it("goes on when somebody has decided before the worse was seen: it looks at the world again itself", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    await approve(site);
    await site.kill("web");
    const run = await site.heal("web");
    expect(run).toMatchObject({ id: opened.runId, status: "waiting" });
    expect(await pending(site), "the plan is another one now").toHaveLength(1);
    expect(site.starts("web")).toBe(1);
  });

  it("is left alone by a dry run", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    await site.kill("web");
    expect(await site.heal("web", { dryRun: true })).toMatchObject({ id: opened.runId, status: "waiting" });
    expect(await pending(site)).toHaveLength(1);
  });
});
