// The host's numbers: read from this machine, and computed from known texts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { freemem, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { hostMetrics } from "../../agents/resource-metrics.ts";
import { keptPlaces } from "../../tools/kept-places.ts";
import { mountable, mountTmpfs } from "../acting/small-file-system.ts";
import { cpuTimes, makeLinuxHost, memoryUse } from "../../tools/linux-host.ts";
import { serviceNamed } from "./service.ts";

describe("linux host", () => {
  it("reads this machine", async () => {
    const host = makeLinuxHost({ mounts: ["/", tmpdir(), "/no/such/mount"] });
    const use = await host.use();
    expect(use.cpu).toBeGreaterThanOrEqual(0);
    expect(use.cpu).toBeLessThanOrEqual(1);
    expect(use.memory).toBeGreaterThan(0);
    expect(use.memory).toBeLessThanOrEqual(1 - freemem() / totalmem() + 0.2);
    expect(use.disks[0]).toMatchObject({ mount: "/" });
    for (const { used, mount } of use.disks) {
      expect(used).toBeGreaterThanOrEqual(0);
      expect(used).toBeLessThanOrEqual(1);
      expect(mount).not.toBe("/no/such/mount");
    }
  });

  it("names a file system once", async () => {
    const { disks } = await makeLinuxHost({ mounts: ["/", "/etc", "/"] }).use();
    expect(disks.map((one) => one.mount)).toEqual(["/"]);
  });

  it.skipIf(!mountable)("watches the disks on which services keep things, each for those alone", async () => {
    const disk = mkdtempSync(path.join(tmpdir(), "opsmedic-disk-"));
    const unmount = mountTmpfs(disk, "size=4m");
    try {
      mkdirSync(path.join(disk, "logs/old"), { recursive: true });
      writeFileSync(path.join(disk, "export.csv"), Buffer.alloc(3 * 1024 ** 2, 1));
      const shop = serviceNamed("shop", {
        cleanUp: [{ kind: "logs", root: path.join(disk, "logs/old"), glob: "*", olderThanMs: 1 }],
      });
      const search = serviceNamed("search", {
        logs: [{ kind: "file", glob: path.join(disk, "logs/*.log") }],
      });
      const beside = serviceNamed("beside", { files: { root: "/etc", editable: [], afterEdit: "none" } });
      const host = makeLinuxHost({ mounts: ["/"], places: () => keptPlaces([shop, search, beside]) });
      const use = await host.use();
      expect(use.disks).toMatchObject([{ mount: "/" }, { mount: disk, of: ["shop", "search"] }]);
      expect(use.disks[1]?.used).toBeGreaterThan(0.7);
      const told = (service: string) =>
        hostMetrics(use, service, 1).flatMap((one) => (one.name === "disk" ? [one.of] : []));
      expect(told("shop")).toEqual(["/", disk]);
      expect(told("beside")).toEqual(["/"]);
    } finally {
      unmount();
      rmSync(disk, { recursive: true });
    }
  });

  it("gives CPU use between two calls, and stays with the last where they are too close", async () => {
    const proc = mkdtempSync(path.join(tmpdir(), "opsmedic-proc-"));
    const write = (user: number, idle: number) =>
      writeFileSync(path.join(proc, "stat"), `cpu  ${user} 0 0 ${idle} 0 0 0 0 0 0\ncpu0 1 2 3 4\n`);
    writeFileSync(path.join(proc, "meminfo"), "MemTotal: 100 kB\nMemAvailable: 25 kB\n");
    write(1_000, 1_000);
    const host = makeLinuxHost({ mounts: [], procFolder: proc });
    write(1_030, 1_070);
    expect(await host.use()).toEqual({ cpu: 0.3, memory: 0.75, disks: [] });
    write(1_031, 1_070);
    expect((await host.use()).cpu).toBe(0.3);
    write(1_130, 1_070);
    expect((await host.use()).cpu).toBe(1);
    rmSync(proc, { recursive: true });
  });

  it("counts waiting for disks as idle, and guests only once", () => {
    expect(cpuTimes("cpu  10 1 2 70 10 3 2 2 9 9\n")).toEqual({ total: 100, busy: 20 });
  });

  it("says nothing is used where the kernel does not tell", () => {
    expect(memoryUse("MemTotal: 100 kB\n")).toBe(0);
    expect(memoryUse("")).toBe(0);
  });
});
