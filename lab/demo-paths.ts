// Where the demo keeps its things: a working copy under the data folder, so that the repository is never edited.
import { join } from "node:path";

export type ShopService = "web" | "upstream" | "worker";
export const shopServices: readonly ShopService[] = ["upstream", "web", "worker"];
/** Two of the same, behind the proxy that is called stock. */
export const stockReplicas = ["stock-1", "stock-2"] as const;
export type StockReplica = (typeof stockReplicas)[number];

export interface DemoPaths {
  folder(service: ShopService | StockReplica): string;
  /** Of the replicas' proxy, which has no files. */
  stock: string;
  webConfig: string;
  workerConfig: string;
  upstreamConfig: string;
  stockConfig(replica: StockReplica): string;
  control: string;
  token: string;
  ports: string;
  /** web.json as it was before it was broken. */
  keptWebConfig: string;
}

export function demoPaths(dataDir: string): DemoPaths {
  const folder = (service: ShopService | StockReplica): string => join(dataDir, "shop", service);
  const control = join(dataDir, "shop", "control");
  return {
    folder,
    stock: join(dataDir, "shop", "stock"),
    webConfig: join(folder("web"), "config", "web.json"),
    workerConfig: join(folder("worker"), "config", "worker.yaml"),
    upstreamConfig: join(folder("upstream"), "config", "upstream.json"),
    stockConfig: (replica) => join(folder(replica), "config", "stock.json"),
    control,
    token: join(control, "token"),
    ports: join(control, "ports.json"),
    keptWebConfig: join(control, "web.json"),
  };
}
