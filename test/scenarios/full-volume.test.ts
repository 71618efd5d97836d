// The file system that a service writes to is full, for real: what its owner gives up is cleared, a copy is kept until
// that has proved itself, and nothing else is touched.
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { clearsOf } from "../../agents/plan-clears.ts";
import { makeRestore } from "../../api/restore.ts";
import { mountable, mountTmpfs } from "../acting/small-file-system.ts";
import { openScenario } from "./site.ts";

// Writes an order each moment; ends where it cannot, as many do.
const program = `
  const { appendFileSync } = require("node:fs");
  setInterval(() => {
    try { appendFileSync(process.argv[1] + "/orders", "an order ".repeat(500)); console.log("INFO took an order"); }
    catch (error) { console.error("ERROR " + error.message); process.exit(1); }
  }, 50);`;

async function openShop({ cleanUp = true } = {}) {
  // Beside the site's own folder: opsmedic's records have room.
  const data = mkdtempSync(join(tmpdir(), "opsmedic-volume-"));
  const unmount = mountTmpfs(data, "size=4m");
  onTestFinished(() => {
    unmount();
    rmSync(data, { recursive: true, force: true });
  });
  const site = await openScenario({
    prepare: (folder) => {
      for (const name of ["logs", "tmp", "settings"]) mkdirSync(join(data, name));
      symlinkSync(data, join(folder, "data"));
      writeFileSync(join(data, "settings/app.json"), "{}");
    },
    services: () => [
      {
        name: "orders",
        runtime: {
          process: { command: [process.execPath, "-e", program, data], cwd: data },
        },
        files: { root: data, editable: ["settings/*.json"] },
        ...(cleanUp && {
          cleanUp: {
            logs: [{ files: `${data}/logs/*.log*`, olderThan: "1d" }],
            temporary: [{ files: `${data}/tmp/**`, olderThan: "7d" }],
          },
        }),
      },
    ],
  });
  const put = (name: string, content: string, daysOld: number): void => {
    site.write(`data/${name}`, content);
    const at = Date.now() / 1_000 - daysOld * 86_400;
    utimesSync(site.path(`data/${name}`), at, at);
  };
  put("logs/app.log.1", "an old line\n".repeat(150_000), 3);
  put("logs/app.log", "a line of today\n".repeat(1_000), 0);
  put("tmp/export.csv", "1;2;3\n".repeat(50_000), 9);
  await site.start("orders");
  await site.settle("orders");
  fillUp(site.path("data/big"));
  await site.sees("orders", "exited");
  return { site, data, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
}

function fillUp(path: string): void {
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size, 1), { flag: "a" });
    } catch (error) {
      if (!String(error).includes("ENOSPC")) throw error;
    }
  }
}

/** Each order is a file of its own, as sessions and spools are; what it may not lose is beside. */
const spooler = `
  const { writeFileSync } = require("node:fs");
  let n = 0;
  setInterval(() => {
    try { writeFileSync(process.argv[1] + "/spool/order-" + ++n, "an order"); console.log("INFO took an order"); }
    catch (error) { console.error("ERROR " + error.message); process.exit(1); }
  }, 50);`;

/** Room enough, but a few hundred file entries; most are old sessions that a rule gives up. */
async function openSpooler() {
  const data = mkdtempSync(join(tmpdir(), "opsmedic-entries-"));
  const elsewhere = mkdtempSync(join(tmpdir(), "opsmedic-elsewhere-"));
  const unmount = mountTmpfs(data, "size=8m,nr_inodes=400");
  onTestFinished(() => {
    unmount();
    for (const one of [data, elsewhere]) rmSync(one, { recursive: true, force: true });
  });
  const long = Date.now() / 1_000 - 9 * 86_400;
  const put = (path: string): string => {
    writeFileSync(path, "old");
    utimesSync(path, long, long);
    return path;
  };
  for (const name of ["sessions", "spool", "keep"]) mkdirSync(join(data, name));
  for (let n = 0; n < 250; n += 1) put(join(data, "sessions", `sess_${n}`));
  // What looks like a session and is not its owner's to give: a link to elsewhere, a second name, one that is in use.
  const outside = put(join(elsewhere, "sess_outside"));
  symlinkSync(outside, join(data, "sessions", "sess_link"));
  symlinkSync(elsewhere, join(data, "sessions", "sess_folder"));
  linkSync(put(join(data, "keep", "contract")), join(data, "sessions", "sess_contract"));
  const open = openSync(put(join(data, "sessions", "sess_open")), "r");
  onTestFinished(() => closeSync(open));
  put(join(data, "keep", "sess_kept"));
  const site = await openScenario({
    services: () => [
      {
        name: "orders",
        runtime: { process: { command: [process.execPath, "-e", spooler, data], cwd: data } },
        cleanUp: { temporary: [{ files: `${data}/sessions/**`, olderThan: "7d" }] },
      },
    ],
  });
  expect(() => {
    for (let n = 0; ; n += 1) writeFileSync(join(data, "spool", `waiting-${n}`), "");
  }).toThrow("ENOSPC");
  await site.start("orders");
  await site.sees("orders", "exited");
  return { site, data, outside, [Symbol.asyncDispose]: () => site[Symbol.asyncDispose]() };
}

