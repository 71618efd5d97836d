// What the user of the configuration lacks to see all that opsmedic looks at, and to repair what it finds, with the
// statements that give it.
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
  return [...missing, ...missingForRepairs(has, user)];
}

/** MariaDB writes CONNECTION ADMIN, MySQL CONNECTION_ADMIN; SUPER is both in older versions. */
function missingForRepairs(has: (right: RegExp) => boolean, user: string): MissingRight[] {
  const missing: MissingRight[] = [];
  if (!has(/\bCONNECTION[ _]ADMIN\b|\bSUPER\b/i)) {
    missing.push({
      what: "sessions that a client has leaked cannot be ended (needed for repairs only)",
      grant: `GRANT CONNECTION ADMIN ON *.* TO ${user}; (MySQL: CONNECTION_ADMIN)`,
    });
  }
  if (!has(/\bSYSTEM_VARIABLES_ADMIN\b|\bSUPER\b/i)) {
    missing.push({
      what: "settings cannot be put right (needed for repairs only)",
      grant: `GRANT SUPER ON *.* TO ${user}; (MySQL: SYSTEM_VARIABLES_ADMIN)`,
    });
  }
  if (!has(/\bINDEX\b/i) || !has(/\bALTER\b/i)) {
    missing.push({
      what: "an index that is missing cannot be made (needed for repairs only)",
      grant: `GRANT ALTER, INDEX ON *.* TO ${user}; (or on the databases in question)`,
    });
  }
  return missing;
}

/** `grants`: the lines of SHOW GRANTS. `table`: "database.table". Those of a role are not seen. */
export function rightsLacking(grants: readonly string[], rights: readonly string[], table: string): string[] {
  const [schema = "", name = ""] = table.split(".");
  const given = grants.flatMap((line) => {
    const [, words, database, own] = /^GRANT (.+?) ON [`']?(.+?)[`']?\.[`']?(.+?)[`']? TO /i.exec(line) ?? [];
    if (words === undefined || database === undefined) return [];
    const fits = isPattern(database, schema) && (own === "*" || own === name);
    return fits ? words.toUpperCase().split(", ") : [];
  });
  return given.includes("ALL PRIVILEGES") ? [] : rights.filter((one) => !given.includes(one));
}

/** A database in a GRANT may be a pattern: % is any text, _ any sign, unless a backslash is before it. */
function isPattern(pattern: string, schema: string): boolean {
  if (pattern === "*") return true;
  const source = pattern.replaceAll(/\\([%_])|([%_])|([^A-Za-z0-9])/g, (_all, plain, wild, sign) =>
    plain !== undefined ? plain : wild !== undefined ? (wild === "%" ? ".*" : ".") : `\\${sign}`,
  );
  return new RegExp(`^${source}$`).test(schema);
}
