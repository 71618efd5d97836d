// The door to a service's files: what it lets through, what it refuses, and that it leaves nothing half done.
import { execFileSync } from "node:child_process";
import { chmod, chown, lstat, readFile, readdir, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { array, assert, asyncProperty, constantFrom } from "fast-check";
import { describe, expect, it } from "vitest";
import { HealError } from "../../domain/errors.ts";
import { makeGuardedFiles } from "../../tools/guarded-files.ts";
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

const onlyRoot = process.getuid?.() === 0;

describe("paths that are refused", () => {
  const outside = [
    "../secret",
    "config/../../secret",
    "/etc/passwd",
    "config//a",
    "./config/a",
    "config/.",
    "a\0b",
    "config\\a",
    "",
  ];
  const notEditable = [
    "other.json",
    ".git/config",
    "config/.git/config",
    "config/.GIT/config",
    "config/node_modules/a/b.json",
    "configs/a",
  ];

  it.each(outside)("%j lies outside", async (path) => {
    await using world = await openWorld(["**"]);
    await expect(filesOf(world).read(path)).rejects.toMatchObject({ code: "path-outside-root" });
    await expect(filesOf(world).write(path, "x")).rejects.toMatchObject({ code: "path-outside-root" });
  });

  it.each(notEditable)("%j is not on the list", async (path) => {
    await using world = await openWorld();
    await world.put("other.json", "{}");
    const before = await world.folderHash();
    await expect(filesOf(world).read(path)).rejects.toMatchObject({ code: "path-not-editable" });
    await expect(filesOf(world).write(path, "x")).rejects.toMatchObject({ code: "path-not-editable" });
    await expect(filesOf(world).write(path, undefined)).rejects.toMatchObject({ code: "path-not-editable" });
    expect(await world.folderHash()).toBe(before);
  });

  it("takes away what a glob with ! names", async () => {
    await using world = await openWorld(["config/**", "!config/secret.json"]);
    await world.put("config/secret.json", "{}");
    await world.put("config/app.json", "{}");
    expect((await filesOf(world).list()).map((file) => file.path)).toEqual(["config/app.json"]);
    await expect(filesOf(world).read("config/secret.json")).rejects.toMatchObject({
      code: "path-not-editable",
    });
    await expect(filesOf(world).read("other")).rejects.toMatchObject({ code: "path-not-editable" });
  });

  it("never leaves the folder, whatever the path is", async () => {
    await using world = await openWorld(["**"]);
    const around = join(world.root, "..", `${world.root.split("/").at(-1)}-around`);
    const part = constantFrom("..", ".", "", "a", ".git", "a/..", "%2e%2e", "…", "\0", "b");
    await assert(
      asyncProperty(array(part, { minLength: 1, maxLength: 6 }), async (parts) => {
        const trouble = await codeOf(filesOf(world).write(parts.join("/"), "x"));
        expect([undefined, "path-outside-root", "path-not-editable"]).toContain(trouble);
        await expect(lstat(around)).rejects.toMatchObject({ code: "ENOENT" });
      }),
      { numRuns: 100 },
    );
    expect(await readdir(world.root)).not.toContain(".git");
  });
});

describe("reading", () => {
  it("gives content, mode and time; undefined for what is not there", async () => {
    await using world = await openWorld();
    await world.put("config/app.json", "\uFEFF{\r\n}\r\n", 0o640);
    await utimes(join(world.root, "config/app.json"), 1_700, 1_700);
    const file = await filesOf(world).read("config/app.json");
    expect(file).toEqual({
      path: "config/app.json",
      content: "\uFEFF{\r\n}\r\n",
      modifiedAt: 1_700_000,
      mode: 0o640,
    });
    expect(await filesOf(world).read("config/none.json")).toBeUndefined();
    expect(await filesOf(world).read("config/none/none.json")).toBeUndefined();
  });

  it("refuses large, binary and special files, and does not wait for a pipe", async () => {
    await using world = await openWorld();
    await world.put("config/large", "");
    await truncate(join(world.root, "config/large"), 1_048_577);
    await world.put("config/binary", Buffer.from([0xff, 0xfe, 0x00]));
    await world.put("config/nul", "a\0b");
    execFileSync("mkfifo", [join(world.root, "config/pipe")]);
    const files = filesOf(world);
    await expect(files.read("config/large")).rejects.toMatchObject({ code: "file-too-large" });
    await expect(files.read("config/binary")).rejects.toMatchObject({ code: "file-not-text" });
    await expect(files.read("config/nul")).rejects.toMatchObject({ code: "file-not-text" });
    await expect(files.read("config/pipe")).rejects.toMatchObject({ code: "path-not-editable" });
    await expect(files.write("config/pipe", "x")).rejects.toMatchObject({ code: "path-not-editable" });
    await expect(files.read("config")).rejects.toMatchObject({ name: "HealError" });
    expect(await files.list()).toEqual([]);
  });

  it("lists what is editable, sorted, dot files too, nothing of a repository or its packages", async () => {
    await using world = await openWorld(["**/*.json", ".env", "config/.hidden/**"]);
    for (const path of [
      "z.json",
      ".env",
      "a/b.json",
      "config/.hidden/x",
      ".git/h.json",
      "a/node_modules/p/package.json",
      "a/b.txt",
    ]) {
      await world.put(path, "1");
    }
    expect((await filesOf(world).list()).map((file) => file.path)).toEqual([
      ".env",
      "a/b.json",
      "config/.hidden/x",
      "z.json",
    ]);
  });

  it("says so when the folder is not there", async () => {
    const files = makeGuardedFiles({ root: "/nonexistent/folder", editable: ["**"], afterEdit: "none" });
    const gone = { code: "files-root-missing" };
    await expect(files.list()).rejects.toMatchObject(gone);
    await expect(files.read("a")).rejects.toMatchObject(gone);
    await expect(files.write("a", "b")).rejects.toMatchObject(gone);
  });
});

describe("writing", () => {
  it("keeps mode and owner, bytes and line endings", async () => {
    await using world = await openWorld();
    await world.put("config/app.json", "old", 0o4750);
    const path = join(world.root, "config/app.json");
    if (onlyRoot) await chown(path, 1_234, 4_321);
    await chmod(path, 0o4750);
    const before = await stat(path);
    await filesOf(world).write("config/app.json", "\uFEFFnew\r\n");
    const after = await stat(path);
    expect([after.mode, after.uid, after.gid]).toEqual([before.mode, before.uid, before.gid]);
    expect(await readFile(path)).toEqual(Buffer.from("\uFEFFnew\r\n"));
    expect(after.ino).not.toBe(before.ino);
  });

  it("keeps what else its owner has set on it: without its access list a service may not read its file", async (test) => {
    await using world = await openWorld();
    const folder = join(world.root, "config");
    await world.put("config/app.json", "{}", 0o640);
    const packed = join(world.root, "packed.tar");
    const set = "--pax-option=SCHILY.xattr.user.note:=theirs";
    const unpack = ["--xattrs", "--xattrs-include=user.*", "-xf", packed, "-C", folder];
    const attributes = (): string[] =>
      execFileSync("tar", ["--xattrs", "--format=pax", "-cf", "-", "-C", folder, "app.json"])
        .toString("latin1")
        .match(/SCHILY\.xattr\.user\.note=\w+/g) ?? [];
    try {
      execFileSync("tar", ["--format=pax", set, "-cf", packed, "-C", folder, "app.json"], { stdio: "pipe" });
      execFileSync("tar", unpack, { stdio: "pipe" });
    } catch {
      test.skip("this tar knows no extended attributes");
    }
    if (attributes().length === 0) test.skip("this file system keeps no extended attributes");
    await filesOf(world).write("config/app.json", '{"a":1}', undefined);
    expect(await readFile(join(folder, "app.json"), "utf8")).toBe('{"a":1}');
    expect(attributes()).toEqual(["SCHILY.xattr.user.note=theirs"]);
  });

  it("takes the mode that is asked for", async () => {
    await using world = await openWorld();
    await world.put(".env", "A=1", 0o644);
    await filesOf(world).write(".env", "A=2", 0o600);
    expect((await stat(join(world.root, ".env"))).mode & 0o7777).toBe(0o600);
  });

  it("makes missing folders, which belong to whom the root belongs to", async () => {
    await using world = await openWorld();
    if (onlyRoot) await chown(world.root, 1_234, 4_321);
    await filesOf(world).write("config/deep/app.json", "x");
    const { uid, gid } = await stat(world.root);
    for (const path of ["config", "config/deep", "config/deep/app.json"]) {
      expect(await stat(join(world.root, path))).toMatchObject({ uid, gid });
    }
  });

  it("removes, also what is not there", async () => {
    await using world = await openWorld();
    await world.put(".env", "A=1");
    await filesOf(world).write(".env", undefined);
    await filesOf(world).write(".env", undefined);
    await filesOf(world).write("config/none/none.json", undefined);
    expect(await readdir(world.root)).toEqual([]);
  });

  it("refuses what would not come back as it was written", async () => {
    await using world = await openWorld();
    for (const content of ["\ud800", "a\0b"]) {
      await expect(filesOf(world).write(".env", content)).rejects.toMatchObject({ code: "file-not-text" });
    }
    await expect(filesOf(world).write(".env", "x".repeat(1_048_577))).rejects.toMatchObject({
      code: "file-too-large",
    });
    expect(await readdir(world.root)).toEqual([]);
  });

  it("leaves no temporary file, neither its own nor an old one of a process that died", async () => {
    await using world = await openWorld();
    await world.put("config/app.json", "x");
    const left = join(world.root, "config/.opsmedic-0123456789abcdef.tmp");
    await writeFile(left, "half");
    await utimes(left, 1_000, 1_000);
    const young = join(world.root, "config/.opsmedic-fedcba9876543210.tmp");
    await writeFile(young, "someone is writing this");
    expect((await filesOf(world).list()).map((file) => file.path)).toEqual(["config/app.json"]);
    await filesOf(world).write("config/app.json", "y");
    expect((await readdir(join(world.root, "config"))).sort()).toEqual([
      ".opsmedic-fedcba9876543210.tmp",
      "app.json",
    ]);
  });

  it("cannot replace a folder, and leaves nothing behind when it fails", async () => {
    await using world = await openWorld();
    await world.put("config/app.json/inner", "x");
    const before = await world.folderHash();
    await expect(filesOf(world).write("config/app.json", "y")).rejects.toMatchObject({
      code: "path-not-editable",
    });
    await expect(filesOf(world).write("config/app.json/inner/x", "y")).rejects.toMatchObject({
      code: "path-outside-root",
    });
    expect(await world.folderHash()).toBe(before);
  });

  it("never touches a repository in the same folder", async () => {
    await using world = await openWorld();
    const git = (...args: string[]) =>
      execFileSync("git", ["-C", world.root, "-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        encoding: "utf8",
      });
    await world.put("config/app.json", "old");
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    const before =
      git("rev-parse", "HEAD") + (await readFile(join(world.root, ".git/index"))).toString("hex");
    await filesOf(world).write("config/app.json", "new");
    const after = git("rev-parse", "HEAD") + (await readFile(join(world.root, ".git/index"))).toString("hex");
    expect(after).toBe(before);
    expect(git("diff", "--name-only").trim()).toBe("config/app.json");
  });

  it("is seen whole or not at all by a reader", async () => {
    await using world = await openWorld();
    const [one, other] = ["1".repeat(200_000), "2".repeat(200_000)];
    await world.put("config/app.json", one);
    const path = join(world.root, "config/app.json");
    const writing = { on: true };
    const writer = (async () => {
      for (let n = 0; n < 40; n += 1)
        await filesOf(world).write("config/app.json", n % 2 === 0 ? other : one);
      writing.on = false;
    })();
    while (writing.on) expect([one, other]).toContain(await readFile(path, "utf8"));
    await writer;
  });
});
