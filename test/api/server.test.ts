// The server's own life: an orderly end in the middle of a run, the run taken up by the next server, and jobs that are
// only to take something up.
import { rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { untilTrue } from "../scenarios/site.ts";
import { openServer, type OwnServer, sleeper } from "./own-server.ts";

const services = () => [sleeper("shop")];
const mark = (folder: string): string => `${folder}/broken`;

async function untilItValidates(server: OwnServer): Promise<string> {
  let id = "";
  await untilTrue("the repair is being validated", async () => {
    const [run] = await server.runsOf("shop");
    if (run === undefined) return false;
    id = run.id;
    const last = (await server.store.runs.steps(run.id)).at(-1);
    return last?.node === "validate" && last.phase === "start";
  });
  return id;
}

const outcomes = async (server: OwnServer) =>
  (await server.runsOf("shop")).map((one) => `${one.status} ${one.outcome}`);

describe("a server", () => {
  it("stops in the middle of a run, and the next one ends it without doing anything twice", async () => {
    await using first = await openServer({
      services,
      store: "folder",
      healing: { validate: { for: "60s" } },
    });
    await first.well("shop");
    await first.killService("shop");
    const id = await untilItValidates(first);
    expect(first.starts("shop")).toBe(2);
    const pid = first.supervisor.pidOf("shop");

    await using next = await first.restarted({ healing: { validate: { for: "1s" } } });

    await untilTrue("the run has ended", async () => (await next.store.runs.get(id))?.status === "ended");
    expect(await outcomes(next)).toEqual(["ended healed"]);
    expect(next.starts("shop")).toBe(2);
    expect(next.supervisor.pidOf("shop"), "the service went on all the time").toBe(pid);
    expect(await next.store.journal.unfinished()).toEqual([]);
    expect(await next.store.leases.held()).toEqual([]);
    const nodes = (await next.store.runs.steps(id)).filter((one) => one.phase === "start");
    expect(nodes.filter((one) => one.node === "apply")).toHaveLength(1);
    expect(nodes.filter((one) => one.node === "validate")).toHaveLength(2);
  });

  it("ends at once where nothing goes on, and however often it is told", async () => {
    await using server = await openServer({ services });
    await server.well("shop");
    await Promise.all([server.stop(), server.body.stop()]);
    expect(server.supervisor.running("shop"), "the service is not opsmedic's to stop").toBeDefined();
  });

  it("takes up what waits for a decision without beginning a run of its own", async () => {
    await using server = await openServer({ services, healing: { mode: "approve" } });
    await server.well("shop");
    await server.killService("shop");
    await untilTrue("somebody is asked", async () => (await outcomes(server)).includes("waiting null"));
    const [asked] = await server.store.approvals.list({ status: "pending", limit: 5 });
    if (!asked) throw new Error("nothing waits for a decision");
    const decision = { by: "ada", reason: "go on", planHash: asked.planHash };
    const decided = await server.store.approvals.decide(asked.id, { decision: "approve", ...decision });

    // As after a doubled click, or a job that came twice.
    for (let times = 0; times < 3; times += 1) await server.body.healer.resumeApproval(decided);
    await untilTrue("it is healed", async () => (await outcomes(server)).includes("ended healed"));
    await server.body.healer.resumeApproval(decided);
    await untilTrue("no job is left", async () => (await server.body.queue.waiting()) === 0);
    await server.stopJobs();

    expect(await outcomes(server)).toEqual(["ended healed"]);
    expect(server.starts("shop")).toBe(2);
  });

  it("withdraws its question when somebody has done the same and all is well, and scores what it would have done", async () => {
    await using server = await openServer({ services, healing: { mode: "approve" } });
    await server.well("shop");
    await server.killService("shop");
    await untilTrue("somebody is asked", async () => (await outcomes(server)).includes("waiting null"));
    const [asked] = await server.store.approvals.list({ status: "pending", limit: 5 });
    expect(server.published.filter((one) => one.data["link"] === asked?.link)).toHaveLength(1);

    await server.targets.of("shop")?.start(); // by hand

    await untilTrue("the run has ended", async () =>
      (await outcomes(server)).includes("ended no-longer-needed"),
    );
    expect(await server.store.approvals.list({ limit: 5 })).toMatchObject([{ status: "withdrawn" }]);
    expect(server.starts("shop")).toBe(2);
    await untilTrue("what it would have done is scored", async () => {
      const [decision] = await server.store.decisions.list({ limit: 1 });
      return decision?.outcome === "right" && decision.ending === "same-done";
    });
    expect(await server.store.incidents.list({ status: "ACTIVE", limit: 5 })).toEqual([]);
  });

  it("keeps a trouble that lasts in one incident, however many runs look at it, until the service is well", async () => {
    await using server = await openServer({
      services: (folder) => [
        { name: "partner", health: [{ exec: ["/bin/sh", "-c", `! test -e ${mark(folder)}`] }] },
      ],
      healing: { validate: { for: "1s" }, breaker: { cooldown: "1s" } },
    });
    await server.well("partner");
    writeFileSync(mark(server.folder), "");
    await untilTrue("two runs have ended in vain", async () => {
      const runs = await server.runsOf("partner");
      return runs.filter((one) => one.outcome === "escalated").length >= 2;
    });
    const runs = await server.runsOf("partner");
    expect(new Set(runs.map((one) => one.incidentId)).size).toBe(1);
    expect(await server.store.incidents.list({ limit: 9 })).toMatchObject([
      { status: "ESCALATED", id: runs[0]?.incidentId, strategy: "AI_POWERED" },
    ]);

    rmSync(mark(server.folder));
    await untilTrue("it is over", async () => {
      const [incident] = await server.store.incidents.list({ limit: 9 });
      return incident?.status === "RESOLVED";
    });
  });

  it("watches the others though one service cannot be started, and says why of that one", async () => {
    const said: string[] = [];
    await using server = await openServer({
      services: (folder) => [
        sleeper("lost", { runtime: { process: { command: ["/bin/true"], cwd: `${folder}/nowhere` } } }),
        sleeper("shop"),
      ],
      onLog: (line) => said.push(line),
    });
    await server.well("shop");
    await untilTrue("the other one is told", () => server.findingsOf("lost").length > 0);
    expect(server.findingsOf("lost")).toMatchObject([{ summary: "lost was never started." }]);
    expect(said.join()).toContain(`there is no folder ${server.folder}/nowhere`);
  });
});
