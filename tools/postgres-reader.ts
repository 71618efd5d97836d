// Reads a PostgreSQL server's own catalogues over one connection of ours: every question is a transaction that cannot
// write, waits for no lock, and is ended by the server itself after its time. No statement comes from outside.
import net from "node:net";
import { Client, DatabaseError } from "pg";
import { HealError, messageOf } from "../domain/errors.ts";
import type { Row } from "./row-values.ts";
import { withinLimit } from "./time-limit.ts";

export interface PostgresReader {
  /** HealError "database-not-reached" (retryable), "database-refused" (a right is missing: the hint says which). */
  read(sql: string, values?: readonly unknown[], signal?: AbortSignal): Promise<Row[]>;
  close(): void;
}

const STATEMENT_MS = 2_000;
const LOCK_MS = 200;
/** Connecting and a few round trips besides. */
const WHOLE_MS = 4_000;
/** The connection is kept between looks, since a full server has no place for a new one; not for ever. */
const IDLE_MS = 10 * 60_000;
/** Class 42501: insufficient privilege. */
const REFUSED = "42501";

/**
 * The limits are set inside the transaction: as start-up parameters a pooler (PgBouncer) refuses them, and as session
 * settings (default_transaction_read_only) they would stay on the pooled connection for its next user.
 */
const BEGIN = `begin read only; set local default_transaction_read_only = on; set local statement_timeout = ${STATEMENT_MS}; set local lock_timeout = ${LOCK_MS}`;

export function makePostgresReader(url: string): PostgresReader {
  let open: { client: Client; socket: net.Socket } | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let idle: NodeJS.Timeout | undefined;

  function close(): void {
    clearTimeout(idle);
    const { client, socket } = open ?? {};
    open = undefined;
    if (client === undefined || socket === undefined) return;
    void client.end().catch(() => undefined);
    socket.destroySoon();
  }

  async function connected(): Promise<Client> {
    if (open !== undefined && !open.socket.destroyed) return open.client;
    const socket = new net.Socket();
    const client = new Client({
      connectionString: url,
      application_name: "opsmedic",
      stream: () => socket,
      connectionTimeoutMillis: WHOLE_MS,
    });
    client.on("error", () => socket.destroy()); // the same error rejects the call that waits
    open = { client, socket };
    await client.connect();
    socket.unref(); // a kept connection keeps no program running
    return client;
  }

  async function ask(sql: string, values: readonly unknown[]): Promise<Row[]> {
    const client = await connected();
    open?.socket.ref();
    await client.query(BEGIN);
    try {
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.query("rollback");
      open?.socket.unref();
    }
  }

  return {
    async read(sql, values = [], signal) {
      const mine = turn.then(() => withinLimit(WHOLE_MS, signal, () => ask(sql, values)));
      turn = mine.catch((error: unknown) => {
        // What the server answered leaves the connection as it was; anything else, and nobody knows how it is.
        if (!(error instanceof DatabaseError) || error.severity === "FATAL") open?.socket.destroy();
      });
      clearTimeout(idle);
      idle = setTimeout(close, IDLE_MS).unref();
      return mine.catch((error: unknown) => {
        signal?.throwIfAborted();
        throw inWords(error);
      });
    },
    close,
  };
}

function inWords(error: unknown): HealError {
  const code = error instanceof DatabaseError ? error.code : undefined;
  if (code === REFUSED) {
    return new HealError(`PostgreSQL does not show it to this role: ${messageOf(error)}`, {
      code: "database-refused",
      hint: "opsmedic doctor prints the GRANT that is missing.",
      cause: error,
    });
  }
  // Answered, and refused for another reason (an old version, a table that went away): not a matter of being reached.
  const answered = error instanceof DatabaseError && error.severity !== "FATAL";
  return new HealError(`PostgreSQL could not be asked: ${messageOf(error)}`, {
    code: answered ? "database-answer" : "database-not-reached",
    retryable: true,
    cause: error,
  });
}
