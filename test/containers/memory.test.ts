// Memory: a limit that was always too low is raised by a step, a leak is not fed but restarted.
import { expect, it } from "vitest";
import { makeRestore } from "../../api/restore.ts";
import { openScenario } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { EATS_AT_START, EATS_ONCE, LEAKS } from "./programs.ts";
import { docker, openYard, type Yard } from "./yard.ts";

const MIB = 1024 * 1024;
const limits = (mib: number): string[] => ["--memory", `${mib}m`, "--memory-swap", `${mib}m`];

/** It may have 200 MB, and needs more to start. It has died of it before opsmedic ever looked. */
async function openEater(yard: Yard, maxMemory = "600m") {
  const container = await yard.run("eater", { program: EATS_AT_START, flags: limits(200) });
  await yard.ends("eater");
  const service = { name: "eater", runtime: { docker: { container } }, limits: { maxMemory } };
  return openScenario({ services: () => [service] });
}

describeWith("docker", "a container and its memory", () => {
  it("gets half as much again when its limit was too low to start, and can have that taken back", async () => {
    await using yard = openYard();
    await using site = await openEater(yard);
    await site.sees("eater", "oom-killed");

    const run = await site.heal("eater");

    expect(run).toMatchObject({ outcome: "healed" });
    expect(await yard.inspect("eater")).toMatchObject({
      State: { Running: true },
      HostConfig: { Memory: 300 * MIB, MemorySwap: 300 * MIB },
    });
    const incident = await site.incident(run?.id);
    expect(incident.plan).toMatchObject({
      playbook: "oom-limit-too-low",
      actions: [{ action: "set-memory-limit", params: { bytes: 300 * MIB } }, { action: "start" }],
    });

    // What it uses now does not fit into the old limit: its operator stops it first.
    await docker("stop", yard.name("eater"));
    const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "test" });
    expect(restored).toMatchObject({ restored: true });
    expect(await yard.inspect("eater")).toMatchObject({
      State: { Running: false },
      HostConfig: { Memory: 200 * MIB, MemorySwap: 200 * MIB },
    });
  });

  it("never gets more than its owner allows", async () => {
    await using yard = openYard();
    await using site = await openEater(yard, "200m");
    await site.sees("eater", "oom-killed");
    const run = await site.heal("eater");
    expect(run?.outcome).not.toBe("healed");
    expect(await yard.inspect("eater")).toMatchObject({
      HostConfig: { Memory: 200 * MIB, MemorySwap: 200 * MIB },
    });
  });

  it("is started again as it is where its owner says nothing of more", async () => {
    await using yard = openYard();
    const container = await yard.run("once", { program: EATS_ONCE, flags: limits(200) });
    await yard.ends("once");
    const service = { name: "once", runtime: { docker: { container } } };
    await using site = await openScenario({ services: () => [service] });
    await site.sees("once", "oom-killed");
    const run = await site.heal("once");
    expect(run).toMatchObject({ outcome: "healed" });
    expect((await site.incident(run?.id)).plan).toMatchObject({
      playbook: "oom-limit-too-low",
      actions: [{ action: "start" }],
    });
    expect(await yard.inspect("once")).toMatchObject({
      State: { Running: true },
      HostConfig: { Memory: 200 * MIB },
    });
  });

  it("is restarted, not given more, when it leaks", async () => {
    await using yard = openYard();
    const container = yard.name("leaky");
    const service = { name: "leaky", runtime: { docker: { container } }, limits: { maxMemory: "600m" } };
    await using site = await openScenario({ services: () => [service] });
    await yard.run("leaky", { program: LEAKS, flags: limits(160) });
    const before = await yard.inspect("leaky");
    await site.sees("leaky", "memory");

    const run = await site.heal("leaky");

    expect((await site.incident(run?.id)).plan).toMatchObject({
      playbook: "memory-leak",
      actions: [{ action: "restart" }],
    });
    expect(run).toMatchObject({ outcome: "healed" });
    const after = await yard.inspect("leaky");
    expect(after.State.StartedAt).not.toBe(before.State.StartedAt);
    expect(after.HostConfig).toEqual(before.HostConfig);
  });
});
