// The thinnest whole path: a real process is killed, found, explained, gated, backed up, restarted, proved, remembered.
import { createServer } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { describeWith } from "../services-available.ts";
import { openScenario, type Scenario } from "./site.ts";
import type { StoreKind } from "../knowledge/open-test-store.ts";

const WEB = `require("node:http").createServer((q, a) => a.end("ok")).listen(process.env.PORT, "127.0.0.1")`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function openShop(store: StoreKind): Promise<Scenario> {
  const port = await freePort();
  const site = await openScenario({
    store,
    services: () => [
      {
        name: "web",
        runtime: { process: { command: [process.execPath, "-e", WEB], env: { PORT: String(port) } } },
        health: [{ http: `http://127.0.0.1:${port}/`, timeout: "1s" }],
        logs: [],
      },
    ],
  });
  await site.start("web");
  await site.settle("web");
  return site;
}

function crashIsHealed(store: StoreKind): void {
  it("heals a killed process and tells the whole story", async () => {
    await using site = await openShop(store);
    const before = await site.targets.of("web")!.state();
    process.kill(site.supervisor.pidOf("web")!, "SIGKILL");
    await vi.waitFor(() => expect(site.supervisor.running("web")).toBeUndefined());

    const run = await site.heal("web");

    expect(run).toMatchObject({ status: "ended", outcome: "healed" });
    const after = await site.targets.of("web")!.state();
    expect(after).toMatchObject({ status: "running" });
    expect(after.instance).not.toBe(before.instance);
    const incident = await site.incident(run!.id);
    expect(incident).toMatchObject({
      findings: [{ kind: "exited", service: "web" }],
      strategy: "IMMEDIATE_FIX",
      verdict: { decision: "allow" },
      validation: { outcome: "healed" },
    });
    const [top] = incident.diagnosis!.hypotheses;
    expect(top).toMatchObject({ playbook: "process-crash", service: "web", discriminated: true });
    expect(top!.addends.reduce((sum, one) => sum + one.points, 0)).toBe(top!.scoreBp);
    const journal = await site.opened.store.journal.ofRun(run!.id);
    expect(journal.map((one) => one.state)).toEqual(["verified"]);
    expect(await site.backups.verify(incident.backupId!)).toEqual({ ok: true, problems: [] });
    expect(await site.opened.store.incidents.get(incident.incidentId!)).toMatchObject({
      status: "RESOLVED",
    });
    expect(await site.opened.store.cases.stats()).toMatchObject({ total: { total: 1, successes: 1 } });
    // What was lived through is found again by its symptom, and shown to whoever reads the next diagnosis.
    const [{ summary } = { summary: "" }] = incident.findings;
    const similar = await site.knowledge.similar({ text: summary, targetKind: "process", limit: 3 });
    expect(similar[0]).toMatchObject({
      playbook: "process-crash",
      outcome: "healed",
      runId: run!.id,
      service: "web",
    });
    const again = await site.heal("web", { dryRun: true });
    expect(again).toMatchObject({ outcome: "healthy" });
  });

  it("does nothing to a healthy service", async () => {
    await using site = await openShop(store);
    const { instance } = await site.targets.of("web")!.state();
    expect(await site.heal("web")).toMatchObject({ status: "ended", outcome: "healthy" });
    expect((await site.targets.of("web")!.state()).instance).toBe(instance);
  });

  it("leaves alone what its operator stopped", async () => {
    await using site = await openShop(store);
    await site.supervisor.stop("web");
    expect(await site.heal("web")).toMatchObject({ outcome: "healthy" });
    expect(await site.targets.of("web")!.state()).toMatchObject({
      status: "exited",
      stoppedByOperator: true,
    });
  });

  it("changes nothing in a dry run", async () => {
    await using site = await openShop(store);
    process.kill(site.supervisor.pidOf("web")!, "SIGKILL");
    await vi.waitFor(() => expect(site.supervisor.running("web")).toBeUndefined());
    const run = await site.heal("web", { dryRun: true });
    expect(run).toMatchObject({ outcome: "dry-run" });
    expect(await site.incident(run!.id)).toMatchObject({ verdict: { decision: "allow" }, application: null });
    expect(await site.targets.of("web")!.state()).toMatchObject({ status: "exited" });
    expect(await site.opened.store.journal.ofRun(run!.id)).toEqual([]);
  });
}

describe("a crash, on the embedded store", () => {
  crashIsHealed("pglite");
});
describeWith("postgres", "a crash, on a PostgreSQL server", () => {
  crashIsHealed("postgres");
});
