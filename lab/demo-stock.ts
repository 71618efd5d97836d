// The stock of the demo shop: two replicas behind a proxy that can take one out of rotation. Configured as the how-to about
// replicas says.
import type { Probe, Rotation, Service } from "../domain/service.ts";
import { type DemoPaths, type StockReplica, stockReplicas } from "./demo-paths.ts";
import type { DemoPorts } from "./demo-ports.ts";

const STOCK = "stock";
/** Much more than it needs: it says that what a young process takes is no leak. */
const REPLICA_MEMORY_LIMIT = 192 * 1024 * 1024;

/** How a service is made of a program in lab: with these settings beside the shop's own. */
type MakeProcess = (
  name: string,
  program: string,
  runs: { cwd: string; env: Record<string, string> },
) => Service;

/** Replicas first, as their proxy depends on them. */
export function stockServices(paths: DemoPaths, ports: DemoPorts, process: MakeProcess): Service[] {
  const replica = (name: StockReplica): Service => ({
    ...process(name, "shop/stock", {
      cwd: paths.folder(name),
      env: { SHOP_REPLICA_PORT: String(ports[name]) },
    }),
    health: [healthz(ports[name], { timeoutMs: 4_000, maxMs: 1_000 })],
    files: { root: paths.folder(name), editable: ["config/stock.json"], afterEdit: "restart" },
    limits: { maxReplicas: 1, maxMemoryBytes: REPLICA_MEMORY_LIMIT },
    rotation: rotationOf(name, ports.stockDoor),
  });
  const proxy: Service = {
    ...process(STOCK, "programs/proxy", {
      cwd: paths.stock,
      env: {
        PORT: String(ports.stock),
        ADMIN_PORT: String(ports.stockDoor),
        REPLICAS: stockReplicas.map((name) => `${name}=${ports[name]}`).join(","),
      },
    }),
    // Through the proxy, as customers come. How fast a replica is, is the replica's own check.
    health: [healthz(ports.stock, { timeoutMs: 5_000 })],
    dependsOn: [...stockReplicas],
  };
  return [...stockReplicas.map(replica), proxy];
}

function healthz(port: number, { timeoutMs, maxMs }: { timeoutMs: number; maxMs?: number }): Probe {
  return {
    kind: "http",
    url: `http://127.0.0.1:${port}/healthz`,
    everyMs: 2_000,
    timeoutMs,
    expect: { status: 200, ...(maxMs !== undefined && { maxMs }) },
  };
}

function rotationOf(name: StockReplica, door: number): Rotation {
  const place = `http://127.0.0.1:${door}/replicas/${name}`;
  const post = (way: "in" | "out") =>
    ({ kind: "http", url: `${place}/${way}`, method: "POST", headers: {} }) as const;
  return {
    of: STOCK,
    takeOut: post("out"),
    putBack: post("in"),
    look: {
      kind: "http",
      url: place,
      method: "GET",
      headers: {},
      out: '"state":"out"',
      idle: '"inFlight":0',
    },
    withinMs: 10_000,
  };
}
