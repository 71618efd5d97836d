// One setting that stands in several files, in a folder that is somebody's repository: it is changed in all of them, the
// service reads them again, and the repository's own data stays as it is, byte for byte.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { makeRestore } from "../../api/restore.ts";
import { openUpstream } from "./surroundings.ts";
import { openWorker, SETTINGS } from "./worker.ts";

const JOB = "# the nightly job asks the same partner\nupstream: { delay_seconds: 0.1 }\n";

function git(cwd: string, ...args: string[]): string {
  return execFileSync("git", ["--no-optional-locks", ...args], { cwd, encoding: "utf8" });
}

function makeRepository(folder: string): void {
  const work = join(folder, "worker");
  writeFileSync(join(work, "job.yaml"), JOB);
  git(work, "init", "-q");
  git(work, "add", "settings.yaml");
  git(work, "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "as it is");
  // Something is staged, and something is not: neither is touched.
  git(work, "add", "job.yaml");
}

/** Of index, HEAD, refs, objects: of everything that git keeps. */
function repositoryOf(folder: string): string {
  const hash = createHash("sha256");
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  for (const path of names.map((one) => join(one.parentPath, one.name)).sort()) {
    hash.update(path).update(readFileSync(path));
  }
  return hash.digest("hex");
}

it("changes the setting everywhere it stands, restarts, and leaves the repository alone", async () => {
  await using upstream = await openUpstream(0);
  await using site = await openWorker(upstream, {}, makeRepository);
  const repository = repositoryOf(site.path("worker/.git"));
  upstream.limit.leastMs = 120;
  await site.sees("worker", "rate-limited");

  const run = await site.heal("worker");

  expect(run).toMatchObject({ outcome: "healed" });
  const slower = { settings: SETTINGS.replace("0.1 ", "0.15 "), job: JOB.replace("0.1 ", "0.15 ") };
  expect(site.read("worker/settings.yaml")).toBe(slower.settings);
  expect(site.read("worker/job.yaml")).toBe(slower.job);
  const incident = await site.incident(run?.id);
  expect(incident).toMatchObject({
    plan: {
      playbook: "rate-limited-by-upstream",
      title: expect.stringContaining("in 2 files") as string,
      actions: [{ action: "edit-settings" }, { action: "restart" }],
    },
    verdict: { decision: "allow" },
  });
  expect(site.starts("worker")).toBe(2);
  expect(repositoryOf(site.path("worker/.git"))).toBe(repository);
  expect(git(site.path("worker"), "status", "--porcelain")).toBe("AM job.yaml\n M settings.yaml\n");

  const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "ada" });
  expect(restored).toMatchObject({ restored: true });
  expect([site.read("worker/settings.yaml"), site.read("worker/job.yaml")]).toEqual([SETTINGS, JOB]);
  expect(repositoryOf(site.path("worker/.git"))).toBe(repository);
  expect(git(site.path("worker"), "status", "--porcelain")).toBe("A  job.yaml\n");
});
