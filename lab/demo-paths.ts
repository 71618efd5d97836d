// Where the demo keeps its things: a working copy under the data folder, so that the repository is never edited.
import { join } from "node:path";

export type ShopService = "web" | "upstream" | "worker";
export const shopServices: readonly ShopService[] = ["upstream", "web", "worker"];

export interface DemoPaths {
  folder(service: ShopService): string;
  webConfig: string;
  workerConfig: string;
  upstreamConfig: string;
  control: string;
  token: string;
  ports: string;
  /** web.json as it was before it was broken. */
  keptWebConfig: string;
}

export function demoPaths(dataDir: string): DemoPaths {
  const folder = (service: ShopService): string => join(dataDir, "shop", service);
  const control = join(dataDir, "shop", "control");
  return {
    folder,
    webConfig: join(folder("web"), "config", "web.json"),
    workerConfig: join(folder("worker"), "config", "worker.yaml"),
    upstreamConfig: join(folder("upstream"), "config", "upstream.json"),
    control,
    token: join(control, "token"),
    ports: join(control, "ports.json"),
    keptWebConfig: join(control, "web.json"),
  };
}
