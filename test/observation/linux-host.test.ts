// The host's numbers: read from this machine, and computed from known texts.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { freemem, tmpdir, totalmem } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { cpuTimes, makeLinuxHost, memoryUse } from "../../tools/linux-host.ts";

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
