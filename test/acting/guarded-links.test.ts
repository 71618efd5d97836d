// Links in a service's folder: followed where they stay inside, refused where they lead out, harmless when they appear
// between check and use.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { link, lstat, mkdir, readFile, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { HealError } from "../../domain/errors.ts";
import type { ServiceFiles } from "../../tools/service-files.ts";
import { openWorld, type World } from "./world.ts";

function filesOf(world: World): ServiceFiles {
  const { files } = world.context;
  if (files === undefined) throw new Error("no files");
  return files;
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => (error instanceof HealError ? error.code : String(error)),
  );
}

/** Replaces the folder by a link to another one and back, as fast as it can, until stopped. */
function swapInAnotherProcess(folder: string, target: string): () => Promise<void> {
  const child = spawn(process.execPath, [
    "-e",
    // A writer may make the folder anew in the moment that it is missing; then that one goes.
    `const fs = require("node:fs"); const [folder, target] = process.argv.slice(1); const aside = folder + "-aside";
     const pause = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.random() * 2);
     const insist = (act) => { for (;;) try { return act(); } catch { fs.rmSync(folder, { recursive: true, force: true }); } };
     for (;;) { fs.renameSync(folder, aside); insist(() => fs.symlinkSync(target, folder)); pause();
                fs.unlinkSync(folder); insist(() => fs.renameSync(aside, folder)); pause(); }`,
    folder,
    target,
  ]);
  const ended = once(child, "exit");
  return async () => {
    expect(child.exitCode).toBeNull();
    child.kill("SIGKILL");
    await ended;
  };
}

describe("links", () => {
  it("are followed inside what is editable", async () => {
    await using world = await openWorld();
    await world.put("config/v1/app.json", "old");
    await symlink("v1", join(world.root, "config/current"));
    await filesOf(world).write("config/current/app.json", "new");
    expect(await readFile(join(world.root, "config/v1/app.json"), "utf8")).toBe("new");
    expect((await lstat(join(world.root, "config/current"))).isSymbolicLink()).toBe(true);
  });

  it("that lead out are refused, for files and for folders", async () => {
    await using world = await openWorld();
    await using other = await openWorld();
    await other.put("secret.json", "secret");
    await mkdir(join(world.root, "config"));
    await symlink(join(other.root, "secret.json"), join(world.root, "config/file.json"));
    await symlink(other.root, join(world.root, "config/folder"));
    await symlink(join(other.root, "new.json"), join(world.root, "config/dangling.json"));
    for (const path of [
      "config/file.json",
      "config/folder/secret.json",
      "config/folder/new.json",
      "config/dangling.json",
    ]) {
      await expect(filesOf(world).read(path)).rejects.toMatchObject({ code: "path-outside-root" });
      await expect(filesOf(world).write(path, "x")).rejects.toMatchObject({ code: "path-outside-root" });
      await expect(filesOf(world).write(path, undefined)).rejects.toMatchObject({
        code: "path-outside-root",
      });
    }
    expect(await readFile(join(other.root, "secret.json"), "utf8")).toBe("secret");
    expect(await filesOf(world).list()).toEqual([]);
  });

  it("do not lend what is not editable an editable name", async () => {
    await using world = await openWorld();
    await world.put("private/key.json", "key");
    await mkdir(join(world.root, "config"));
    await mkdir(join(world.root, ".git"));
    await symlink("../private/key.json", join(world.root, "config/key.json"));
    await symlink("../.git", join(world.root, "config/git"));
    await expect(filesOf(world).read("config/key.json")).rejects.toMatchObject({ code: "path-not-editable" });
    await expect(filesOf(world).write("config/git/config", "x")).rejects.toMatchObject({
      code: "path-not-editable",
    });
  });

  it("that appear between check and use lead nowhere", async () => {
    await using world = await openWorld();
    await using other = await openWorld();
    await other.put("app.json", "outside");
    await world.put("config/app.json", "inside");
    const stop = swapInAnotherProcess(join(world.root, "config"), other.root);
    const troubles: (string | undefined)[] = [];
    try {
      await vi.waitFor(
        async () => {
          troubles.push(await codeOf(filesOf(world).write("config/app.json", `inside ${troubles.length}`)));
          const seen = await filesOf(world)
            .read("config/app.json")
            .catch(() => undefined);
          expect(seen?.content ?? "inside").toMatch(/^inside/);
          expect(troubles.filter((one) => one === undefined).length).toBeGreaterThan(100);
          expect(troubles.filter((one) => one === "path-outside-root").length).toBeGreaterThan(100);
        },
        { timeout: 30_000, interval: 0 },
      );
    } finally {
      await stop();
    }
    expect(await readFile(join(other.root, "app.json"), "utf8")).toBe("outside");
    expect(await readdir(other.root)).toEqual(["app.json"]);
  });

  it("by hard link change only this name", async () => {
    await using world = await openWorld();
    await world.put("private", "private");
    await mkdir(join(world.root, "config"));
    await link(join(world.root, "private"), join(world.root, "config/app.json"));
    await filesOf(world).write("config/app.json", "new");
    expect(await readFile(join(world.root, "private"), "utf8")).toBe("private");
  });
});
