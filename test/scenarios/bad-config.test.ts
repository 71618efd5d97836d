// A bad configuration is rolled out: the service ends at every start, until its last good files are back.
import { describe, expect, it } from "vitest";
import { describeWith } from "../services-available.ts";
import { diffOf } from "../../tools/backup-diff.ts";
import { makeGuardedFiles } from "../../tools/guarded-files.ts";
import type { StoreKind } from "../knowledge/open-test-store.ts";
import { openScenario, untilTrue } from "./site.ts";
import { freePort, program } from "./surroundings.ts";

const GOOD = '{\n\t"greeting": "hello",\n   "colour": "blue" }\n';
const BAD = '{\n\t"greting": "hello",\n   "colour": "red" }\n';
const OTHER = "left alone\r\n";

async function openShop(store: StoreKind) {
  const port = String(await freePort());
  const site = await openScenario({
    store,
    files: { "shop/config/web.json": GOOD, "shop/notes.txt": OTHER },
    services: (folder) => [
      {
        name: "web",
        runtime: {
          process: { command: program("web"), env: { PORT: port, CONFIG: `${folder}/shop/config/web.json` } },
        },
        health: [{ http: `http://127.0.0.1:${port}/`, timeout: "1s" }],
        files: { root: `${folder}/shop`, editable: ["config/**"], afterEdit: "restart" },
      },
    ],
  });
  await site.start("web");
  await site.settle("web");
  return site;
}

/** As somebody's own script would: writes the file, restarts, and tries again when that did not work. */
async function rollOut(site: Awaited<ReturnType<typeof openShop>>, starts: number): Promise<void> {
  site.write("shop/config/web.json", BAD);
  const { runtime } = site.service("web");
  if (runtime?.kind !== "process") throw new Error("web is no process");
  for (let count = 0; count < starts; count += 1) {
    await site.supervisor.restart("web", runtime);
    await untilTrue("the new web has ended", () => !site.supervisor.running("web"));
  }
}

/** The lines by which the present files differ from those in the backup. */
async function changesOf(site: Awaited<ReturnType<typeof openShop>>, backupId: string | null) {
  const { steps } = await site.backups.read(backupId ?? "");
  const now = await makeGuardedFiles(site.service("web").files!).list();
  const [changed, ...more] = diffOf(steps[0]?.captured.files ?? [], now);
  expect(more).toEqual([]);
  return changed?.patch.split("\n").filter((line) => /^[-+](?![-+]{2})/.test(line));
}

function badConfigIsTakenBack(store: StoreKind): void {
  it.each([
    { starts: 1, kind: "exited" },
    { starts: 3, kind: "crash-loop" },
  ] as const)("puts the last good file back after $starts starts in vain", async ({ starts, kind }) => {
    await using site = await openShop(store);
    await rollOut(site, starts);
    await site.sees("web", kind);

    const run = await site.heal("web");

    expect(run).toMatchObject({ outcome: "healed" });
    expect(site.read("shop/config/web.json")).toBe(GOOD);
    expect(site.read("shop/notes.txt")).toBe(OTHER);
    expect(await site.state("web")).toMatchObject({ status: "running" });
    const incident = await site.incident(run?.id);
    expect(incident).toMatchObject({
      findings: [{ kind, service: "web" }],
      plan: {
        playbook: "crash-after-bad-config",
        actions: [{ action: "restore-files" }, { action: "restart" }],
      },
      verdict: { decision: "allow" },
      validation: { outcome: "healed" },
    });
    expect(await changesOf(site, incident.backupId)).toEqual([
      '-\t"greting": "hello",',
      '-   "colour": "red" }',
      '+\t"greeting": "hello",',
      '+   "colour": "blue" }',
    ]);
  });

  it("takes nothing back when the start that fails has read only good files", async () => {
    await using site = await openShop(store);
    await site.kill("web");
    const run = await site.heal("web");
    expect(await site.incident(run?.id)).toMatchObject({ plan: { actions: [{ action: "start" }] } });
    expect(site.read("shop/config/web.json")).toBe(GOOD);
  });
}

describe("a bad configuration, on the embedded store", () => {
  badConfigIsTakenBack("pglite");
});
describeWith("postgres", "a bad configuration, on a PostgreSQL server", () => {
  badConfigIsTakenBack("postgres");
});
