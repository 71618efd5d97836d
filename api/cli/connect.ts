// Finds whom to talk to: the server that was named, the one that runs on this data folder, or the store itself.
import { dirname, resolve } from "node:path";
import { HealError } from "../../domain/errors.ts";
import { type Config, loadConfig, readEnvironment, type Variables } from "../config.ts";
import type { Operations } from "../operations.ts";
import type { CliDependencies, Connection } from "./context.ts";
import { isAuth } from "./exit-codes.ts";
import { readAdminToken, runningServer } from "./server-file.ts";

export interface ConnectDependencies {
  /** Talks to a server (api/http-operations.ts). Makes no request by itself. */
  overHttp: (server: { url: string; token: string }) => Operations;
  /** Opens the store of this configuration (api/wire.ts); fails where another process holds it. */
  embedded: (config: Config) => Promise<{ operations: Operations; close(): Promise<void> }>;
  variables?: Variables;
  cwd?: string;
}

export function makeConnect({
  overHttp,
  embedded,
  variables,
  cwd,
}: ConnectDependencies): CliDependencies["connect"] {
  return async ({ config: path, server }): Promise<Connection> => {
    const environment = readEnvironment(variables);
    const token = environment.OPSMEDIC_TOKEN ?? environment.OPSMEDIC_ADMIN_TOKEN;
    const named = server ?? environment.OPSMEDIC_URL;
    if (named !== undefined && token !== undefined) return throughServer(overHttp, named, token);
    const config = configOrFailure({
      ...(path !== undefined && { path }),
      ...(variables && { variables }),
      ...(cwd !== undefined && { cwd }),
    });
    // Without a configuration a server may still run here: the one that watches the demo shop. And while a file is wrong, its
    // server goes by what it was started with: it must be possible to pause it, or to say no.
    const found = config instanceof HealError ? undefined : config;
    const folder = resolve(cwd ?? ".", dirname(path ?? environment.OPSMEDIC_CONFIG ?? ""));
    const dataDir = found?.dataDir ?? resolve(folder, DEFAULT_DATA_DIR);
    if (named !== undefined) return throughServer(overHttp, named, await localToken(named, dataDir));
    const running = await runningServer(dataDir);
    if (running !== undefined) {
      const mine = token ?? found?.server.adminToken ?? (await readAdminToken(dataDir));
      if (mine === undefined && config instanceof HealError) throw config;
      const connection = throughServer(overHttp, running.url, mine);
      if (await answers(connection.operations)) return connection;
    }
    if (config instanceof HealError) throw config;
    return { ...(await embedded(config)), via: "embedded" };
  };
}

const DEFAULT_DATA_DIR = ".opsmedic";

/** It is told where no server answers. */
function configOrFailure(options: Parameters<typeof loadConfig>[0]): Config | HealError {
  try {
    return loadConfig(options);
  } catch (error) {
    if (error instanceof HealError && (error.code !== "config-not-found" || options?.path === undefined))
      return error;
    throw error;
  }
}

/** This folder's server may be named by its address, too; its token goes to no other. */
async function localToken(url: string, dataDir: string): Promise<string | undefined> {
  const running = await runningServer(dataDir);
  if (running === undefined || !URL.canParse(url)) return undefined;
  return new URL(url).origin === new URL(running.url).origin ? readAdminToken(dataDir) : undefined;
}

function throughServer(
  overHttp: ConnectDependencies["overHttp"],
  url: string,
  token: string | undefined,
): Connection {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new HealError(`${url} is not the address of a server`, {
      code: "usage",
      hint: "Write for example http://127.0.0.1:8686",
    });
  }
  if (token === undefined) {
    throw new HealError(`There is no token to show to the server ${url}`, {
      code: "unauthorized",
      hint: "Set OPSMEDIC_TOKEN; the admin's token was shown at the first start on its store, and lies in that server's data folder (admin-token).",
    });
  }
  return { operations: overHttp({ url, token }), via: "server", close: () => Promise.resolve() };
}

/** A process number may have been given away again after a crash. A server that refuses us is there all the same. */
async function answers(operations: Operations): Promise<boolean> {
  try {
    await operations.info();
    return true;
  } catch (error) {
    return error instanceof HealError && (isAuth(error.code) || error.code === "too-many-failures");
  }
}
