// Reads MySQL's or MariaDB's own tables over one connection of ours: every question is a read-only transaction, and the
// server ends it after its time. No statement comes from outside.
import net from "node:net";
import mysql from "mysql2";
import { HealError, messageOf } from "../domain/errors.ts";
import { codeOf } from "./probe-answer.ts";
import type { Row } from "./row-values.ts";
import { withinLimit } from "./time-limit.ts";

export interface MysqlReader {
  /** HealError "database-not-reached" (retryable), "database-refused", "database-answer". */
  read(sql: string, values?: readonly unknown[], signal?: AbortSignal): Promise<Row[]>;
  isMariadb(signal?: AbortSignal): Promise<boolean>;
  close(): void;
}

/** A reader's own connection, lent to a repair where a full server has no other place. */
export interface LentConnection {
  id: number;
  mariadb: boolean;
  /** The driver's own errors. */
  ask(sql: string, values: readonly unknown[], limitMs: number, signal: AbortSignal): Promise<Row[]>;
}

const kept = new Map<string, () => LentConnection | undefined>();

/** The connection that a reader of this process has to this address just now. */
export function lentConnection(url: string): LentConnection | undefined {
  return kept.get(url)?.();
}

const STATEMENT_MS = 2_000;
const WHOLE_MS = 4_000;
const IDLE_MS = 10 * 60_000;
/** Of the one place that a full server keeps for those who administer it: a person may need it. */
const RESERVED_IDLE_MS = 300;
const refused = new Set([
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_COLUMNACCESS_DENIED_ERROR",
]);

interface Open {
  connection: mysql.Connection;
  socket: net.Socket;
  mariadb: boolean;
  /** It has the place that is kept for those who administer the server. */
  reserved: boolean;
}

export function makeMysqlReader(url: string): MysqlReader {
  let open: Open | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  function close(): void {
    clearTimeout(idle);
    const { connection, socket } = open ?? {};
    open = undefined;
    if (kept.get(url) === lend) kept.delete(url);
    connection?.end(() => undefined);
    socket?.destroySoon();
  }

  async function connected(): Promise<Open> {
    if (open !== undefined && !open.socket.destroyed) return open;
    const { hostname, port } = new URL(url);
    const socket = net.connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 3306) });
    const connection = mysql.createConnection({ uri: url, stream: () => socket, dateStrings: true });
    connection.on("error", () => socket.destroy());
    open = { connection, socket, mariadb: false, reserved: false };
    const [version] = await queried(open, "select version() as version, @@global.max_connections as most");
    open.mariadb = /mariadb/i.test(String(version?.["version"]));
    const [taken] = await queried(open, "show global status like 'Threads_connected'");
    open.reserved = Number(taken?.["Value"]) > Number(version?.["most"]);
    // Of this session alone; poolers between us and the server reset a session before its next user.
    const limit = open.mariadb
      ? `max_statement_time = ${STATEMENT_MS / 1_000}`
      : `max_execution_time = ${STATEMENT_MS}`;
    await queried(
      open,
      // The driver quotes with backslashes, which a server of another mode would not read so.
      `set session sql_mode = '', session ${limit}, session lock_wait_timeout = 1, session innodb_lock_wait_timeout = 1`,
    );
    socket.unref();
    kept.set(url, lend);
    return open;
  }

  function lend(): LentConnection | undefined {
    const now = open;
    if (now === undefined || now.socket.destroyed) return undefined;
    const lent = async (sql: string, values: readonly unknown[]): Promise<Row[]> => {
      now.socket.ref();
      try {
        return await queried(now, sql, values);
      } finally {
        now.socket.unref();
      }
    };
    return {
      id: now.connection.threadId,
      mariadb: now.mariadb,
      ask: (sql, values, limitMs, signal) => next(limitMs, signal, () => lent(sql, values)),
    };
  }

  async function ask(sql: string, values: readonly unknown[]): Promise<Row[]> {
    const now = await connected();
    now.socket.ref();
    await queried(now, "start transaction read only");
    try {
      return await queried(now, sql, values);
    } finally {
      await queried(now, "rollback");
      now.socket.unref();
    }
  }

  /** After what was asked before; what is not answered in time takes the connection with it. */
  function next<T>(limitMs: number, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const mine = turn.then(() => withinLimit(limitMs, signal, work));
    turn = mine.then(closeLater, (error: unknown) => {
      if (!isAnswer(error)) open?.socket.destroy();
      closeLater();
    });
    return mine;
  }

  function closeLater(): void {
    clearTimeout(idle);
    idle = setTimeout(close, open?.reserved === true ? RESERVED_IDLE_MS : IDLE_MS).unref();
  }

  function inTurn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    clearTimeout(idle);
    return next(WHOLE_MS, signal, work).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw inWords(error);
    });
  }

  return {
    close,
    read: (sql, values = [], signal) => inTurn(signal, () => ask(sql, values)),
    isMariadb: (signal) => inTurn(signal, async () => (await connected()).mariadb),
  };
}

function queried({ connection, socket }: Open, sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Row[]>();
  const gone = () => reject(Object.assign(new Error("the server hung up"), { code: "ECONNRESET" }));
  socket.once("close", gone);
  connection.query(sql, [...values], (error, rows) => {
    socket.removeListener("close", gone);
    if (error === null) resolve(Array.isArray(rows) ? (rows as Row[]) : []);
    else reject(error);
  });
  return promise;
}

/** The server said no to a statement; the connection is as it was. */
function isAnswer(error: unknown): boolean {
  return error instanceof Error && "sqlState" in error && !("fatal" in error && error.fatal === true);
}

function inWords(error: unknown): HealError {
  if (codeOf(error) === "ER_DBACCESS_DENIED_ERROR") {
    return new HealError(
      `MySQL does not let this user into the database of its address: ${messageOf(error)}`,
      {
        code: "database-refused",
        hint: "Give it SELECT on that database, or leave the database out of mysql.url: all are looked at that it may see.",
        cause: error,
      },
    );
  }
  if (refused.has(codeOf(error) ?? "")) {
    return new HealError(`MySQL does not show it to this user: ${messageOf(error)}`, {
      code: "database-refused",
      hint: "opsmedic doctor prints the GRANT that is missing.",
      cause: error,
    });
  }
  return new HealError(`MySQL could not be asked: ${messageOf(error)}`, {
    code: isAnswer(error) ? "database-answer" : "database-not-reached",
    retryable: true,
    cause: error,
  });
}