describe.skipIf(!mountable)("a volume without file entries", () => {
  it("has some again, and nothing went that only looks as if it might", async () => {
    await using shop = await openSpooler();
    const { site, data, outside } = shop;
    const dry = await site.heal("orders", { dryRun: true });
    const planned = (await site.incident(dry?.id)).plan;
    expect(planned?.title).toMatch(/250 files .*; 1 more with 3 B stay, since a program has them open/);
    expect(clearsOf(planned)).toMatchObject([{ action: "free-space", files: 250, bytes: 750 }]);
    expect(readdirSync(join(data, "sessions"))).toHaveLength(254);

    const run = await site.heal("orders");

    expect(run).toMatchObject({ outcome: "healed" });
    expect(await site.incident(run?.id)).toMatchObject({
      plan: { playbook: "inodes-exhausted", actions: [{ action: "free-space" }, { action: "start" }] },
      verdict: { decision: "allow" },
    });
    expect(await site.state("orders")).toMatchObject({ status: "running" });
    expect(readdirSync(join(data, "sessions")).toSorted()).toEqual([
      "sess_contract",
      "sess_folder",
      "sess_link",
      "sess_open",
    ]);
    expect([readFileSync(outside, "utf8"), readFileSync(join(data, "keep/contract"), "utf8")]).toEqual([
      "old",
      "old",
    ]);
    expect(readdirSync(join(data, "keep")).toSorted()).toEqual(["contract", "sess_kept"]);
  });
});

describe.skipIf(!mountable)("a volume that is full", () => {
  it("has room again, and its service runs; a dry run names every file with its size", async () => {
    await using shop = await openShop();
    const { site, data } = shop;
    const dry = await site.heal("orders", { dryRun: true });
    const { plan } = await site.incident(dry?.id);
    expect(plan).toMatchObject({ playbook: "volume-full", class: "data" });
    expect(plan?.actions[0]?.params["items"]).toEqual([
      { path: join(data, "logs/app.log.1"), does: "empty", files: 1, bytes: 1_800_000 },
      { path: join(data, "tmp/export.csv"), does: "remove", files: 1, bytes: 300_000 },
    ]);
    expect(plan?.title).toMatch(/2 files with 2051 KiB.*app\.log\.1 \(1758 KiB\).*export\.csv \(293 KiB\)/);
    expect(site.exists("data/tmp/export.csv")).toBe(true);

    // The host is read every two seconds: what is new on it is in the next reading.
    await site.sees("orders", "disk");
    const run = await site.heal("orders");

    expect(run).toMatchObject({ outcome: "healed" });
    const incident = await site.incident(run?.id);
    expect(incident).toMatchObject({
      plan: { playbook: "volume-full", actions: [{ action: "free-space" }, { action: "start" }] },
      verdict: { decision: "allow" },
    });
    expect(incident.findings.map((one) => one.kind)).toContain("disk");
    const { bavail, blocks } = statfsSync(site.path("data"));
    expect(bavail / blocks).toBeGreaterThan(0.4);
    expect(site.read("data/logs/app.log.1")).toBe("");
    expect(site.read("data/logs/app.log")).toBe("a line of today\n".repeat(1_000));
    expect(readdirSync(site.path("data/tmp"))).toEqual([]);
    expect(await site.state("orders")).toMatchObject({ status: "running" });

    // The copies are there, and by hand everything can be had back.
    expect(await site.setAside.list()).toHaveLength(1);
    rmSync(join(data, "big"));
    const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "ada" });
    expect(restored).toMatchObject({ restored: true });
    expect(readFileSync(site.path("data/logs/app.log.1"), "utf8")).toBe("an old line\n".repeat(150_000));
    expect(readFileSync(site.path("data/tmp/export.csv"), "utf8")).toBe("1;2;3\n".repeat(50_000));
  });

  it("is a person's to clear where the owner gives nothing up", async () => {
    await using shop = await openShop({ cleanUp: false });
    const { site } = shop;
    const run = await site.heal("orders");
    expect(run).toMatchObject({ outcome: "escalated" });
    expect(await site.incident(run?.id)).toMatchObject({
      plan: null,
      noPlan: expect.stringContaining("a human is needed") as string,
    });
    expect(site.exists("data/tmp/export.csv")).toBe(true);
  });
});
