// A human decides, and meanwhile opsmedic is restarted, the problem goes away, the plan changes, or time runs out.
import { describe, expect, it } from "vitest";
import { openShop, type Shop } from "./shop.ts";
import { untilTrue } from "./site.ts";

/** web is down, and its run waits for a person. */
async function openWaiting(): Promise<{ site: Shop; runId: string }> {
  const site = await openShop({ store: "folder", healing: { mode: "approve" } });
  await site.kill("web");
  const run = await site.heal("web");
  expect(run).toMatchObject({ status: "waiting", outcome: null });
  expect(site.starts("web")).toBe(1);
  return { site, runId: run?.id ?? "" };
}

async function decide(site: Pick<Shop, "store">, decision: "approve" | "reject"): Promise<void> {
  const [open] = await site.store.approvals.list({ status: "pending", limit: 10 });
  if (!open) throw new Error("nothing waits for a decision");
  await site.store.approvals.decide(open.id, {
    decision,
    by: "ada",
    reason: "I looked at it",
    planHash: open.planHash,
  });
}

async function isDown(site: Pick<Shop, "state" | "starts">): Promise<void> {
  expect(await site.state("web")).toMatchObject({ status: "exited" });
  expect(site.starts("web")).toBe(1);
}

describe("a repair that needs approval", () => {
  it("waits, and is done by the next opsmedic after a restart", async () => {
    const { site, runId } = await openWaiting();
    await using later = await site.reopen();
    expect(await later.heal("web")).toMatchObject({ id: runId, status: "waiting" });
    await isDown(later);
    await decide(later, "approve");

    expect(await later.heal("web")).toMatchObject({ id: runId, status: "ended", outcome: "healed" });

    expect(later.starts("web")).toBe(2);
    const nodes = (await later.store.runs.steps(runId)).filter((one) => one.phase === "end");
    const looks = nodes.filter((one) => one.node === "observe");
    expect(looks, "the world is looked at again").toHaveLength(2);
    expect(await later.incident(runId)).toMatchObject({ approval: { decision: "approve", by: "ada" } });
  });

  it("tells what would change and where it is read, and is done once two people agree to a risk", async () => {
    await using site = await openShop({
      healing: { mode: "approve", approvals: { twoPersons: ["low", "medium", "high"] } },
      env: (folder) => ({ CONFIG: `${folder}/web/settings.json` }),
      files: { "web/settings.json": '{ "greeting": "hello" }\n' },
    });
    site.write("web/settings.json", '{ "greetin": "hello", "password": "hunter2hunter2" }\n');
    await site.kill("web");
    await site.start("web");
    await untilTrue("web has ended", async () => (await site.state("web")).status === "exited");
    const run = await site.heal("web");
    expect(run).toMatchObject({ status: "waiting" });

    const [open] = await site.store.approvals.list({ status: "pending", limit: 1 });
    expect(open).toMatchObject({ needs: 2, endorsed: null });
    expect(open?.link).toBe(`http://127.0.0.1:8686/approvals/${open?.id}`);
    expect(open?.diff).toContain('+{ "greeting": "hello" }');
    expect(open?.diff).not.toContain("hunter2");
    const told = site.published.filter((one) => one.topic === "approval");
    expect(told.map((one) => [one.data["type"], one.data["link"]])).toEqual([["pending", open?.link]]);

    const yes = { decision: "approve", reason: "agreed", planHash: open?.planHash ?? "" } as const;
    await site.store.approvals.decide(open?.id ?? "", { ...yes, by: "ada" });
    expect(await site.heal("web"), "one of two").toMatchObject({ status: "waiting" });
    await site.store.approvals.decide(open?.id ?? "", { ...yes, by: "bob" });
    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });
    expect(await site.incident(run?.id)).toMatchObject({ approval: { by: "ada and bob" } });
  });

  it("is withdrawn when the trouble is over before anybody has answered", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    expect(await site.engine.runner.withdrawNeedless("other")).toBe(false);
    expect(await site.engine.runner.withdrawNeedless("web")).toBe(true);
    expect(await site.store.runs.get(opened.runId)).toMatchObject({
      status: "ended",
      outcome: "no-longer-needed",
    });
    expect(await site.store.approvals.list({ limit: 5 })).toMatchObject([{ status: "withdrawn" }]);
    expect(site.published.at(-1)).toMatchObject({ topic: "approval", data: { type: "withdrawn" } });
    await expect(decide(site, "approve")).rejects.toThrow(/nothing waits/);
  });

  it("is not done when it is rejected", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    await decide(site, "reject");
    expect(await site.heal("web")).toMatchObject({ id: opened.runId, outcome: "rejected" });
    await isDown(site);
    expect(await site.incidentsOf("web")).toMatchObject([{ status: "ESCALATED" }]);
  });

  it("is not done when nobody decides in time", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    await site.store.approvals.expire(Date.now() + 24 * 3_600_000);
    expect(await site.heal("web")).toMatchObject({ id: opened.runId, outcome: "escalated" });
    await isDown(site);
    await expect(decide(site, "approve")).rejects.toThrow(/nothing waits/);
  });

  it("is not needed any more when the problem went away", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    await site.start("web"); // by hand
    await site.settle("web");
    await decide(site, "approve");
    expect(await site.heal("web")).toMatchObject({ id: opened.runId, outcome: "no-longer-needed" });
    expect(site.starts("web")).toBe(2);
    expect(await site.incidentsOf("web")).toMatchObject([{ status: "RESOLVED" }]);
  });

  it("is asked for again when the plan has changed meanwhile", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    site.write("web/notes.txt", "a file that somebody has just changed\n");
    await decide(site, "approve");

    const again = await site.heal("web");

    expect(again).toMatchObject({ id: opened.runId, status: "waiting" });
    await isDown(site);
    const asked = await site.store.approvals.list({ limit: 10 });
    expect(asked.map((one) => one.status).sort()).toEqual(["approved", "pending"]);
    expect(new Set(asked.map((one) => one.planHash)).size).toBe(2);
    await decide(site, "approve");
    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });
    expect(site.read("web/notes.txt")).toBe("a file\n");
  });

  it("is not done, though approved, while the kill switch is pulled", async () => {
    const opened = await openWaiting();
    await using site = opened.site;
    await decide(site, "approve");
    await site.policy.pause();
    const run = await site.heal("web");
    expect(run?.outcome).toBe("deferred");
    await isDown(site);
    expect(await site.store.journal.ofRun(opened.runId)).toEqual([]);
  });
});
