// Users of MySQL and MariaDB who administer it, by rights of their own or by a role: their sessions are never ended.
import { HealError } from "../domain/errors.ts";
import { administratorsSql, rolesMariadbSql, rolesMysqlSql } from "./mysql-questions.ts";
import { userOf } from "./mysql-sessions.ts";
import { type Row, textIn } from "./row-values.ts";

const RIGHTS = [
  "ALL PRIVILEGES",
  "SUPER",
  "CONNECTION ADMIN",
  "SYSTEM USER",
  "BINLOG ADMIN",
  "REPLICATION SLAVE",
];

export interface AskedMysql {
  mariadb: boolean;
  ask(sql: string, values?: readonly unknown[]): Promise<Row[]>;
}

/**
 * undefined: this user may not see who has which rights (SELECT on the database mysql), and would be told of itself only.
 * HealError as `ask`.
 */
export async function mysqlAdministrators({ mariadb, ask }: AskedMysql): Promise<Set<string> | undefined> {
  const given = await rolesGiven({ mariadb, ask });
  if (given === undefined) return undefined;
  const users = (await ask(administratorsSql)).map((one) => userOf(textIn(one, "grantee") ?? ""));
  const all = new Set(users);
  // MySQL lists a role as a user; MariaDB tells what a role may do only when it is asked for that role.
  if (mariadb) {
    for (const role of new Set(given.map((one) => one.role))) {
      const grants = await ask("show grants for ??", [role]);
      if (grants.flatMap((one) => Object.values(one)).some((line) => administers(String(line))))
        all.add(role);
    }
  }
  return withHolders(all, given);
}

interface Given {
  /** A user, or a role that was given another one. */
  to: string;
  role: string;
}

async function rolesGiven({ mariadb, ask }: AskedMysql): Promise<Given[] | undefined> {
  try {
    const rows = await ask(mariadb ? rolesMariadbSql : rolesMysqlSql);
    return rows.map((one) => ({ to: textIn(one, "to") ?? "", role: textIn(one, "role") ?? "" }));
  } catch (error) {
    if (!(error instanceof HealError)) throw error;
    if (error.code === "database-refused") return undefined;
    // Before 8.0 MySQL had no roles.
    if (error.code === "database-answer") return [];
    throw error;
  }
}

/** Whoever has a role that administers, however many roles lie between. */
function withHolders(administrators: ReadonlySet<string>, given: readonly Given[]): Set<string> {
  const all = new Set(administrators);
  for (let before = -1; before < all.size; ) {
    before = all.size;
    for (const { to, role } of given) if (all.has(role)) all.add(to);
  }
  return all;
}

/** Of one line of SHOW GRANTS. */
function administers(line: string): boolean {
  const words = /^GRANT (.+?) ON \*\.\* TO /i.exec(line)?.[1]?.toUpperCase().split(", ") ?? [];
  return words.some((one) => RIGHTS.includes(one.replaceAll("_", " ")));
}
