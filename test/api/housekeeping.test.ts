// Housekeeping with what the configuration says: the old goes, the younger and the unfinished stay.
import { mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { emptyCheckpoint } from "@langchain/langgraph-checkpoint";
import { afterEach, beforeEach, expect, it } from "vitest";
import { configFromObject } from "../../api/config.ts";
import { makeHousekeeping } from "../../api/housekeeping.ts";
import { makePolicyHolder } from "../../api/policy-holder.ts";
import { openCheckpointer } from "../../graph/checkpointer.ts";
import { makeGitBackups } from "../../tools/git-backup.ts";
import { makeSetAside } from "../../tools/set-aside.ts";
import { describeOnEachDriver } from "../knowledge/each-driver.ts";
import type { TestStore } from "../knowledge/open-test-store.ts";
import { finding } from "../knowledge/sample-findings.ts";

const DAY = 24 * 3_600_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "opsmedic-housekeeping-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What `opsmedic serve` cleans up, with these lines in opsmedic.yaml. */
async function housekeeper(site: TestStore, written: object) {
  const { clock, store } = site;
  const config = configFromObject({ version: 1, services: [], ...written }, { baseDir: folder });
  const backups = makeGitBackups({ folder: join(folder, "backups.git"), clock });
  const policy = await makePolicyHolder({ configured: config.policy, settings: store.settings, clock });
  const setAside = makeSetAside(config.copiesFolder);
  return {
    backups,
    setAside,
    clean: makeHousekeeping({ config, policy, backups, setAside, opened: site, clock }),
  };
}

async function endedRun({ store, clock }: TestStore, id: string, ago: number): Promise<void> {
  const at = clock.now() - ago;
  const incident = await store.incidents.open("shop", [finding(`of-${id}`)], at);
  await store.incidents.close(incident.id, "RESOLVED", at);
  await store.runs.start({ id, service: "shop", trigger: "watch", reason: "" });
  await store.runs.update(id, { status: "ended", outcome: "healed", endedAt: at, incidentId: incident.id });
}

const idsOf = async ({ store }: TestStore) =>
  (await store.runs.list({ limit: 20 })).runs.map(({ id }) => id).toSorted();

const allMine = async (): Promise<void> => undefined;

/** As the graph leaves one after each node. */
async function checkpointed({ pool }: TestStore, runId: string): Promise<void> {
  const saver = await openCheckpointer(pool, allMine);
  const config = { configurable: { thread_id: runId, checkpoint_ns: "" } };
  const checkpoint = { ...emptyCheckpoint(), channel_values: { seen: runId }, channel_versions: { seen: 1 } };
  const saved = await saver.put(config, checkpoint, { source: "loop", step: 0, parents: {} }, { seen: 1 });
  await saver.putWrites(saved, [["seen", "next"]], "task");
}

async function threadsLeft({ db }: TestStore): Promise<object> {
  const left = async (table: string): Promise<string[]> => {
    const rows = await db.query<{ id: string }>(
      `select distinct thread_id as id from graph.${table} order by 1`,
    );
    return rows.map(({ id }) => id);
  };
  return {
    checkpoints: await left("checkpoints"),
    blobs: await left("checkpoint_blobs"),
    writes: await left("checkpoint_writes"),
  };
}

describeOnEachDriver("housekeeping", (open) => {
  it("removes the checkpoints of the runs that it removes, and no others", async () => {
    await using site = await open();
    await endedRun(site, "of-200-days", 200 * DAY);
    await endedRun(site, "of-1-day", 1 * DAY);
    await site.store.runs.start({ id: "unfinished", service: "web", trigger: "watch", reason: "" });
    const all = ["of-1-day", "of-200-days", "unfinished"];
    for (const id of all) await checkpointed(site, id);
    expect(await threadsLeft(site)).toEqual({ checkpoints: all, blobs: all, writes: all });

    await (await housekeeper(site, {})).clean();
    const left = ["of-1-day", "unfinished"];
    expect(await threadsLeft(site)).toEqual({ checkpoints: left, blobs: left, writes: left });
  });

  it("removes what is older than retention.incidents, and nothing that is younger or unfinished", async () => {
    await using site = await open();
    await endedRun(site, "of-200-days", 200 * DAY);
    await endedRun(site, "of-3-days", 3 * DAY);
    await endedRun(site, "of-1-day", 1 * DAY);
    await site.store.runs.start({ id: "unfinished", service: "web", trigger: "watch", reason: "" });
    await site.store.audit.append({ actor: "a", door: "cli", action: "b", target: "c", detail: {} });

    await (await housekeeper(site, {})).clean();
    expect(await idsOf(site)).toEqual(["of-1-day", "of-3-days", "unfinished"]);

    await (await housekeeper(site, { retention: { incidents: "2d" } })).clean();
    expect(await idsOf(site)).toEqual(["of-1-day", "unfinished"]);
    expect(await site.store.incidents.list({ limit: 9 })).toMatchObject([{ signatures: ["of-of-1-day"] }]);

    // However long it takes: what is not ended does not get old, and the audit log is never shortened.
    site.clock.advance(400 * DAY);
    await (await housekeeper(site, { retention: { incidents: "2d" } })).clean();
    expect(await idsOf(site)).toEqual(["unfinished"]);
    expect(await site.store.audit.verify()).toMatchObject({ ok: true, entries: 1 });
  });

  it("keeps backups for as long as their own setting says, also where the store fails", async () => {
    await using site = await open();
    const written = { healing: { backups: { keep: "5d" } } };
    const { backups } = await housekeeper(site, written);
    const request = { runId: "r", service: "shop", reason: "", confidenceBp: 0, steps: [] };
    await backups.take({ ...request, planId: "old" });
    site.clock.advance(6 * DAY);
    const young = await backups.take({ ...request, planId: "young" });
    const away = { pruneRuns: () => Promise.reject(new Error("the store is away")) };
    const { clean } = await housekeeper({ ...site, retention: away }, written);
    await expect(clean()).rejects.toThrow("the store is away");
    expect((await backups.list()).map(({ id }) => id)).toEqual([young.id]);
  });

  it("removes copies of a clean-up that healed, and no others while their backup is kept", async () => {
    await using site = await open();
    const { backups, setAside, clean } = await housekeeper(site, {});
    await endedRun(site, "healed", 0);
    await site.store.runs.start({ id: "open", service: "web", trigger: "watch", reason: "" });
    const archives: Record<string, string> = {};
    for (const runId of ["healed", "open"]) {
      const archive = setAside.newId();
      const captured = { state: { archive, files: [] }, files: [] };
      const steps = [{ step: 1, action: "free-space", service: "shop", captured }];
      const request = { runId, planId: "p", service: "shop", reason: "", confidenceBp: 0, steps };
      await backups.take(request);
      const copies = await setAside.open(archive, { create: true });
      await copies?.add([{ key: "0", content: () => Readable.from([Buffer.from("a line")]) }]);
      utimesSync(
        join(folder, `.opsmedic/set-aside/${archive}.gz`),
        site.clock.now() / 1e3,
        site.clock.now() / 1e3,
      );
      archives[runId] = archive;
    }
    await clean();
    expect(await setAside.list()).toHaveLength(2);
    site.clock.advance(DAY);
    await clean();
    expect((await setAside.list()).map((one) => one.id)).toEqual([archives["open"]]);
    expect(await setAside.wasRemoved(archives["healed"] ?? "")).toBe(true);
    site.clock.advance(40 * DAY);
    await clean();
    expect(await setAside.list()).toEqual([]);
  });
});
