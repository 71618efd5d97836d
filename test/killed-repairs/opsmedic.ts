// One opsmedic process of the tests of killed repairs: the nodes that act, over the real journal, the real backups and the
// whole catalogue, and nothing else. Arguments: the store's URL and the data folder; orders are lines on stdin.
import { writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { makeBackUp, makeRollBack } from "../../agents/backup-manager.ts";
import { makeApply } from "../../agents/fix-engineer.ts";
import { makeWorkbench } from "../../agents/workbench.ts";
import { HealError } from "../../domain/errors.ts";
import type { FixPlan } from "../../domain/plan.ts";
import type { Policy } from "../../domain/policy.ts";
import type { Service } from "../../domain/service.ts";
import { systemClock } from "../../domain/system-clock.ts";
import type { JournalEntry } from "../../knowledge/records.ts";
import { openStore } from "../../knowledge/store.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import { makeGitBackups } from "../../tools/git-backup.ts";
import { makeGitFileHistory } from "../../tools/git-file-history.ts";
import { makeSetAside } from "../../tools/set-aside.ts";
import { withBoundaries } from "../crash/boundaries.ts";
import type { Order, Repair, Reply } from "./orders.ts";

const [url = "", dataDir = ""] = process.argv.slice(2);
const clock = systemClock;
const makeId = (prefix: string): string => `${prefix}-${process.pid}-${performance.now()}`;
let dieAt: string | undefined;
const opened = await openStore({ dataDir: undefined, url, max: 2 }, { clock, makeId });
const { store } = withBoundaries(opened, (name) => {
  if (name === dieAt) process.kill(process.pid, "SIGKILL");
}).opened;

const folder = join(dataDir, "backups.git");
const backups = makeGitBackups({ folder, clock });
const databases = makeDatabaseInspectors({ clock });
const services = new Map<string, Service>();
const workbench = makeWorkbench({
  actions: makeActions({
    fileHistory: makeGitFileHistory({ folder, clock }),
    freeSpace: { setAside: makeSetAside(join(dataDir, "copies")), ownFolders: [dataDir] },
    images: {} as never, // no engine of containers is asked here
    containers: {} as never,
  }),
  journal: store.journal,
  surroundings: (name) => {
    const service = services.get(name);
    return service && { service, target: undefined, files: undefined, databases };
  },
});

async function carryOut({ do: what, repair, dieAt: boundary }: Order): Promise<Reply> {
  const { runId, service } = repair;
  services.set(service.name, service);
  // The killed one's lease is over by now, as it is when a start takes up its run.
  const lease = await store.leases.acquire(`service:${service.name}`, "opsmedic", 60_000);
  if (!lease) throw new HealError("The lease is taken.", { code: "lease-lost" });
  const parts = {
    workbench,
    backups,
    clock,
    checkLease: () => Promise.resolve(lease),
    undoPatienceMs: 60_000,
  };
  const plan = planOf(repair);
  const rollBack = makeRollBack(parts);
  dieAt = boundary;
  if (what === "take back") await rollBack(runId, plan.id);
  else {
    const backupId = await backedUp();
    const { application } = await makeApply({ ...parts, policy: notPaused })({ runId, plan, backupId });
    if (application?.outcome !== "applied") await rollBack(runId, plan.id);
  }
  const entry = await entryOf(plan);
  return { state: entry?.state ?? "intent", text: entry?.detail ?? "" };

  /** The node's checkpoint comes after its last word to the journal: until then it runs again. */
  async function backedUp(): Promise<string | null> {
    const entry = await entryOf(plan);
    if (entry && !["intent", "captured"].includes(entry.state)) return entry.backupId;
    return (await makeBackUp(parts)({ runId, plan, diagnosis: null })).backupId;
  }
}

const notPaused = (): Policy => ({ paused: false }) as Policy;

async function entryOf({ id, runId }: FixPlan): Promise<JournalEntry | undefined> {
  return (await store.journal.ofPlan(runId, id))[0];
}

function planOf({ runId, action, params, effect, service }: Repair): FixPlan {
  return {
    id: `plan-of-${runId}`,
    runId,
    service: service.name,
    title: action,
    actions: [{ step: 1, action, service: service.name, params, effect }],
  } as unknown as FixPlan;
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await carryOut(JSON.parse(line) as Order).catch((error: unknown) => ({
    failed: String((error as Error).stack),
  }));
  // At once: a process that is killed next has said it.
  writeSync(1, `${JSON.stringify(reply)}\n`);
  // With what an order needs, and before its end: most of these processes are killed.
  flushCompileCache();
}
databases.close();
await opened.close();
