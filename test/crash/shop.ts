// The shop of the crash tests, as the world sees it: started, broken and counted from outside opsmedic.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import { BEFORE, configOf, places, SERVICE, type Site } from "./site.ts";

/** Enough for a finding, also where the first ones count for the instance before: a start is noted a little late. */
const COMPLAINTS = 10;

/** The world outside opsmedic, as the test sees and resets it. */
export function openShop(site: Site) {
  const { dataDir, starts, config } = places(site.folder);
  const { runtime } = configOf(site).services[0]!;
  if (runtime?.kind !== "process") throw new Error("the shop is a process");
  const supervisor = makeProcessSupervisor({
    folder: join(dataDir, "processes"),
    clock: systemClock,
    baseEnv: { PATH: process.env["PATH"] ?? "" },
  });
  const countStarts = (): number => (existsSync(starts) ? readFileSync(starts).length : 0);
  return {
    stop: () => supervisor.stop(SERVICE),
    /** As it was before anything was healed, with its trouble. */
    async reset(): Promise<void> {
      await supervisor.stop(SERVICE);
      mkdirSync(join(site.folder, "shop", "config"), { recursive: true });
      writeFileSync(config, BEFORE);
      writeFileSync(starts, "");
      writeFileSync(supervisor.folderOf(SERVICE).log, "");
      await supervisor.start(SERVICE, runtime);
      await vi.waitUntil(() => countStarts() === 1, { interval: 5, timeout: 10_000 });
      if (site.trouble === "killed") {
        process.kill(supervisor.pidOf(SERVICE)!, "SIGKILL");
        await vi.waitUntil(() => supervisor.folderOf(SERVICE).exit() !== undefined, {
          interval: 5,
          timeout: 10_000,
        });
      } else {
        const complaints = (): number =>
          readFileSync(supervisor.folderOf(SERVICE).log, "utf8").split("\n").length;
        await vi.waitUntil(() => complaints() > COMPLAINTS, { interval: 5, timeout: 10_000 });
      }
    },
    world: () => ({
      file: readFileSync(config, "utf8"),
      starts: countStarts(),
      runs: supervisor.running(SERVICE) !== undefined,
    }),
  };
}
export type Shop = ReturnType<typeof openShop>;
