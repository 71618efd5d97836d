// Where the programs of a PostgreSQL server are installed on this machine.
import { execFileSync } from "node:child_process";

const programFolders = [
  "/usr/lib/postgresql/17/bin",
  "/usr/lib/postgresql/16/bin",
  "/usr/lib/postgresql/15/bin",
];

/** Folder of the PostgreSQL server's programs (initdb, pg_ctl), where there is one. */
export function postgresBin(): string | undefined {
  return programFolders.find((folder) => {
    try {
      execFileSync(`${folder}/postgres`, ["--version"], { stdio: "ignore", timeout: 10_000 });
      return true;
    } catch {
      return false;
    }
  });
}
