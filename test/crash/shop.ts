// The shop of the crash tests: one real process with one real configuration file. It appends a byte to a file at each
// start, so that starts are counted from outside, and complains in its log while something is wrong with it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { type Config, configFromObject } from "../../api/config.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";

/** What is wrong: it was killed; a setting makes an upstream refuse it; the same, and the setting changes nothing. */
export const troubles = ["killed", "asks-too-fast", "asks-in-vain"] as const;
export type Trouble = (typeof troubles)[number];

export interface Site {
  folder: string;
  trouble: Trouble;
  /** Empty: the embedded store, in the folder. */
  url: string;
  leaseMs: number;
}

export const SERVICE = "shop";
export const BEFORE = `{\r\n  "name": "Möbel & Co", "port": 8080,\r\n  "upstream": { "delayMs": 800 } }`;
export const AFTER = BEFORE.replace("800", "1200");

const SHOP = `
printf x >>"$1"
limited=yes
if [ "$3" = killed ]; then limited=no; fi
if [ "$3" = asks-too-fast ] && grep -q '"delayMs": 1[02]' "$2"; then limited=no; fi
complain() { echo "$(date +%s%3N) WARN upstream partner.example answered 429 Too Many Requests"; }
if [ $limited = no ]; then exec sleep 3600; fi
while sleep 0.02; do complain; done`;
/** Enough for a finding, also where the first ones count for the instance before: a start is noted a little late. */
const COMPLAINTS = 10;

const places = (folder: string) => ({
  dataDir: join(folder, "data"),
  starts: join(folder, "starts"),
  config: join(folder, "shop", "config", "app.json"),
});

export function configOf({ folder, trouble, url }: Site): Config {
  const { dataDir, starts, config } = places(folder);
  return configFromObject(
    {
      version: 1,
      dataDir,
      ...(url !== "" && { storage: { url } }),
      services: [
        {
          name: SERVICE,
          runtime: { process: { command: ["/bin/sh", "-c", SHOP, "shop", starts, config, trouble] } },
          files: { root: join(folder, "shop"), editable: ["config/*.json"], afterEdit: "restart" },
        },
      ],
      healing: { validate: { for: "300ms" } },
    },
    { baseDir: folder, variables: {} },
  );
}

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
