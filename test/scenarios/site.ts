// A site for scenarios: opsmedic's own engine, as api/wire.ts builds it, over a real process in a folder of its
// own. Nothing is faked but the time that validation takes.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pino from "pino";
import { configFromObject } from "../../api/config.ts";
import type { EngineTiming } from "../../api/engine.ts";
import type { LiveEvent } from "../../api/operations.ts";
import { wire } from "../../api/wire.ts";
import { only } from "../../domain/signal.ts";
import type { OpenStore } from "../../knowledge/store.ts";
import { openTestStore, type StoreKind } from "../knowledge/open-test-store.ts";
import { systemClock } from "../../domain/system-clock.ts";

export interface SiteOptions {
  store?: StoreKind;
  /** As in opsmedic.yaml; FOLDER in texts becomes the site's folder. */
  services: (folder: string) => object[];
  healing?: object;
  files?: Record<string, string>;
  timing?: Partial<EngineTiming>;
  opened?: OpenStore;
}

export async function openScenario({
  store = "pglite",
  services,
  healing,
  files = {},
  timing,
  opened,
}: SiteOptions) {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-scenario-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const config = configFromObject(
    {
      version: 1,
      dataDir: join(folder, ".opsmedic"),
      services: services(folder),
      healing: { validate: { for: "2s" }, ...healing },
    },
    { baseDir: folder, variables: {} },
  );
  const requested: { service: string; reason: string }[] = [];
  const published: LiveEvent[] = [];
  const wired = await wire({
    config,
    logger: pino({ level: "silent" }),
    live: { publish: (event) => published.push(event), subscribe: () => () => undefined },
    requestRun: async (service, reason) => {
      requested.push({ service, reason });
    },
    baseEnv: { PATH: process.env["PATH"] ?? "" },
    opened: opened ?? (await openTestStore(store, { clock: systemClock as never })),
    timing: { validateEveryMs: 100, graceMs: 1_000, leaseMs: 2_000, provenAfterMs: 200, ...timing },
  });
  const { engine, targets } = wired;

  return {
    ...wired,
    folder,
    requested,
    published,
    start: async (name: string) => {
      await targets.of(name)?.start();
    },
    /** Looks until the service is well, and remembers its files as good. */
    async settle(name: string) {
      const service = wired.services().find((one) => one.name === name);
      if (!service) throw new Error(`no service ${name}`);
      const deadline = Date.now() + 20_000;
      for (;;) {
        const window = await engine.monitor.observe(service);
        const fine = engine.judge(service, window).length === 0 && only(window, "probe").at(-1)?.ok !== false;
        if (fine) await engine.knownGood.noteHealthy(service, only(window, "state").at(-1));
        if (fine && (service.files === undefined || (await wired.fileHistory.lastGood(name)))) return;
        if (Date.now() > deadline)
          throw new Error(`${name} did not become healthy: ${JSON.stringify(window.slice(-5))}`);
        await systemClock.sleep(100);
      }
    },
    heal: (service: string, more: { dryRun?: boolean } = {}) =>
      engine.runner.run({ service, trigger: "api", reason: "test", ...more }),
    incident: (runId: string) => wired.opened.store.runs.incident(runId),
    async [Symbol.asyncDispose]() {
      for (const { name, runtime } of wired.services()) {
        if (runtime?.kind === "process") await wired.supervisor.stop(name);
      }
      await wired.opened.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type Scenario = Awaited<ReturnType<typeof openScenario>>;
