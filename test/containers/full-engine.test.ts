// The disk of a Docker engine is full, for real: what its owner gives up goes, a copy is kept until that has proved itself,
// and nothing that looks like it is touched.
import { readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { clearsOf } from "../../agents/plan-clears.ts";
import { makeRestore } from "../../api/restore.ts";
import { openScenario, untilTrue } from "../scenarios/site.ts";
import { engineStartable, openEngine, type OwnEngine } from "./own-engine.ts";

const MB = 1024 * 1024;
const LONG_AGO = "2026-01-05T12:00:00Z";
/** Keeps the last order, of 4 MB; ends where it cannot keep a new one, and leaves no half of it behind. */
const program = `last=a; next=b
while true; do
  cat /content > /order-$next || { rm -f /order-$next; exit 1; }
  rm -f /order-$last
  echo "INFO took an order"
  swap=$last; last=$next; next=$swap
  sleep 0.5
done`;

/** Others take what is left, but for a rest that is too small for an order. */
function fill({ disk }: OwnEngine): void {
  const { bavail, bsize } = statfsSync(disk);
  const room = Math.max(0, bavail * bsize - 3 * MB);
  writeFileSync(join(disk, "others"), Buffer.alloc(room, 1), { flag: "a" });
}

describe.skipIf(!engineStartable)("the full disk of a Docker engine", () => {
  it("has room again once images went that nobody uses and the owner gives up", async () => {
    const engine = await openEngine(128);
    onTestFinished(() => engine[Symbol.asyncDispose]());
    await using site = await openScenario({
      dockerHost: engine.address,
      services: () => [
        {
          name: "orders",
          runtime: { docker: { container: "orders" } },
          logs: ["docker"],
          cleanUp: { images: { olderThan: "7d", label: "given.up" } },
        },
      ],
    });
    const old = { label: "given.up", created: LONG_AGO };
    // To hand it out for a copy, the engine would need more room than there will ever be.
    const largest = await engine.load({ name: "shop/old:largest", bytes: 50 * MB, ...old });
    const gone: string[] = [];
    for (const megabytes of [1, 2, 4, 8, 16])
      gone.push(await engine.load({ name: `shop/old:${megabytes}`, bytes: megabytes * MB, ...old }));
    const kept = [
      await engine.load({ name: "shop/used:1", bytes: MB, ...old }),
      await engine.load({ name: "shop/other:1", bytes: MB, created: LONG_AGO }),
      await engine.load({
        name: "shop/young:1",
        bytes: MB,
        label: "given.up",
        created: new Date().toISOString(),
      }),
    ];
    await engine.docker("create", "--network=none", "--name=used", "shop/used:1");
    await engine.load({ name: "shop/orders:1", bytes: 4 * MB, shell: true, created: LONG_AGO });
    await engine.docker(
      "create",
      "--network=none",
      "--name=orders",
      "shop/orders:1",
      "/bin/sh",
      "-c",
      program,
    );
    await engine.docker("start", "orders");
    await site.settle("orders");
    await untilTrue("it has ended", async () => {
      fill(engine);
      return (await site.state("orders")).status === "exited";
    });
    await site.sees("orders", "exited");

    const dry = await site.heal("orders", { dryRun: true });
    const [clears] = clearsOf((await site.incident(dry?.id)).plan);
    expect(clears?.items.map((one) => one.what.split(":")[1]).toSorted()).toEqual([
      "1",
      "16",
      "2",
      "4",
      "8",
      "largest",
    ]);
    expect(clears?.bytes).toBeGreaterThanOrEqual(81 * MB);

    const run = await site.heal("orders");

    const incident = await site.incident(run?.id);
    const told = [incident.noPlan, incident.validation?.summary, incident.application?.steps];
    expect({ outcome: run?.outcome, told }).toMatchObject({ outcome: "healed" });
    expect(incident).toMatchObject({
      plan: { playbook: "volume-full", actions: [{ action: "remove-images" }, { action: "start" }] },
      verdict: { decision: "allow" },
    });
    expect(await site.state("orders")).toMatchObject({ status: "running" });
    const ids = async () => (await engine.docker("images", "-q", "--no-trunc")).split("\n");
    const left = await ids();
    expect(left).toEqual(expect.arrayContaining([...kept, largest]));
    expect(left.filter((one) => gone.includes(one))).toEqual([]);
    expect(incident.application?.steps[0]?.text).toContain(
      "5 of 6 images went; 1 stay: no copy could be made",
    );

    // By hand all of it can be had back, once there is room for it.
    rmSync(join(engine.disk, "others"));
    const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "ada" });
    expect(restored).toMatchObject({ restored: true });
    expect(await ids()).toEqual(expect.arrayContaining(gone));
  });

  it("has room again once containers went that have ended and the owner gives up", async () => {
    const engine = await openEngine(128);
    onTestFinished(() => engine[Symbol.asyncDispose]());
    await using site = await openScenario({
      dockerHost: engine.address,
      services: () => [
        {
          name: "orders",
          runtime: { docker: { container: "orders" } },
          logs: ["docker"],
          cleanUp: { containers: { olderThan: "7d", label: "given.up" } },
        },
      ],
    });
    await engine.load({ name: "shop/job:1", bytes: 4 * MB, shell: true, created: LONG_AGO });
    const create = (name: string, command: string, ...flags: string[]) =>
      engine.docker(
        "create",
        "--network=none",
        "--name",
        name,
        ...flags,
        "shop/job:1",
        "/bin/sh",
        "-c",
        command,
      );
    const label = ["--label", "given.up"];
    const job = "cat /content > /srv-copy; echo done";
    const [jobs, decoys] = [
      ["job-1", "job-2", "job-3"],
      ["young", "other", "up", "comes-up"],
    ];
    for (const name of jobs) await create(name, job, ...label);
    await create("young", job, ...label);
    await create("other", job);
    await create("comes-up", job, ...label, "--restart", "on-failure");
    await engine.docker("start", "-a", "other");
    for (const name of [...jobs, "young", "comes-up"]) await engine.docker("start", "-a", name);
    await engine.endedLongAgo([...jobs, "other", "comes-up"], LONG_AGO);
    await create("up", "sleep 600", ...label);
    await engine.docker("start", "up");
    await create("orders", program);
    await engine.docker("start", "orders");
    await site.settle("orders");
    await untilTrue("it has ended", async () => {
      fill(engine);
      return (await site.state("orders")).status === "exited";
    });
    await site.sees("orders", "exited");
    const decoyIds = async () =>
      Promise.all(decoys.map((name) => engine.docker("inspect", "-f", "{{.Id}} {{.State.Status}}", name)));
    const before = await decoyIds();

    const dry = await site.heal("orders", { dryRun: true });
    const [clears] = clearsOf((await site.incident(dry?.id)).plan);
    expect(clears?.items.map((one) => one.what).toSorted()).toEqual(jobs);
    for (const one of clears?.items ?? []) expect(one.bytes).toBeGreaterThanOrEqual(4 * MB);

    const run = await site.heal("orders");

    const incident = await site.incident(run?.id);
    const told = [incident.noPlan, incident.validation?.summary, incident.application?.steps];
    expect({ outcome: run?.outcome, told }).toMatchObject({ outcome: "healed" });
    expect(incident).toMatchObject({
      plan: { playbook: "volume-full", actions: [{ action: "remove-containers" }, { action: "start" }] },
      verdict: { decision: "allow" },
    });
    expect(await site.state("orders")).toMatchObject({ status: "running" });
    const names = async () =>
      (await engine.docker("ps", "-a", "--format", "{{.Names}}")).split("\n").toSorted();
    expect(await names()).toEqual([...decoys, "orders"].toSorted());
    expect(await decoyIds()).toEqual(before);

    // By hand all of it can be had back, once there is room for it.
    rmSync(join(engine.disk, "others"));
    const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "ada" });
    expect(restored).toMatchObject({ restored: true });
    expect(await names()).toEqual([...decoys, ...jobs, "orders"].toSorted());
    for (const name of jobs) {
      const [written, content] = [join(site.folder, name), join(site.folder, "content")];
      await engine.docker("cp", `${name}:/srv-copy`, written);
      await engine.docker("cp", `${name}:/content`, content);
      expect(readFileSync(written).equals(readFileSync(content))).toBe(true);
    }
  });
});
