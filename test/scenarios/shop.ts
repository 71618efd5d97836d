// The shop that most scenarios are about: web (a small service that can go bad), with whatever stands beside it.
import { openScenario, type Scenario, type SiteOptions } from "./site.ts";
import { freePort, program } from "./surroundings.ts";

export interface WebOptions {
  port: number;
  /** Put before the program, such as "taskset -c 0". */
  under?: string[];
  env?: Record<string, string>;
  /** More of what opsmedic.yaml says about it. */
  more?: object;
}

/** As in opsmedic.yaml: a process of lab/programs/web.ts with a health check. */
export function webService(name: string, { port, under = [], env = {}, more = {} }: WebOptions): object {
  return {
    name,
    runtime: { process: { command: [...under, ...program("web")], env: { PORT: String(port), ...env } } },
    health: [{ http: `http://127.0.0.1:${port}/`, timeout: "1s" }],
    ...more,
  };
}

export interface ShopOptions extends Omit<SiteOptions, "services"> {
  under?: string[];
  env?: Record<string, string> | ((folder: string) => Record<string, string>);
  web?: object | ((folder: string) => object);
  beside?: (folder: string) => object[];
  /** Started and well before web is. */
  before?: string[];
  /** How long web has been running, as far as opsmedic knows, ms. */
  aged?: number;
}

export type Shop = Scenario & { become: (way: string) => Promise<void> };

/** web runs, is well and has files that are known to be good. */
export async function openShop({
  env = {},
  under = [],
  web,
  beside,
  before = [],
  aged,
  ...options
}: ShopOptions = {}): Promise<Shop> {
  const port = await freePort();
  const site = await openScenario({
    files: { "web/notes.txt": "a file\n" },
    ...options,
    services: (folder) => [
      webService("web", {
        port,
        env: typeof env === "function" ? env(folder) : env,
        under,
        more: {
          files: { root: `${folder}/web`, editable: ["*"] },
          ...(typeof web === "function" ? web(folder) : web),
        },
      }),
      ...(beside?.(folder) ?? []),
    ],
  });
  try {
    for (const name of [...before, "web"]) {
      await site.start(name);
      await site.settle(name);
    }
  } catch (error) {
    await site[Symbol.asyncDispose](); // nobody else knows of it yet
    throw error;
  }
  if (aged !== undefined) site.age("web", aged);
  return {
    ...site,
    /** See lab/programs/web.ts. */
    async become(way) {
      await (await fetch(`http://127.0.0.1:${port}/become/${way}`)).text();
    },
  };
}

/** Past every grace that a young process is given. */
export const LONG_RUNNING_MS = 10 * 60_000;
