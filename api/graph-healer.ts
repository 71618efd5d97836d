// Healer over the engine: what the doors ask for becomes runs. A run is written down before its job is sent, so
// that whoever asked can be told its id at once; the job carries only the service's name.
import { HealError } from "../domain/errors.ts";
import { isSymptom } from "../domain/finding.ts";
import type { Service } from "../domain/service.ts";
import type { RunRecord } from "../knowledge/records.ts";
import { shownDiffOf } from "../tools/backup-diff.ts";
import type { Healer } from "./healer.ts";
import { type Looked, makeLook } from "./look.ts";
import { makeRestore } from "./restore.ts";
import type { Wired } from "./wire.ts";

const WAIT_LOOK_MS = 150;

const isSick = ({ findings }: Looked): boolean => findings.some(isSymptom);

/** `sendJob` lets a worker take up the service's unfinished run. */
export function makeGraphHealer(wired: Wired, sendJob: (service: string) => Promise<void>): Healer {
  const { engine, services, opened, makeId, clock } = wired;
  const look = makeLook(wired);
  const { runs } = opened.store;
  const restore = makeRestore(wired);

  function chosen(names: readonly string[] | undefined): Service[] {
    if (!names) return [...services()];
    return names.map((name) => {
      const service = services().find((one) => one.name === name);
      if (service) return service;
      throw new HealError(`There is no service "${name}".`, {
        code: "unknown-service",
        hint: `Watched are: ${
          services()
            .map((one) => one.name)
            .join(", ") || "none"
        }.`,
      });
    });
  }

  async function launch(
    service: string,
    order: Pick<RunRecord, "trigger" | "reason" | "dryRun">,
  ): Promise<string> {
    const [unfinished] = await runs.unfinished(service);
    const id = unfinished?.id ?? makeId("run");
    if (!unfinished) await runs.start({ id, service, ...order });
    await sendJob(service);
    return id;
  }

  /** A service looks well while its repair is still being proved: that run belongs to the answer. */
  async function underWay(names: ReadonlySet<string>): Promise<string[]> {
    const all = await runs.unfinished();
    const theirs = all.filter((one) => one.status === "running" && names.has(one.service));
    // Where nobody is at work on it any more, it is taken up.
    for (const one of theirs) await sendJob(one.service);
    return theirs.map((one) => one.id);
  }

  return {
    async check({ services: names, dryRun, trigger, reason }) {
      const looked = await look(chosen(names));
      const runIds: string[] = [];
      for (const { service } of looked.filter(isSick))
        runIds.push(await launch(service.name, { trigger, reason, dryRun }));
      const well = looked.filter((one) => !isSick(one)).map(({ service }) => service.name);
      const joined = dryRun ? [] : await underWay(new Set(well));
      return { findings: looked.flatMap((one) => one.findings), runIds: [...runIds, ...joined] };
    },

    async waitFor(runIds, signal) {
      for (const id of runIds) {
        while ((await runs.get(id))?.status === "running") await clock.sleep(WAIT_LOOK_MS, signal);
      }
    },

    cancel: (runId) => engine.runner.cancel(runId),
    resumeApproval: (approval) => sendJob(approval.service),
    restore,

    async diff(backupId) {
      const { meta, steps } = await wired.backups.read(backupId);
      const files = steps.flatMap((one) => one.captured.files);
      const service = services().find((one) => one.name === meta.service);
      const access = service && wired.filesOf(service);
      const now = await Promise.all(
        files.map(async ({ path }) => ({ path, content: (await access?.read(path))?.content ?? null })),
      );
      return shownDiffOf(files, now);
    },
  };
}
