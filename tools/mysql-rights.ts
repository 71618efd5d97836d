// What the user of the configuration lacks to see all that opsmedic looks at, with the statements that give it.
import type { MissingRight } from "./database-inspector.ts";

/** `grants`: the lines of SHOW GRANTS. */
export function missingMysqlRights(grants: readonly unknown[]): MissingRight[] {
  const lines = grants.map(String).map((one) => one.replaceAll("`", "'"));
  const user = /\bTO ('[^']*'@'[^']*')/i.exec(lines.join("\n"))?.[1] ?? "'opsmedic'@'%'";
  const has = (right: RegExp) => lines.some((one) => / ON \*\.\* /i.test(one) && right.test(one));
  if (has(/\bALL PRIVILEGES\b/i)) return [];
  const missing: MissingRight[] = [];
  if (!has(/\bPROCESS\b/i)) {
    missing.push({
      what: "sessions of other users and their transactions cannot be seen",
      grant: `GRANT PROCESS ON *.* TO ${user};`,
    });
  }
  if (!has(/\bREPLICATION CLIENT\b|\bREPLICA MONITOR\b|\bBINLOG MONITOR\b/i)) {
    missing.push({
      what: "replication cannot be seen",
      grant: `GRANT REPLICATION CLIENT ON *.* TO ${user};`,
    });
  }
  if (!has(/\bSELECT\b/i)) {
    missing.push({
      what: "tables, columns and indexes of databases without a right are not listed",
      grant: `GRANT SELECT ON *.* TO ${user}; (or of the databases that are to be looked at)`,
    });
  }
  return missing;
}
