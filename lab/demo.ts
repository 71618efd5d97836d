// The demo shop: six real processes to watch, real faults to break them with. Repairing is opsmedic's part.
import { randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Service } from "../domain/service.ts";
import { stockJson, upstreamJson, webJson, workerYaml } from "./demo-config.ts";
import { type DemoPaths, demoPaths, stockReplicas } from "./demo-paths.ts";
import { type DemoPorts, demoPorts, readPorts } from "./demo-ports.ts";
import { demoServices } from "./demo-services.ts";

export { breakDemo, faults, type Fault, listFaults, mendDemo } from "./demo-faults.ts";
export { type DemoPorts, demoPorts, portsFrom } from "./demo-ports.ts";

export interface DemoOptions {
  dataDir: string;
  /** Those that are not named stay as they were when this folder was last prepared. */
  ports?: Partial<DemoPorts>;
  /** The program that runs TypeScript (Node 24 or newer). */
  execPath?: string;
}

/**
 * Makes the working copy under `<dataDir>/shop/` (what is there already stays as it is) and returns the services,
 * dependencies first. Nothing is started.
 */
export async function prepareDemo({
  dataDir,
  ports,
  execPath = process.execPath,
}: DemoOptions): Promise<Service[]> {
  const paths = demoPaths(resolve(dataDir));
  const chosen = { ...demoPorts, ...(await readPorts(paths)), ...ports };
  await writeConfiguration(paths);
  await mkdir(paths.stock, { recursive: true });
  await mkdir(paths.control, { recursive: true, mode: 0o700 });
  await writeNew(paths.token, `${randomBytes(32).toString("base64url")}\n`);
  await writeWhole(paths.ports, JSON.stringify(chosen));
  return demoServices(paths, chosen, execPath);
}

async function writeConfiguration(paths: DemoPaths): Promise<void> {
  const files = [
    [paths.webConfig, webJson],
    [paths.workerConfig, workerYaml],
    [paths.upstreamConfig, upstreamJson],
    ...stockReplicas.map((name) => [paths.stockConfig(name), stockJson] as const),
  ] as const;
  for (const [path, text] of files) {
    await mkdir(dirname(path), { recursive: true });
    await writeNew(path, text);
  }
}

/** Leaves what is there: a repair of an earlier day must not be undone by the next start. */
async function writeNew(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
