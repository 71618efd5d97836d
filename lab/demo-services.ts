// The services of the demo shop, as a configuration would describe them.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Probe, Service } from "../domain/service.ts";
import type { DemoPaths, ShopService } from "./demo-paths.ts";
import type { DemoPorts } from "./demo-ports.ts";
import { stockServices } from "./demo-stock.ts";

const MEBIBYTE = 1024 * 1024;
export const WEB_MEMORY_LIMIT = 192 * MEBIBYTE;

export function demoServices(paths: DemoPaths, ports: DemoPorts, execPath: string): Service[] {
  const env = {
    SHOP_WEB_PORT: String(ports.web),
    SHOP_UPSTREAM_PORT: String(ports.upstream),
    SHOP_WORKER_PORT: String(ports.worker),
    SHOP_STOCK_PORT: String(ports.stock),
    SHOP_CONTROL_TOKEN_FILE: paths.token,
    SHOP_UPSTREAM_LIMIT_FILE: paths.upstreamConfig,
    SHOP_MEMORY_LIMIT: String(WEB_MEMORY_LIMIT),
  };
  const service = (name: string, runtime: { command: string[]; cwd: string; env: typeof env }): Service => ({
    name,
    runtime: { kind: "process", ...runtime },
    health: [],
    metrics: [],
    logs: [{ kind: "runtime" }],
    dependsOn: [],
    limits: { maxReplicas: 1 },
    protected: false,
    discovered: false,
  });
  const process = (name: ShopService, before: readonly string[] = []): Service =>
    service(name, {
      command: [...before, execPath, program(`shop/${name}`)],
      cwd: paths.folder(name),
      env,
    });
  return [
    { ...process("upstream"), health: [page(ports.upstream, "/status")] },
    {
      ...process("web"),
      // The checkout is what the shop lives from: a shop that is merely up is not well.
      health: [page(ports.web, "/healthz"), page(ports.web, "/checkout")],
      metrics: [{ prometheus: `http://127.0.0.1:${ports.web}/metrics` }],
      dependsOn: ["upstream"],
      files: { root: paths.folder("web"), editable: ["config/web.json"], afterEdit: "restart" },
      limits: { maxReplicas: 1, maxMemoryBytes: WEB_MEMORY_LIMIT },
    },
    ...stockServices(paths, ports, (name, file, runs) =>
      service(name, {
        // What is young may take 3 MB rather than 48: there are several of them.
        command: [execPath, "--max-semi-space-size=1", program(file)],
        cwd: runs.cwd,
        env: { ...env, ...runs.env },
      }),
    ),
    {
      ...process("worker", onOneProcessor()),
      health: [page(ports.worker, "/healthz")],
      dependsOn: ["upstream", "web", "stock"],
      files: { root: paths.folder("worker"), editable: ["config/worker.yaml"], afterEdit: "restart" },
    },
  ];
}

function page(port: number, path: string): Probe {
  return {
    kind: "http",
    url: `http://127.0.0.1:${port}${path}`,
    everyMs: 2_000,
    timeoutMs: 2_000,
    expect: { status: 200, maxMs: 1_000 },
  };
}

/** The source runs as it is; a build has the same file as JavaScript beside it. */
function program(name: string): string {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
}

/**
 * The worker may use one processor only, so that a loop in it is as bad as it can be there and leaves the rest of the
 * machine alone. Empty where the system has no taskset (util-linux) or does not allow it.
 */
function onOneProcessor(): string[] {
  const allowed = /^Cpus_allowed_list:.*?(\d+)$/m.exec(readOrEmpty("/proc/self/status"))?.[1];
  if (allowed === undefined) return [];
  const command = ["taskset", "-c", allowed];
  const tried = spawnSync("taskset", ["-c", allowed, "true"], { stdio: "ignore", timeout: 5_000 });
  return tried.status === 0 ? command : [];
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
