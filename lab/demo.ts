// The demo shop: three real processes to watch, real faults to break them with. Repairing is opsmedic's part.
import { randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Service } from "../domain/service.ts";
import { type DemoPaths, demoPaths } from "./demo-paths.ts";
import { type DemoPorts, demoServices } from "./demo-services.ts";

export { breakDemo, faults, type Fault, listFaults, mendDemo } from "./demo-faults.ts";
export type { DemoPorts } from "./demo-services.ts";

export const demoPorts: DemoPorts = { web: 18_081, upstream: 18_082, worker: 18_083 };

export interface DemoOptions {
  dataDir: string;
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
  const chosen = { ...demoPorts, ...ports };
  await copyConfiguration(paths);
  await mkdir(paths.control, { recursive: true, mode: 0o700 });
  await writeNew(paths.token, `${randomBytes(32).toString("base64url")}\n`);
  await writeWhole(paths.ports, JSON.stringify(chosen));
  return demoServices(paths, chosen, execPath);
}

async function copyConfiguration(paths: DemoPaths): Promise<void> {
  const source = fileURLToPath(new URL("./shop/config/", import.meta.url));
  const files = {
    "web.json": paths.webConfig,
    "worker.yaml": paths.workerConfig,
    "upstream.json": paths.upstreamConfig,
  };
  for (const [name, target] of Object.entries(files)) {
    await mkdir(dirname(target), { recursive: true });
    await copyNew(join(source, name), target);
  }
}

async function copyNew(source: string, target: string): Promise<void> {
  const there = await readFile(target).catch(() => undefined);
  if (there === undefined) await copyFile(source, target);
}

async function writeNew(path: string, text: string): Promise<void> {
  await writeFile(path, text, { flag: "wx", mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
