// File systems of this machine as a process sees them: through links, and in mounts of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeLinuxMachine } from "../../tools/linux-machine.ts";
import { mountable, mountTmpfs } from "../acting/small-file-system.ts";

const MB = 1024 ** 2;

describe.skipIf(!mountable)("a file system", () => {
  const machine = makeLinuxMachine();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "opsmedic-machine-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is the one that a link leads to, however it leads there", async () => {
    const disk = join(folder, "disk");
    mkdirSync(disk);
    const unmount = mountTmpfs(disk, "size=2m");
    try {
      mkdirSync(join(disk, "wal"));
      mkdirSync(join(folder, "data"));
      symlinkSync(join(disk, "wal"), join(folder, "data", "whole"));
      symlinkSync("../disk/wal", join(folder, "data", "relative"));
      symlinkSync("data", join(folder, "other"));
      symlinkSync("circle", join(folder, "circle"));
      const expected = { mount: disk, freeBytes: 2 * MB, used: 0, readOnly: false };
      for (const path of ["data/whole", "data/relative", "other/whole"])
        expect(await machine.volume(join(folder, path))).toMatchObject(expected);
      expect((await machine.volume(join(folder, "data")))?.mount).not.toBe(disk);
      expect(await machine.volume(join(folder, "circle"))).toBeUndefined();
    } finally {
      unmount();
    }
  });

  it("is another one where the process has mounts of its own, as in a container", async () => {
    const place = join(folder, "data");
    mkdirSync(place);
    const inside = `mount -t tmpfs -o size=3m tmpfs ${place} && ln -s ${place} ${folder}/link && echo ready && exec sleep 60`;
    const child = spawn("unshare", ["--mount", "sh", "-c", inside], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      await once(child.stdout, "data");
      const [here, there, linked] = await Promise.all([
        machine.volume(place),
        machine.volume(place, child.pid),
        machine.volume(join(folder, "link"), child.pid),
      ]);
      expect(there).toMatchObject({ mount: place, freeBytes: 3 * MB });
      expect(linked).toEqual(there);
      // What only we have is not in its tree.
      mkdirSync(join(folder, "ours"));
      const unmount = mountTmpfs(join(folder, "ours"), "size=1m");
      mkdirSync(join(folder, "ours", "deep"));
      expect(await machine.volume(join(folder, "ours", "deep"), child.pid)).toBeUndefined();
      unmount();
      expect(here?.device).not.toBe(there?.device);
    } finally {
      child.kill("SIGKILL");
    }
  });
});
