// How a repair of PostgreSQL reaches the server: a connection of its own, loaded and opened when it is needed, closed
// after it, with limits on every statement and every wait for a lock. A server that loses us ends what we began.
import net from "node:net";
import type { Client, DatabaseError, QueryConfig } from "pg";
import { HealError, messageOf } from "../../../domain/errors.ts";
import type { Database } from "../../../domain/service.ts";
import type { Row } from "../../row-values.ts";
import type { ActionContext } from "../../action.ts";
import { untilOursAreDone } from "./acts-under-way.ts";

export type PostgresDatabase = Extract<Database, { kind: "postgres" }>;

export interface PostgresConnection {
  /** The number of our own session on the server. */
  pid: number;
  /**
   * HealError, retryable where waiting helps: "database-not-reached", "database-busy" (a lock was not to be had),
   * "database-read-only" (it may be promoted), "database-refused" (a right).
   */
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** As one statement: a text that holds another one after it is refused by the server as a whole. Errors as of `query`. */
  single(sql: string): Promise<void>;
  /** For names and values that a statement cannot take as parameters. */
  identifier(name: string): string;
  literal(value: string): string;
}

export interface Limits {
  /** Of each statement, ms. */
  statementMs?: number;
  /** Of each wait for a lock, ms: whoever queues behind our wait waits as long. */
  lockMs?: number;
  /** It is about this server alone, whatever it follows. Else a standby is refused: what it shows may be old by now. */
  standbyToo?: boolean;
}

/** A session that was begun for us alone has it; a pooler refuses it at the door, or leaves it away. */
const DIRECT = "opsmedic.direct";
const READ_ONLY = "database-read-only";
const STATEMENT_MS = 10_000;
const LOCK_MS = 1_000;
const CONNECT_MS = 5_000;

/** HealError "no-database". */
export function needPostgres({ service }: Pick<ActionContext, "service">): PostgresDatabase {
  const { database } = service;
  if (database?.kind === "postgres") return database;
  throw new HealError(`${service.name} is no PostgreSQL of the configuration`, {
    code: "no-database",
    hint: "give the service postgres.url in the configuration",
  });
}

/**
 * Runs `work` on a connection of its own, and closes it whatever happens. When the signal is aborted the connection is
 * cut, upon which the server ends the statement within a second (client_connection_check_interval), as it does when
 * this program is killed.
 */
