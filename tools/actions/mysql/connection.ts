// An action's own connection to MySQL or MariaDB: opened for one step, closed after it, and never waiting for long for
// somebody else's lock. A server that is full keeps one place for users that may end sessions by a right of their own: where
// that is taken, or the right came by a role, the connection with which we look is borrowed.
import type { Connection } from "mysql2/promise";
import { HealError, messageOf } from "../../../domain/errors.ts";
import type { MysqlDatabase } from "../../../domain/service.ts";
import type { ActionContext } from "../../action.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { LentConnection } from "../../mysql-reader.ts";
import { codeOf } from "../../probe-answer.ts";
import type { Row } from "../../row-values.ts";
import { withinLimit } from "../../time-limit.ts";

const CONNECT_MS = 3_000;
const LOCK_WAIT_S = 2;
const STATEMENT_MS = 5_000;
const FULL = new Set(["ER_CON_COUNT_ERROR", "ER_TOO_MANY_USER_CONNECTIONS"]);
/** Our own check of whether it answers takes that place for a moment, too. */
const TRIES = 5;
const APART_MS = 150;

export interface MysqlDoor {
  /** Of our own session. */
  id: number;
  mariadb: boolean;
  /** A name for a statement whose text holds more than names: quoted by the driver, part by part between dots. */
  name(name: string): string;
  /**
   * One of our own statements: ? is a value, ?? a name, both quoted by the driver. HealError "database-refused" (no right
   * to it), "lock-not-given" (somebody holds it; retryable), "database-answer", "database-not-reached" (retryable).
   */
  ask(sql: string, values?: readonly unknown[], limitMs?: number): Promise<Row[]>;
}

/** HealError "no-database" for a service that is no MySQL. */
export function mysqlOf({ service }: ActionContext): MysqlDatabase {
  if (service.database?.kind === "mysql") return service.database;
  throw new HealError(`${service.name} is no MySQL or MariaDB of the configuration`, {
    code: "no-database",
    hint: "give the service a mysql.url in the configuration",
  });
}

export async function withMysql<T>(
  context: ActionContext,
  work: (door: MysqlDoor) => Promise<T>,
): Promise<T> {
  const found = await connectionTo(mysqlOf(context).url, context.signal);
  if ("ask" in found) return work(await lentDoor(found, context.signal));
  // What breaks between two statements is told by the next one.
  found.on("error", () => undefined);
  try {
    return await work(await doorTo(found, context.signal));
  } finally {
    found.destroy();
  }
}

/** One of our own, or the reader's where the server is full. */
async function connectionTo(url: string, signal: AbortSignal): Promise<Connection | LentConnection> {
  const { createConnection } = await import("mysql2/promise");
  for (let tries = 1; ; tries += 1) {
    try {
      return await createConnection({
        uri: url,
        connectTimeout: CONNECT_MS,
        dateStrings: true,
        connectAttributes: { program_name: "opsmedic" },
      });
    } catch (error) {
      if (!FULL.has(codeOf(error) ?? "")) throw inWords(error);
      const { lentConnection } = await import("../../mysql-reader.ts");
      const lent = lentConnection(url);
      if (lent !== undefined) return lent;
      if (tries === TRIES) throw inWords(error);
    }
    await systemClock.sleep(APART_MS, signal);
  }
}

/** After a repair: what the looks keep for a minute is not true any more. */
export async function readAnew(context: ActionContext): Promise<void> {
  const inspector = await context.databases?.of(mysqlOf(context));
  // What cannot be reached just now is read anew when it can.
  if (inspector?.engine === "mysql") await inspector.readAnew(context.signal).catch(() => undefined);
}

async function doorTo(connection: Connection, signal: AbortSignal): Promise<MysqlDoor> {
  const ask = asking(signal, async (sql, values, limitMs) => {
    const [rows] = await withinLimit(limitMs, signal, () => connection.query(sql, [...values]));
    return Array.isArray(rows) ? (rows as Row[]) : [];
  });
  const [version] = await ask("select version() as version");
  // The driver quotes with backslashes: where the server does not read them so (NO_BACKSLASH_ESCAPES), a value from a row
  // would be read as SQL.
  await ask(
    `set session sql_mode = '', session lock_wait_timeout = ${LOCK_WAIT_S}, session innodb_lock_wait_timeout = ${LOCK_WAIT_S}`,
  );
  return {
    id: connection.threadId,
    mariadb: /mariadb/i.test(String(version?.["version"])),
    name: (name) => connection.escapeId(name),
    ask,
  };
}

/** Its limits of time are the reader's, which are shorter. */
async function lentDoor(lent: LentConnection, signal: AbortSignal): Promise<MysqlDoor> {
  const { escapeId } = await import("mysql2/promise");
  return {
    id: lent.id,
    mariadb: lent.mariadb,
    name: (name) => escapeId(name),
    ask: asking(signal, (sql, values, limitMs) => lent.ask(sql, values, limitMs, signal)),
  };
}

function asking(
  signal: AbortSignal,
  query: (sql: string, values: readonly unknown[], limitMs: number) => Promise<Row[]>,
): MysqlDoor["ask"] {
  return async (sql, values = [], limitMs = STATEMENT_MS) => {
    try {
      return await query(sql, values, limitMs);
    } catch (error) {
      signal.throwIfAborted();
      throw inWords(error);
    }
  };
}

const refused = new Set([
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_KILL_DENIED_ERROR",
  "ER_ACCESS_DENIED_ERROR",
]);

function inWords(error: unknown): HealError {
  const code = codeOf(error) ?? "";
  if (refused.has(code)) {
    return new HealError(`MySQL does not let this user do it: ${messageOf(error)}`, {
      code: "database-refused",
      hint: "opsmedic doctor prints the GRANT that is missing.",
      cause: error,
    });
  }
  if (code === "ER_LOCK_WAIT_TIMEOUT") {
    return new HealError(`Somebody held a lock for longer than ${LOCK_WAIT_S} s: ${messageOf(error)}`, {
      code: "lock-not-given",
      retryable: true,
      cause: error,
    });
  }
  const answered =
    error instanceof Error && "sqlState" in error && !("fatal" in error && error.fatal === true);
  return new HealError(
    answered ? `MySQL said no: ${messageOf(error)}` : `MySQL could not be reached: ${messageOf(error)}`,
    { code: answered ? "database-answer" : "database-not-reached", retryable: true, cause: error },
  );
}
