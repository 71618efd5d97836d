// The last known good version of a service's files.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeGitFileHistory } from "../../tools/git-file-history.ts";
import { clockAt } from "./world.ts";

async function openHistory() {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-history-"));
  const clock = clockAt(1_000);
  return {
    clock,
    open: (searchPath?: string) =>
      makeGitFileHistory({
        folder: join(folder, "store"),
        clock,
        ...(searchPath === undefined ? {} : { searchPath }),
      }),
    git: (...args: string[]) =>
      execFileSync("git", [`--git-dir=${join(folder, "store")}`, ...args], { encoding: "utf8" }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

const files = [
  { path: "config/app.json", content: "\uFEFF{}\r\n", mode: 0o640 },
  { path: ".env", content: "A=1\n", mode: 0o600 },
];

describe("the file history", () => {
  it("knows nothing of a service that was never well", async () => {
    await using site = await openHistory();
    expect(await site.open().lastGood("shop")).toBeUndefined();
  });

  it("gives back what was kept, also to another process", async () => {
    await using site = await openHistory();
    const version = await site.open().keepGood("shop", files);
    expect(await site.open().lastGood("shop")).toEqual({ version, at: 1_000, files });
    expect(await site.open().lastGood("other")).toBeUndefined();
  });

  it("keeps one version while nothing changes, without asking git again", async () => {
    await using site = await openHistory();
    const first = site.open();
    const version = await first.keepGood("shop", files);
    site.clock.set(2_000);
    expect(await site.open().keepGood("shop", [...files].reverse())).toBe(version);
    // The store is gone: an answer can only come from memory.
    await site[Symbol.asyncDispose]();
    expect(await first.keepGood("shop", files)).toBe(version);
  });

  it("sees within a minute what another process kept, and keeps the present again", async () => {
    await using site = await openHistory();
    const [one, other] = [site.open(), site.open()];
    await one.keepGood("shop", files);
    await other.keepGood("shop", []);
    site.clock.set(62_000);
    const version = await one.keepGood("shop", files);
    expect(await other.lastGood("shop")).toMatchObject({ version, files });
  });

  it.each([
    ["content", [{ ...files[0]!, content: "{ }" }, files[1]!]],
    ["mode", [{ ...files[0]!, mode: 0o600 }, files[1]!]],
    ["a file less", [files[0]!]],
    ["no file", []],
  ])("keeps a new version when something changes: %s", async (_what, changed) => {
    await using site = await openHistory();
    const history = site.open();
    const version = await history.keepGood("shop", files);
    site.clock.set(5_000);
    const next = await history.keepGood("shop", changed);
    expect(next).not.toBe(version);
    expect(await history.lastGood("shop")).toEqual({ version: next, at: 5_000, files: changed });
  });

  it("keeps services apart, whatever their names", async () => {
    await using site = await openHistory();
    const names = ["a/b", "a%2fb", "a.lock", "..", "a b", "ä", "@{x}", "-", "A", "a"];
    for (const name of names)
      await site.open().keepGood(name, [{ path: "name", content: name, mode: 0o644 }]);
    for (const name of names) expect((await site.open().lastGood(name))?.files[0]?.content).toBe(name);
  });

  it("says when the version is damaged, and keeps a new one at the next healthy check", async () => {
    await using site = await openHistory();
    await site.open().keepGood("shop", files);
    const tree = site.git("rev-parse", "refs/good/shop^{tree}").trim();
    const commit = execFileSync(
      "git",
      [
        `--git-dir=${site.git("rev-parse", "--absolute-git-dir").trim()}`,
        "hash-object",
        "-t",
        "tree",
        "-w",
        "--stdin",
      ],
      { input: "", encoding: "utf8" },
    ).trim();
    expect(commit).not.toBe(tree);
    const empty = site
      .git("-c", "user.name=a", "-c", "user.email=a@b", "commit-tree", commit, "-m", "x")
      .trim();
    site.git("update-ref", "refs/good/shop", empty);
    await expect(site.open().lastGood("shop")).rejects.toMatchObject({ code: "history-corrupt" });
    const version = await site.open().keepGood("shop", files);
    expect(await site.open().lastGood("shop")).toMatchObject({ version, files });
  });
});
