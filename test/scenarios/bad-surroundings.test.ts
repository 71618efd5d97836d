// What opsmedic stands on breaks: folders, links, repositories, logs, the Docker socket, its own backups.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openShop } from "./shop.ts";
import { untilTrue } from "./site.ts";
import { openUpstream } from "./surroundings.ts";
import { openWorker, SETTINGS } from "./worker.ts";

describe("files", () => {
  it("heals without its files when their folder is gone, and does not call them unchanged", async () => {
    await using site = await openShop();
    renameSync(site.path("web"), site.path("elsewhere"));
    await site.kill("web");
    const run = await site.heal("web");
    expect(run).toMatchObject({ outcome: "healed" });
    const [top] = (await site.incident(run?.id)).diagnosis?.hypotheses ?? [];
    expect(top?.checks.find((one) => one.check === "unchanged")).toMatchObject({
      verdict: "unknown",
      observation: { reason: expect.stringContaining("cannot be opened") as string },
    });
  });

  it("never follows a link out of the folder, though the setting to change lies behind it", async () => {
    await using upstream = await openUpstream(0);
    await using site = await openWorker(upstream, {}, (folder) => {
      renameSync(join(folder, "worker/settings.yaml"), join(folder, "outside.yaml"));
      symlinkSync(join(folder, "outside.yaml"), join(folder, "worker/settings.yaml"));
      writeFileSync(join(folder, "worker/other.yaml"), "colour: blue\n");
    });
    upstream.limit.leastMs = 120;
    await site.sees("worker", "rate-limited");
    const run = await site.heal("worker");
    expect(run).toMatchObject({ outcome: "escalated" });
    expect(await site.incident(run?.id)).toMatchObject({ plan: null });
    expect(site.read("outside.yaml")).toBe(SETTINGS);
    expect(site.starts("worker")).toBe(1);
  });

  it("leaves the service's own repository alone, byte for byte", async () => {
    await using site = await openShop({ prepare: makeRepository });
    const repository = hashOf(site.path("web/.git"));
    site.write("web/notes.txt", "rolled out by mistake\n");
    site.write("web/new.txt", "came with it\n");
    await site.kill("web");
    const run = await site.heal("web");
    expect(run).toMatchObject({ outcome: "healed" });
    expect(site.read("web/notes.txt")).toBe("a file\n");
    expect(hashOf(site.path("web/.git"))).toBe(repository);
    expect(git(site.path("web"), "status", "--porcelain")).toBe("");
  });
});

describe("what can be seen", () => {
  it("heals though a log file cannot be read", async () => {
    await using site = await openShop({
      prepare: (folder) => mkdirSync(join(folder, "app.log")),
      web: { logs: ["runtime", { file: "app.log" }] },
    });
    await site.kill("web");
    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });
  });

  it("says that Docker cannot be asked, calls nothing healthy for it, and heals the others", async () => {
    await using site = await openShop({
      dockerHost: "unix:///nowhere/docker.sock",
      beside: () => [{ name: "box", runtime: { docker: { container: "box" } }, logs: [] }],
    });
    const run = await site.heal("box");
    expect(run).toMatchObject({ outcome: "failed" });
    expect(run?.report).toMatch(/Nothing could be seen of box: .*Docker.*\/nowhere\/docker\.sock/);
    expect(site.alerts()).toMatchObject([{ data: { service: "box" } }]);
    await expect(site.state("box")).rejects.toMatchObject({ code: "docker-unreachable" });
    await site.kill("web");
    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });
  });
});

describe("a backup that is broken when it is needed", () => {
  it("is said to be broken; nothing is invented in its place", async () => {
    await using upstream = await openUpstream(0);
    await using site = await openWorker(upstream);
    upstream.limit.leastMs = 400;
    await site.sees("worker", "rate-limited");
    const running = site.heal("worker");
    await untilTrue("the new setting is being validated", async () => {
      const [id] = site.engine.runner.running();
      const steps = id === undefined ? [] : await site.store.runs.steps(id);
      return steps.some((one) => one.node === "validate" && one.phase === "start");
    });
    spoil(site.path(".opsmedic/backups.git/objects"));
    const changed = site.read("worker/settings.yaml");
    expect(changed).not.toBe(SETTINGS);

    const run = await running;

    expect(run).toMatchObject({ outcome: "failed" });
    expect(run?.report).toMatch(/Taken back: failed/);
    expect(site.read("worker/settings.yaml")).toBe(changed);
    const [attempt] = (await site.incident(run?.id)).attempts;
    expect(attempt?.rollback?.steps.map((one) => one.ok)).toContain(false);
    expect(await site.incidentsOf("worker")).toMatchObject([{ status: "ESCALATED" }]);
    expect(site.alerts()).toHaveLength(1);
  });
});

function makeRepository(folder: string): void {
  const work = join(folder, "web");
  git(work, "init", "-q");
  git(work, "add", ".");
  git(work, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "as it is");
}

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", ["--no-optional-locks", ...args], { cwd, encoding: "utf8" });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name))
    .sort();
}

function hashOf(folder: string): string {
  const hash = createHash("sha256");
  for (const path of filesBelow(folder)) hash.update(path).update(readFileSync(path));
  return hash.digest("hex");
}

/** Each stored object becomes something else. */
function spoil(folder: string): void {
  for (const path of filesBelow(folder)) writeFileSync(path, "spoilt", { mode: 0o600 });
}
