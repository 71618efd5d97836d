// What the user of the configuration lacks to see all that opsmedic looks at, and to repair what it finds, with the
// statements that give it.
import { restoreRights } from "./actions/mysql/restorable.ts";
import type { MissingRight, RepairRight } from "./database-inspector.ts";
import { lackingRights } from "./repair-rights.ts";

/** A database of our own for a moment, see tools/actions/mysql/write-again.ts: where it holds anything else, it is left alone. */
export const ROOM = "opsmedic_room";
export const roomRights: readonly string[] = ["CREATE", "DROP", "INSERT"];

/** `grants`: the lines of SHOW GRANTS. */
export function missingMysqlRights(grants: readonly unknown[]): MissingRight[] {
  const { has, user, all } = readGrants(grants);
  if (all) return [];
  const missing: MissingRight[] = [];
  if (!has(/\bPROCESS\b/i)) {
    missing.push({
      what: "sessions of other users and their transactions cannot be seen",
      grant: `GRANT PROCESS ON *.* TO ${user};`,
    });
  }
  // MySQL's one right is two in MariaDB, which takes its name for the first of them (BINLOG MONITOR).
  if (!has(/\bREPLICATION CLIENT\b|\bBINLOG MONITOR\b/i)) {
    missing.push({
      what: "binary logs cannot be seen",
      grant: `GRANT REPLICATION CLIENT ON *.* TO ${user};`,
    });
  }
  if (!has(/\bREPLICATION CLIENT\b|\b(?:SLAVE|REPLICA) MONITOR\b/i)) {
    missing.push({
      what: "whom it follows, and how far behind it is, cannot be seen",
      grant: `GRANT REPLICA MONITOR ON *.* TO ${user}; (MySQL: REPLICATION CLIENT)`,
    });
  }
  if (!has(/\bSELECT\b/i)) {
    missing.push({
      what: "tables, columns and indexes of databases without a right are not listed",
      grant: `GRANT SELECT ON *.* TO ${user}; (or of the databases that are to be looked at)`,
    });
  }
  return [...missing, ...lackingRights(mysqlRepairRights(grants))];
}

/** MariaDB writes CONNECTION ADMIN, MySQL CONNECTION_ADMIN; SUPER is both in older versions. */
export function mysqlRepairRights(grants: readonly unknown[]): RepairRight[] {
  const { has, words, user, all } = readGrants(grants);
  const hasAll = (rights: readonly string[]) => rights.every((one) => words.has(one));
  const restoring = [...restoreRights.table, "REFERENCES", "TRIGGER"];
  return [
    {
      repairs: ["mysql-end-sessions", "mysql-end-blocker"],
      what: "sessions that a client has leaked cannot be ended",
      // Whoever administers the server is never ended, so it must be seen who that is.
      grant: `GRANT CONNECTION ADMIN ON *.* TO ${user}; GRANT SELECT ON mysql.* TO ${user}; (MySQL: CONNECTION_ADMIN)`,
      given:
        all ||
        (has(/\bCONNECTION[ _]ADMIN\b|\bSUPER\b/i) &&
          rightsLacking(grants.map(String), ["SELECT"], "mysql.user").length === 0),
    },
    {
      repairs: ["mysql-set-setting"],
      what: "settings cannot be put right",
      grant: `GRANT SUPER ON *.* TO ${user}; (MySQL: SYSTEM_VARIABLES_ADMIN)`,
      given: all || has(/\bSYSTEM_VARIABLES_ADMIN\b|\bSUPER\b/i),
    },
    {
      repairs: ["mysql-create-index", "mysql-drop-index"],
      what: "an index that is missing cannot be made, nor dropped again",
      grant: `GRANT ALTER, INDEX ON *.* TO ${user}; (or on the databases in question)`,
      given: all || hasAll(["ALTER", "INDEX"]),
    },
    {
      repairs: ["mysql-analyze"],
      what: "old statistics cannot be made anew",
      grant: `GRANT SELECT, INSERT ON *.* TO ${user}; (or on the databases in question)`,
      given: all || hasAll(["SELECT", "INSERT"]),
    },
    {
      repairs: ["mysql-write-again"],
      what: "whether it writes again after its disk was full cannot be tried",
      grant: `GRANT ${roomRights.join(", ")} ON ${ROOM}.* TO ${user}; GRANT BINLOG ADMIN ON *.* TO ${user}; (MySQL: SYSTEM_VARIABLES_ADMIN)`,
      given:
        all ||
        (has(/\bBINLOG ADMIN\b|\bSYSTEM_VARIABLES_ADMIN\b|\bSUPER\b/i) &&
          rightsLacking(grants.map(String), roomRights, `${ROOM}.filling`).length === 0),
    },
    {
      repairs: ["mysql-restore-object"],
      what: "a table that was dropped cannot be made again",
      grant: `GRANT ${restoring.join(", ")} ON *.* TO ${user}; (or on the databases in question)`,
      given: all || hasAll(restoring),
    },
  ];
}

function readGrants(grants: readonly unknown[]) {
  const lines = grants.map(String).map((one) => one.replaceAll("`", "'"));
  const has = (right: RegExp): boolean => lines.some((one) => / ON \*\.\* /i.test(one) && right.test(one));
  const words = lines.flatMap(
    (one) => /^GRANT (.+) ON \*\.\* TO /i.exec(one)?.[1]?.toUpperCase().split(", ") ?? [],
  );
  return {
    has,
    words: new Set(words),
    user: /\bTO ('[^']*'@'[^']*')/i.exec(lines.join("\n"))?.[1] ?? "'opsmedic'@'%'",
    all: has(/\bALL PRIVILEGES\b/i),
  };
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
