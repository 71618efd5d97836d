// A process that runs and has gone bad: it hangs, burns CPU, leaks memory, or errs. A fresh start clears it.
import { describe, expect, it } from "vitest";
import type { FindingKind } from "../../domain/finding.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { LONG_RUNNING_MS, openShop, type Shop } from "./shop.ts";

interface Story {
  kind: FindingKind;
  playbook: string;
  break: (site: Shop) => Promise<void>;
}

async function isRestartedOnce(site: Shop, { kind, playbook, break: breakIt }: Story): Promise<void> {
  await breakIt(site);
  await site.sees("web", kind);
  const run = await site.heal("web");
  const incident = await site.incident(run?.id);
  expect({ outcome: run?.outcome, because: incident.diagnosis?.explanation }).toEqual({
    outcome: "healed",
    because: expect.any(String) as string,
  });
  expect(incident).toMatchObject({
    findings: [{ kind }],
    plan: { playbook, actions: [{ action: "restart" }] },
    verdict: { decision: "allow" },
  });
  expect(site.starts("web")).toBe(2);
  await site.settle("web");
  expect((await site.heal("web"))?.outcome).toBe("healthy");
}

/** It may be told to read its settings again. */
function reloads(folder: string): object {
  return { files: { root: `${folder}/web`, editable: ["*"], afterEdit: { reload: "HUP" } } };
}

describe("a process that has gone bad", () => {
  it("is restarted when it was stopped by a signal", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS });
    await isRestartedOnce(site, {
      kind: "hung",
      playbook: "hang",
      break: (shop) => shop.kill("web", "SIGSTOP"),
    });
  });

  it("is restarted when its event loop is blocked", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS });
    await isRestartedOnce(site, { kind: "hung", playbook: "hang", break: (shop) => shop.become("blocked") });
  });

  it("is restarted when it answers errors out of a broken state", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS });
    await isRestartedOnce(site, {
      kind: "error-rate",
      playbook: "degraded-process",
      break: (shop) => shop.become("failing"),
    });
  });

  it("is told to read its settings again, where that is known, and runs on when it helps", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS, web: reloads });
    await site.become("failing-until-reload");
    await site.sees("web", "error-rate");
    const run = await site.heal("web");
    expect(run).toMatchObject({ outcome: "healed" });
    expect(await site.incident(run?.id)).toMatchObject({
      attempts: [
        { plan: { class: "reload", actions: [{ action: "reload", params: { signal: "SIGHUP" } }] } },
      ],
    });
    expect(site.starts("web")).toBe(1);
  });

  it("is restarted only after such a reload did not help", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS, web: reloads });
    await site.become("failing");
    await site.sees("web", "error-rate");
    const run = await site.heal("web");
    expect(run).toMatchObject({ outcome: "healed" });
    expect(await site.incident(run?.id)).toMatchObject({
      attempts: [
        { plan: { class: "reload" }, validation: { outcome: "not-healed" } },
        { plan: { class: "restart" }, validation: { outcome: "healed" } },
      ],
    });
    expect(site.starts("web")).toBe(2);
  });

  it("is restarted when something inside burns the CPU, and it has no more to do", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS, under: ["taskset", "-c", "0"] });
    await isRestartedOnce(site, {
      kind: "cpu",
      playbook: "cpu-runaway",
      async break(shop) {
        // What it usually has to do must have been seen, to tell that it is no more than that.
        for (let count = 0; count < 15; count += 1) {
          await shop.look("web");
          await systemClock.sleep(150);
        }
        await shop.become("spinning");
      },
    });
  });

  it("is escalated when a restart does not free it, and not restarted again", async () => {
    await using site = await openShop({
      aged: LONG_RUNNING_MS,
      env: (folder) => ({ MARK: `${folder}/mark` }),
    });
    site.write("mark", "blocked");
    await site.become("blocked");
    await site.sees("web", "hung");
    expect(await site.heal("web")).toMatchObject({ outcome: "rolled-back" });
    expect(await site.casesOf("web")).toMatchObject([{ playbook: "hang", outcome: "not-healed" }]);
    expect(await site.incidentsOf("web")).toMatchObject([{ status: "ESCALATED" }]);

    site.age("web", LONG_RUNNING_MS);
    await site.sees("web", "hung");
    expect(await site.heal("web")).toMatchObject({ outcome: "escalated" });
    expect(site.starts("web")).toBe(2);
  });

  it("is restarted when its memory grows to its limit", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS, web: { limits: { maxMemory: "250m" } } });
    await isRestartedOnce(site, {
      kind: "memory",
      playbook: "memory-leak",
      break: (shop) => shop.become("leaking"),
    });
  });
});
