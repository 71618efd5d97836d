// The demo, as the server watches it where there is no opsmedic.yaml: the shop's services, and times that suit
// somebody who sits in front of it.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { type Config, configFromObject, readEnvironment } from "./config.ts";

export const DEMO_DATA_DIR = ".opsmedic";

/** Short enough to watch, long enough to prove something. Everything else is as in production. */
const healing = {
  watch: "1s",
  validate: { for: "12s" },
  breaker: { attempts: 5, within: "1m", cooldown: "3s", symptomReturns: "10s" },
};

export async function demoConfig(cwd: string, overrides: object = {}): Promise<Config> {
  const { OPSMEDIC_LISTEN, OPSMEDIC_DEMO_PORT: port } = readEnvironment();
  const { prepareDemo, portsFrom } = await import("../lab/demo.ts");
  const dataDir = resolve(cwd, DEMO_DATA_DIR);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const base = configFromObject(
    { version: 1, dataDir, healing, services: [], ...overrides },
    { baseDir: cwd, variables: { OPSMEDIC_LISTEN } },
  );
  const ports = port === undefined ? {} : portsFrom(port);
  return { ...base, services: await prepareDemo({ dataDir: base.dataDir, ports }) };
}
