// One opsmedic process of the crash tests. It is told by lines on stdin what to do, builds opsmedic as api/wire.ts
// does for the server, and may be told to kill or freeze itself at a boundary.
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import pino from "pino";
import { finishRestores } from "../../api/finish-restores.ts";
import { makeRestore } from "../../api/restore.ts";
import { restoredBackup } from "../../api/restore-plan.ts";
import { wire, type Wired, systemIds } from "../../api/wire.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { expectShortLife } from "../../knowledge/short-life.ts";
import { type OpenStore, openStore } from "../../knowledge/store.ts";
import { withBoundaries } from "./boundaries.ts";
import type { Evidence, Order, Reply } from "./orders.ts";
import { configOf, SERVICE, type Site } from "./site.ts";

expectShortLife();

let opened: OpenStore | undefined;

async function storeOf({ folder, url }: Site): Promise<OpenStore> {
  opened ??= await openStore(
    { dataDir: join(folder, "data"), url },
    { clock: systemClock, makeId: systemIds },
  );
  return opened;
}

async function build(site: Site, store: OpenStore): Promise<Wired> {
  const wired = await wire({
    config: configOf(site),
    logger: pino({ level: "silent" }),
    live: { publish: () => undefined, subscribe: () => () => undefined },
    requestRun: () => Promise.resolve(),
    baseEnv: { PATH: process.env["PATH"] ?? "" },
    opened: store,
    timing: { validateEveryMs: 40, graceMs: 100, leaseMs: site.leaseMs, provenAfterMs: 60_000 },
  });
  followLog(wired);
  return wired;
}

/** The shop writes the time before each line, so lines that are read late, or again, have their own time. */
function followLog({ supervisor, engine }: Wired): void {
  let position = 0;
  let rest = "";
  const read = (): void => {
    const file = openSync(supervisor.folderOf(SERVICE).log, "r");
    const bytes = Buffer.alloc(64 * 1024);
    const length = readSync(file, bytes, 0, bytes.length, position);
    closeSync(file);
    position += length;
    const lines = (rest + bytes.toString("utf8", 0, length)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [at = "", ...words] = line.split(" ");
      const text = words.join(" ");
      engine.monitor.note({
        kind: "log",
        service: SERVICE,
        at: Number(at),
        level: "warn",
        text,
        source: "shop",
      });
    }
  };
  read();
  setInterval(read, 20).unref();
}

/** Until no run is unfinished, as a start of the server does it, and the killed one's leases are over. */
async function finish(wired: Wired): Promise<void> {
  const { engine, opened } = wired;
  const { store } = opened;
  for (;;) {
    await finishRestores(wired);
    const unfinished = await store.runs.unfinished();
    const halfDone = await store.journal.unfinished();
    const restoring = halfDone.some((one) => restoredBackup(one.planId) !== undefined);
    const held = await store.leases.held();
    if (unfinished.length === 0 && !restoring && held.length === 0) return;
    for (const { service } of unfinished) {
      await engine.runner.run({ service, trigger: "recovery", reason: "opsmedic was started again" });
    }
    await systemClock.sleep(20);
  }
}

async function gather({ opened: { store }, backups }: Wired): Promise<Evidence> {
  const { runs } = await store.runs.list({ limit: 100 });
  const journal = (await Promise.all(runs.map(({ id }) => store.journal.ofRun(id)))).flat();
  const ids = [...new Set(journal.flatMap((one) => one.backupId ?? []))];
  return {
    runs,
    journal,
    halfDone: await store.journal.unfinished(),
    incidents: await store.incidents.list({ limit: 100 }),
    cases: await store.cases.recent({ since: 0, limit: 100 }),
    backups: await Promise.all(ids.map((id) => backups.verify(id))),
    leases: await store.leases.held(),
    audit: (await store.audit.list({ limit: 500 })).toReversed(),
  };
}

/** Everything that opsmedic remembers is forgotten; the database goes on. */
async function forget({ db }: OpenStore): Promise<void> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname in ('opsmedic', 'graph') and tablename not like '%migrations'`,
  );
  await db.transaction(async (tx) => {
    // The trace and the audit log refuse to be emptied, and references would set an order: triggers rest meanwhile.
    await tx.query("set local session_replication_role = replica");
    // A truncate makes new files for each of them, with its indexes, also where there is nothing to forget.
    await tx.query(tables.map(({ name }) => `delete from ${name}`).join("; "));
  });
}

async function carryOut(order: Order): Promise<Reply> {
  if (order.do === "forget") {
    await forget(await storeOf(order.site));
    return { did: "forget" };
  }
  const store = await storeOf(order.site);
  if (order.do === "recover") {
    const wired = await build(order.site, store);
    await finish(wired);
    return { did: "recover", evidence: await gather(wired), boundaries: [] };
  }
  const bounded = withBoundaries(store, (name, nth) => {
    if (name === order.killAt?.name && nth === order.killAt.nth) process.kill(process.pid, "SIGKILL");
    if (order.do === "restore" || name !== order.freezeAt) return;
    say({ did: "freeze" });
    process.kill(process.pid, "SIGSTOP");
  });
  const wired = await build(order.site, bounded.opened);
  if (order.do === "restore") await restoreTheFirst(wired);
  else await wired.engine.runner.run({ service: SERVICE, trigger: "api", reason: "test" });
  const boundaries = [...bounded.reached];
  return { did: order.do, evidence: await gather(wired), boundaries };
}

/** The healing's backup; those that restores took come later. */
async function restoreTheFirst(wired: Wired): Promise<void> {
  const [first] = (await wired.backups.list()).toSorted((a, b) => a.at - b.at);
  const { restored, steps } = await makeRestore(wired)(first?.id ?? "", { dryRun: false, by: "test" });
  if (!restored) throw new Error(JSON.stringify(steps));
}

/** At once: a process that kills itself next has said it. */
function say(reply: Reply): void {
  writeSync(1, `${JSON.stringify(reply)}\n`);
}

for await (const line of createInterface({ input: process.stdin })) {
  say(
    await carryOut(JSON.parse(line) as Order).catch(
      (error: unknown) => ({ did: "failed", why: String((error as Error).stack) }) as const,
    ),
  );
  // With what an order needs, and before its end: most of these processes are killed.
  flushCompileCache();
}
await opened?.close();
process.exit(0);
