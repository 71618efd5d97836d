// Checks of the data folder: may it be written, and who holds the store.
import { constants } from "node:fs";
import { access, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { livenessOf, processIdentitySchema } from "../../../knowledge/process-identity.ts";
import { runningServer } from "../server-file.ts";
import type { Check } from "./check.ts";
import { firstExisting } from "./machine-checks.ts";

export function dataFolderCheck(dataDir: string): Check {
  return {
    name: "data folder",
    async run() {
      const existing = firstExisting(dataDir);
      try {
        await access(existing, constants.W_OK | constants.X_OK);
      } catch {
        return {
          status: "fail",
          text: `${existing} cannot be written`,
          advice: `Give the user that runs opsmedic ${dataDir}, or change dataDir.`,
        };
      }
      if (existing !== dataDir) return { status: "ok", text: `${dataDir}, made at first start` };
      if (((await stat(dataDir)).mode & 0o007) === 0) return { status: "ok", text: dataDir };
      return {
        status: "warn",
        text: `${dataDir} is open to everybody`,
        advice: `Backups hold your files in clear: chmod 700 ${dataDir}`,
      };
    },
  };
}

/** The embedded store takes one process at a time; its lock file names the holder. */
export function storeLockCheck(dataDir: string): Check {
  return {
    name: "store lock",
    async run() {
      const server = await runningServer(dataDir);
      const holders = await lockHolders(dataDir);
      const alive = holders.filter(({ liveness }) => liveness !== "dead");
      if (server) return { status: "ok", text: `a server runs: process ${server.pid} at ${server.url}` };
      const [holder] = alive;
      if (holder === undefined)
        return { status: "ok", text: holders.length > 0 ? "free (its last holder is gone)" : "free" };
      return {
        status: "warn",
        text: `held by process ${holder.pid}${holder.liveness === "unknown" ? " of another container or machine" : ""}`,
        advice: "Commands wait until it ends. If it is a server, name it with --server.",
      };
    },
  };
}

async function lockHolders(
  dataDir: string,
): Promise<{ pid: number; liveness: "alive" | "dead" | "unknown" }[]> {
  const names = await readdir(dataDir).catch((): string[] => []);
  const holders = [];
  for (const name of names.filter((one) => one.endsWith(".lock"))) {
    const read = processIdentitySchema.safeParse(
      parse(await readFile(join(dataDir, name), "utf8").catch(() => "")),
    );
    if (read.success) holders.push({ pid: read.data.pid, liveness: livenessOf(read.data) });
  }
  return holders;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