export async function withPostgres<T>(
  context: Pick<ActionContext, "service" | "signal">,
  work: (connection: PostgresConnection) => Promise<T>,
  { statementMs = STATEMENT_MS, lockMs = LOCK_MS, standbyToo = false }: Limits = {},
): Promise<T> {
  const { url } = needPostgres(context);
  context.signal.throwIfAborted();
  const pg = await import("pg");
  const socket = new net.Socket();
  const client = new pg.Client({
    connectionString: withMark(url),
    application_name: "opsmedic",
    stream: () => socket,
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on("error", () => socket.destroy()); // the same error rejects the call that waits
  const cut = (): unknown => socket.destroy();
  context.signal.addEventListener("abort", cut, { once: true });
  try {
    await client.connect();
    await needOwnSession(client, standbyToo);
    await client.query(
      `set statement_timeout = ${statementMs}; set lock_timeout = ${lockMs}; set idle_in_transaction_session_timeout = ${statementMs}; set search_path = pg_catalog; set client_connection_check_interval = 1000`,
    );
    const connection = await wrapped(client);
    await untilOursAreDone(connection, context.signal);
    return await work(connection);
  } catch (error) {
    context.signal.throwIfAborted();
    throw inWords(error);
  } finally {
    context.signal.removeEventListener("abort", cut);
    if (!socket.destroyed) await client.end().catch(() => undefined);
  }
}

function withMark(url: string): string {
  const marked = new URL(url);
  const own = marked.searchParams.get("options");
  marked.searchParams.set("options", [own, `-c ${DIRECT}=1`].filter(Boolean).join(" "));
  return marked.href;
}

/**
 * What we set on a session of a pooler's (PgBouncer in transaction mode) would stay on it for its next user: an empty
 * search path, and our limits. And a standby shows what its primary did a while ago, and what is still to come will come
 * when it is promoted: of that an undo would see nothing. HealError "database-pooled", "database-read-only".
 */
async function needOwnSession(client: Client, standbyToo: boolean): Promise<void> {
  const { rows } = await client.query<Row>(
    "select current_setting($1, true) as mark, pg_catalog.pg_is_in_recovery() as follows",
    [DIRECT],
  );
  if (rows[0]?.["mark"] !== "1") throw pooled();
  if (rows[0]["follows"] !== true || standbyToo) return;
  throw new HealError("it is a standby, which takes such a change from its primary only", {
    code: READ_ONLY,
    retryable: true,
    hint: "let postgres.url of the service name the primary, or the address that moves to whoever is it",
  });
}

function pooled(cause?: unknown): HealError {
  return new HealError(
    "a connection pooler stands before PostgreSQL, and a repair needs a session of its own",
    {
      code: "database-pooled",
      hint: "let postgres.url of the service name the server itself; the application may go on through the pooler",
      ...(cause !== undefined && { cause }),
    },
  );
}

/** After a change: what the looks read slowly is read anew, so that nobody judges by what was before. */
export async function readAnew({ databases, service, signal }: ActionContext): Promise<void> {
  const inspector = await databases?.of(needPostgres({ service }));
  // What cannot be reached just now is read anew when it can.
  if (inspector?.engine === "postgres") await inspector.readAnew(signal).catch(() => undefined);
}

async function wrapped(client: Client): Promise<PostgresConnection> {
  const query = async (sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
    (await client.query<Row>(sql, [...values])).rows;
  const [own] = await query("select pg_backend_pid() as pid");
  return {
    pid: Number(own?.["pid"]),
    query,
    async single(sql) {
      // The driver knows this choice, its types do not.
      await client.query({ text: sql, queryMode: "extended" } as QueryConfig);
    },
    identifier: (name) => client.escapeIdentifier(name),
    literal: (value) => client.escapeLiteral(value),
  };
}

const codes: Readonly<Record<string, { code: string; retryable: boolean; hint?: string }>> = {
  "42501": {
    code: "database-refused",
    retryable: false,
    hint: "opsmedic doctor prints the GRANT that is missing for repairs",
  },
  "25006": {
    code: READ_ONLY,
    retryable: true,
    hint: "it lets nobody write (default_transaction_read_only), or has become a standby",
  },
  "55P03": { code: "database-busy", retryable: true, hint: "somebody holds a lock on it; try again later" },
  "57014": { code: "database-cancelled", retryable: true },
  "53100": {
    code: "database-disk-full",
    retryable: false,
    hint: "its disk has no room: opsmedic diagnose names what takes it",
  },
  "53300": {
    code: "database-full",
    retryable: true,
    hint: "keep a place for it: GRANT pg_use_reserved_connections and reserved_connections (PostgreSQL 16 and newer)",
  },
};

/** It went away, or takes nobody just now: classes 08 (connection) and 57P (operator), or no answer of its own at all. */
const NOT_REACHED = { code: "database-not-reached", retryable: true, hint: undefined };

export function inWords(error: unknown): unknown {
  if (error instanceof HealError) return error;
  const { code, severity } = error instanceof Error ? (error as Partial<DatabaseError>) : {};
  if (/startup parameter/.test(messageOf(error))) return pooled(error);
  const away = severity === undefined || (code !== undefined && /^(?:08|57P)/.test(code));
  const known = away ? NOT_REACHED : codes[code ?? ""];
  return new HealError(`PostgreSQL did not do it: ${messageOf(error)}`, {
    code: known?.code ?? "database-answer",
    retryable: known?.retryable ?? false,
    ...(known?.hint !== undefined && { hint: known.hint }),
    cause: error,
  });
}
