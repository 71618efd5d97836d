// A run that is sure of a cause and then sees its prediction fail: it looks once more, and leaves it to a human. Nothing is
// touched. The cause is a playbook of the user's own, read from opsmedic.d as any other.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { openScenario } from "./site.ts";
import { freePort, program } from "./surroundings.ts";

/** It predicts what a process that has ended never does. */
const WRONG = `
id: process-crash
replaces: process-crash
title: It crashed, and yet it runs
vocabulary: [crash]
appliesTo: [exited]
cause: "It ended ({ended})."
prior: 3800
checks:
  - id: ended
    question: Has it ended?
    observe: exit-status
    expect: { is: exited }
    weight: 3000
    against: 9000
    discriminates: [hang]
  - id: not-on-purpose
    question: Did nobody stop it on purpose?
    observe: stopped-by-operator
    expect: { is: false }
    weight: 2200
    against: 8000
predicts:
  - id: runs
    question: Does it run?
    observe: exit-status
    expect: { is: running }
fixes:
  - id: start
    title: Start it
    class: restart
    risk: low
    actions: [{ action: start }]
  - id: human
    title: Look at it
    class: human
    risk: low
    actions: []
`;

async function openShop(playbook?: string) {
  const port = String(await freePort());
  const site = await openScenario({
    services: () => [
      {
        name: "web",
        runtime: { process: { command: program("web"), env: { PORT: port } } },
        health: [{ http: `http://127.0.0.1:${port}/`, timeout: "1s" }],
      },
    ],
    prepare: (folder) => {
      if (playbook === undefined) return;
      mkdirSync(join(folder, "opsmedic.d"));
      writeFileSync(join(folder, "opsmedic.d", "process-crash.yaml"), playbook);
    },
  });
  await site.start("web");
  await site.settle("web");
  process.kill(site.supervisor.pidOf("web")!, "SIGKILL");
  await vi.waitFor(() => expect(site.supervisor.running("web")).toBeUndefined());
  return site;
}

it("does nothing when the prediction of its cause is refuted, looks once more, and tells a human", async () => {
  await using site = await openShop(WRONG);
  const run = await site.heal("web");
  expect(run).toMatchObject({ status: "ended", outcome: "escalated" });
  expect(run?.report).toMatch(
    /Not carried out: what the cause predicts does not hold \(exited with code 137\), 2 times/,
  );
  const ended = (await site.store.runs.steps(run!.id)).filter((one) => one.phase === "end");
  const count = (node: string): number => ended.filter((one) => one.node === node).length;
  expect([count("observe"), count("gate"), count("confirm"), count("backUp")]).toEqual([2, 2, 2, 0]);
  expect(await site.store.journal.ofRun(run!.id)).toEqual([]);
  expect(site.supervisor.running("web")).toBeUndefined();
});

it("heals as before when it holds, and tells what it looked at", async () => {
  await using site = await openShop();
  const run = await site.heal("web");
  expect(run).toMatchObject({ outcome: "healed" });
  const incident = await site.incident(run!.id);
  expect(incident.confirmation).toMatchObject({
    outcome: "held",
    planId: incident.plan?.id,
    checks: [{ id: "still-down", verdict: "held" }],
  });
});
