// The server driver: a pg.Pool against PostgreSQL 15 or newer, chosen by DATABASE_URL.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "pg";
import { HealError } from "../domain/errors.ts";
import type { Db } from "./db.ts";
import { defaultSearchPath, makePoolDb, type PgPoolLike } from "./pool-db.ts";
import { asStoreError, isUnreachable, words } from "./store-errors.ts";

const OLDEST_SERVER = 150_000;
const CLOSE_MS = 5_000;
const CONNECT_MS = 10_000;
/** A statement of ours that takes longer is stuck; long work goes in small batches. */
const STATEMENT_MS = 60_000;

export interface PostgresOptions {
  /** postgres://user:password@host:port/database */
  url: string;
  /** Search path of every connection; BullMQ's backend needs its schema in it. */
  searchPath?: string;
  /** Connections at most. BullMQ keeps one for each worker and event listener. */
  max?: number;
  connectTimeoutMs?: number;
}

/**
 * Opens the pool and makes sure that a server answers, since a pool alone connects on first use.
 * HealError "store-unreachable", "store-refused" (password, database, rights) or "store-too-old"; the URL in its
 * message has no password.
 */
export async function openPostgres(options: PostgresOptions): Promise<{
  db: Db;
  pool: PgPoolLike;
  close(): Promise<void>;
}> {
  const { url, max = 10, connectTimeoutMs = CONNECT_MS } = options;
  const shown = maskUrl(url);
  const pool = makePool(options, max, connectTimeoutMs);
  let closed: Promise<void> | undefined;
  // A connection that is still borrowed does not hold up the end.
  const end = (): Promise<void> => Promise.race([pool.end(), sleep(CLOSE_MS, undefined, { ref: false })]);
  const close = (): Promise<void> => (closed ??= end());
  try {
    await greet(pool, shown);
    return { db: makePoolDb(pool, close), pool, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function makePool(options: PostgresOptions, max: number, connectTimeoutMs: number): Pool {
  const pool = new Pool({
    connectionString: options.url,
    max,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: STATEMENT_MS,
    idle_in_transaction_session_timeout: STATEMENT_MS,
    keepAlive: true,
    application_name: "opsmedic",
    options: `-c search_path=${(options.searchPath ?? defaultSearchPath).replaceAll(" ", "")}`,
  });
  // An idle connection that drops is replaced at the next query; without a listener it would end the process.
  pool.on("error", () => undefined);
  return pool;
}

async function greet(pool: Pool, shown: string): Promise<void> {
  const version = await serverVersion(pool).catch((error: unknown) => {
    throw notOpened(error, shown);
  });
  if (version >= OLDEST_SERVER) return;
  throw new HealError(`The server at ${shown} is PostgreSQL ${Math.floor(version / 10_000)}.`, {
    code: "store-too-old",
    hint: "opsmedic needs PostgreSQL 15 or newer.",
  });
}

async function serverVersion(pool: Pool): Promise<number> {
  const { rows } = await pool.query("select current_setting('server_version_num')::int as version");
  return Number(rows[0]?.version);
}

function notOpened(error: unknown, shown: string): unknown {
  if (isUnreachable(error)) {
    return new HealError(`No PostgreSQL answers at ${shown}: ${words(error)}.`, {
      code: "store-unreachable",
      retryable: true,
      hint: "Start the server, or correct DATABASE_URL; without DATABASE_URL opsmedic uses its embedded store.",
      cause: error,
    });
  }
  const told = asStoreError(error);
  if (!(told instanceof HealError) || told.code !== "store-refused") return told;
  return new HealError(`The server at ${shown} refuses: ${words(error)}.`, {
    code: told.code,
    ...(told.hint === undefined ? {} : { hint: told.hint }),
    cause: error,
  });
}

/** The address as it may be printed: no password, no parameters (they can carry one). */
export function maskUrl(url: string): string {
  try {
    const { protocol, username, password, host, pathname } = new URL(url);
    const user = username === "" ? "" : `${username}${password === "" ? "" : ":***"}@`;
    return `${protocol}//${user}${host}${pathname}`;
  } catch {
    return "an address that does not parse";
  }
}
