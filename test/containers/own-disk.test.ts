// A container fills the disk that its owner has mounted into it, under another name than it has on this machine: what
// the owner gives up there goes, and nothing else does.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { mountable, mountTmpfs } from "../acting/small-file-system.ts";
import { openScenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { openYard } from "./yard.ts";

/** Takes small orders, and after a rush fills its disk with them. */
const shop = (onTrouble: string): string => `
  const { appendFileSync, existsSync, rmSync } = require("node:fs");
  const take = (bytes) => appendFileSync("/data/orders", Buffer.alloc(bytes, 1));
  setInterval(() => {
    try {
      if (existsSync("/data/rush")) { rmSync("/data/rush"); for (;;) take(65536); }
      take(100);
      console.log("INFO took an order");
    } catch (error) { console.error("ERROR " + error.message); ${onTrouble} }
  }, 50);`;

/** Has an old file of the shop open, under a name of its own. */
const READER = `require("node:fs").openSync("/shop/tmp/held.csv", "r"); console.log("open"); setInterval(() => 0, 1000);`;

function openDisk() {
  const place = mkdtempSync(join(tmpdir(), "opsmedic-own-disk-"));
  const unmount = mountTmpfs(place, "size=4m,mode=755");
  onTestFinished(() => {
    unmount();
    rmSync(place, { recursive: true, force: true });
  });
  for (const name of ["tmp", "keep"]) mkdirSync(join(place, name));
  const old = (name: string, bytes: number): void => {
    writeFileSync(join(place, name), Buffer.alloc(bytes, 1));
    utimesSync(join(place, name), 1_700_000_000, 1_700_000_000);
  };
  old("tmp/export.csv", 900_000);
  old("tmp/held.csv", 50_000);
  old("keep/contract.csv", 50_000);
  writeFileSync(join(place, "tmp/today.csv"), Buffer.alloc(50_000, 1));
  return place;
}

describeWith("docker", "a container whose own disk is full", () => {
  it.skipIf(!mountable).each([
    ["and which goes on in vain", "", "log-errors", ["free-space"]],
    ["and which has ended", "process.exit(1);", "exited", ["free-space", "start"]],
  ] as const)("%s", async (_what, onTrouble, symptom, actions) => {
    const disk = openDisk();
    // Other folders of this machine, too, whose disk has room: in the container all of them are below its own "/".
    const folders = mkdtempSync(join(tmpdir(), "opsmedic-folders-"));
    onTestFinished(() => rmSync(folders, { recursive: true, force: true }));
    const others = ["settings", "cache", "spool"].flatMap((name) => ["-v", `${folders}/${name}:/${name}`]);
    await using yard = openYard();
    const flags = ["-v", `${disk}:/data`, ...others];
    const container = await yard.run("orders", { program: shop(onTrouble), flags });
    await yard.run("reader", { program: READER, flags: ["-v", `${disk}:/shop:ro`] });
    await using site = await openScenario({
      services: () => [
        {
          name: "orders",
          runtime: { docker: { container } },
          logs: ["docker"],
          cleanUp: { temporary: [{ files: `${disk}/tmp/**`, olderThan: "7d" }] },
        },
      ],
    });
    await site.settle("orders");
    const before = await yard.inspect("orders");
    writeFileSync(join(disk, "rush"), "");
    await site.sees("orders", symptom);

    const run = await site.heal("orders");

    const incident = await site.incident(run?.id);
    const told = [incident.noPlan, incident.validation?.summary];
    expect({ outcome: run?.outcome, told }).toMatchObject({ outcome: "healed" });
    expect(incident).toMatchObject({
      plan: { playbook: "volume-full", actions: actions.map((action) => ({ action })) },
      verdict: { decision: "allow" },
    });
    expect(incident.plan?.title).toContain("1 more with 49 KiB stay, since a program has them open");
    expect(incident.diagnosis?.hypotheses[0]?.cause).toContain(disk);
    expect(readdirSync(join(disk, "tmp")).toSorted()).toEqual(["held.csv", "today.csv"]);
    expect(existsSync(join(disk, "keep/contract.csv"))).toBe(true);
    const { bavail, blocks } = statfsSync(disk);
    expect(bavail / blocks).toBeGreaterThan(0.15);
    const after = await yard.inspect("orders");
    expect([after.Id, after.State.Running]).toEqual([before.Id, true]);
    const taken = () => statSync(join(disk, "orders")).size;
    const then = taken();
    await untilTrue("it takes orders again", () => taken() > then);
  });
});
