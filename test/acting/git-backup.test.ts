// The git store: contract, damage, the machine without git, and what a plain git makes of it.
import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeGitBackups } from "../../tools/git-backup.ts";
import { backupsContract, requestWith } from "../contract/backups.contract.ts";
import { clockAt } from "./world.ts";

async function openSite() {
  const base = await mkdtemp(join(tmpdir(), "opsmedic-store-"));
  const folder = join(base, "data", "backups");
  const clock = clockAt(Date.UTC(2026, 10, 21));
  return {
    base,
    folder,
    open: (searchPath?: string) =>
      makeGitBackups({ folder, clock, ...(searchPath === undefined ? {} : { searchPath }) }),
    setTime: (at: number) => clock.set(at),
    git: (...args: string[]) =>
      execFileSync("git", [`--git-dir=${folder}`, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }),
    [Symbol.asyncDispose]: () => rm(base, { recursive: true, force: true }),
  };
}
type Site = Awaited<ReturnType<typeof openSite>>;

/** The file that holds one object, after all objects were unpacked into files of their own. */
async function objectFile(site: Site, name: string): Promise<string> {
  const packs = join(site.folder, "objects/pack");
  const names = (await readdir(packs)).filter((one) => one.endsWith(".pack"));
  for (const pack of names) {
    const bytes = await readFile(join(packs, pack));
    await rm(packs, { recursive: true });
    await mkdir(packs);
    execFileSync("git", [`--git-dir=${site.folder}`, "unpack-objects", "-q"], { input: bytes });
  }
  const oid = site.git("rev-parse", name).trim();
  const path = join(site.folder, "objects", oid.slice(0, 2), oid.slice(2));
  await chmod(path, 0o600);
  return path;
}

backupsContract("the git store", openSite);

describe("the git store", () => {
  it("is a bare repository of mode 0700 that any git can read", async () => {
    await using site = await openSite();
    const { id } = await site.open().take(requestWith());
    expect((await stat(site.folder)).mode & 0o777).toBe(0o700);
    expect(site.git("show", `refs/backups/${id}:step-1/config/ä b.json`)).toBe('\uFEFF{"a": "😀"}\r\n');
    expect(site.git("fsck", "--strict", "--full")).toBe("");
    expect(site.git("for-each-ref", "refs/pending")).toBe("");
    expect((await readdir(site.base)).sort()).toEqual(["data"]);
    expect(await readdir(join(site.base, "data"))).toEqual(["backups"]);
  });

  it.each([
    ["a captured file", "step-1/config/ä b.json", "config/ä b.json"],
    ["the description", "meta.json", "meta.json"],
  ])("names %s that is missing or garbled", async (_what, stored, named) => {
    for (const harm of ["missing", "garbled", "cut", "exchanged"] as const) {
      await using site = await openSite();
      const { id } = await site.open().take(requestWith());
      const path = await objectFile(site, `refs/backups/${id}:${stored}`);
      if (harm === "missing") await rm(path);
      if (harm === "garbled") await writeFile(path, "no object at all");
      if (harm === "cut") await truncate(path, 20);
      if (harm === "exchanged") {
        await writeFile(
          path,
          await readFile(await objectFile(site, `refs/backups/${id}:step-1/config/"q"\\ü.json`)),
        );
      }
      const { ok, problems } = await site.open().verify(id);
      expect(ok).toBe(false);
      expect(problems.join()).toContain(named);
      await expect(site.open().read(id)).rejects.toMatchObject({ code: "backup-corrupt" });
      expect((await site.open().list()).map((meta) => meta.id)).toEqual([id]);
    }
  });

  it("names a snapshot whose commit or tree is lost, and still lists and prunes it", async () => {
    for (const lost of ["", "^{tree}"]) {
      await using site = await openSite();
      site.setTime(1_000);
      const { id } = await site.open().take(requestWith());
      await rm(await objectFile(site, `refs/backups/${id}${lost}`));
      const listed = await site.open().list();
      expect(listed.map((meta) => meta.id)).toEqual([id]);
      expect(listed[0]?.reason).toMatch(/damaged/);
      expect(await site.open().verify(id)).toMatchObject({ ok: false });
      site.setTime(2_000);
      await expect(site.open().take(requestWith())).rejects.toMatchObject({ code: "backup-corrupt" });
      expect(await site.open().prune(5_000)).toEqual([id]);
      expect(await site.open().list()).toEqual([]);
    }
  });

  it("does not take a backup again for granted when the one it took is damaged", async () => {
    await using site = await openSite();
    const { id } = await site.open().take(requestWith());
    await rm(await objectFile(site, `refs/backups/${id}:step-1/config/ä b.json`));
    await expect(site.open().take(requestWith())).rejects.toMatchObject({ code: "backup-corrupt" });
  });

  it("says what to do where git is not installed", async () => {
    await using site = await openSite();
    const missing = { code: "git-missing", hint: expect.stringContaining("install git") as string };
    await expect(site.open("/nonexistent").take(requestWith())).rejects.toMatchObject(missing);
    await site.open().take(requestWith());
    await expect(site.open("/nonexistent").list()).rejects.toMatchObject(missing);
    await expect(site.open("/nonexistent").take(requestWith())).rejects.toMatchObject(missing);
  });

  it("refuses a folder that holds something else", async () => {
    await using site = await openSite();
    await mkdir(site.folder, { recursive: true });
    await writeFile(join(site.folder, "photos"), "x");
    await expect(site.open().list()).rejects.toMatchObject({ code: "backup-folder-unusable" });
    expect(await readdir(site.folder)).toEqual(["photos"]);
  });

  it("ignores git's variables and configuration of whoever started it", async () => {
    await using site = await openSite();
    process.env["GIT_DIR"] = "/nonexistent";
    process.env["GIT_OBJECT_DIRECTORY"] = "/nonexistent";
    try {
      const { id } = await site.open().take(requestWith());
      expect(await site.open().verify(id)).toMatchObject({ ok: true });
    } finally {
      delete process.env["GIT_DIR"];
      delete process.env["GIT_OBJECT_DIRECTORY"];
    }
  });

  it("drops the objects of what it forgot", async () => {
    await using site = await openSite();
    site.setTime(1_000);
    const { id } = await site.open().take(requestWith());
    const oid = site.git("rev-parse", `refs/backups/${id}:step-1/config/ä b.json`).trim();
    expect(await site.open().prune(2_000)).toEqual([id]);
    expect(site.git("for-each-ref")).toBe("");
    // The grace for what another process may be storing right now is over.
    site.git("prune", "--expire=now");
    expect(() => site.git("cat-file", "-e", oid)).toThrow(/Command failed/);
  });
});
