// A pg.Pool over one PGlite session: what LangGraph's checkpointer and BullMQ's backend expect of a pool.
// One Client stands behind a lock that is held for one query, or from BEGIN to COMMIT. A real pg.Pool over
// PGlite's createPgConfig breaks for good after the first failing query, since it destroys the client.
// What stays shared, since there is one session: SET without LOCAL, session-level advisory locks, temporary tables.
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { PGlite } from "@electric-sql/pglite";
import { createPgConfig } from "@electric-sql/pglite/node-postgres";
import { Client, type Notification, type Pool, type QueryResult } from "pg";
import { storeClosed } from "./store-errors.ts";

type Text = string | { text: string; values?: unknown[] };
type Unlock = () => void;

const CLOSE_MS = 5_000;

/** One waiter after another, first come first served. */
function makeLock(): () => Promise<Unlock> {
  let tail: Promise<void> = Promise.resolve();
  return async () => {
    const mine = Promise.withResolvers<void>();
    const before = tail;
    tail = mine.promise;
    await before;
    return mine.resolve;
  };
}

const textOf = (query: Text): string => (typeof query === "string" ? query : query.text);
const begins = (query: Text): boolean => /^\s*(begin|start\s+transaction)\b/i.test(textOf(query));
const ends = (query: Text): boolean =>
  /^\s*(commit|end|abort|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b/i.test(textOf(query));

/** A borrowed session. Between queries outside a transaction others may use it. */
class PgliteClient extends EventEmitter {
  readonly #client: Client;
  readonly #lock: () => Promise<Unlock>;
  readonly #forward = (message: Notification): boolean => this.emit("notification", message);
  #unlock: Unlock | undefined;
  #released = false;

  constructor(client: Client, lock: () => Promise<Unlock>) {
    super();
    this.#client = client;
    this.#lock = lock;
    client.on("notification", this.#forward);
  }

  async query(query: Text, values?: unknown[]): Promise<QueryResult> {
    if (this.#released) throw storeClosed();
    return this.#unlock === undefined ? this.#alone(query, values) : this.#inTransaction(query, values);
  }

  async #alone(query: Text, values?: unknown[]): Promise<QueryResult> {
    const unlock = await this.#lock();
    let keep = false;
    try {
      const result = await this.#client.query(query, values);
      keep = begins(query);
      if (keep) this.#unlock = unlock;
      return result;
    } finally {
      if (!keep) unlock();
    }
  }

  async #inTransaction(query: Text, values?: unknown[]): Promise<QueryResult> {
    try {
      return await this.#client.query(query, values);
    } finally {
      if (ends(query)) this.#free();
    }
  }

  #free(): void {
    this.#unlock?.();
    this.#unlock = undefined;
  }

  /** Rolls back what was left open, so that the next borrower starts clean. Never closes the session. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#client.removeListener("notification", this.#forward);
    this.removeAllListeners();
    if (this.#unlock === undefined) return;
    void this.#client
      .query("rollback")
      .catch(() => undefined)
      .finally(() => this.#free());
  }
}

export class PglitePool extends EventEmitter {
  /** BullMQ reads it: a session inside this process cannot drop silently, so waiting long for a job is safe. */
  readonly options = { keepAlive: true, max: 1 };
  readonly totalCount = 1;
  readonly idleCount = 0;
  readonly waitingCount = 0;
  readonly #client: Client;
  readonly #lock = makeLock();
  readonly #close: () => Promise<void>;
  #ended: Promise<void> | undefined;

  constructor(client: Client, close: () => Promise<void>) {
    super();
    this.#client = client;
    this.#close = close;
    // Each listening queue adds one; they are removed on release.
    client.setMaxListeners(0);
    client.on("error", (error) => this.listenerCount("error") > 0 && this.emit("error", error));
  }

  async connect(): Promise<PgliteClient> {
    if (this.#ended !== undefined) throw storeClosed();
    return new PgliteClient(this.#client, this.#lock);
  }

  async query(query: Text, values?: unknown[]): Promise<QueryResult> {
    const client = await this.connect();
    try {
      return await client.query(query, values);
    } finally {
      client.release();
    }
  }

  /** Waits for what is running, then closes the database. Again: the same promise. */
  end(): Promise<void> {
    this.#ended ??= (async () => {
      // A borrower that never ends its transaction does not hold up the end; its work counts as rolled back.
      await Promise.race([this.#lock(), sleep(CLOSE_MS, undefined, { ref: false })]);
      await this.#client.end();
      await this.#close();
    })();
    return this.#ended;
  }
}

/** Takes over a ready PGlite; ending the pool closes it, or does `close` instead. */
export async function pgliteAsPool(
  pglite: PGlite,
  close: () => Promise<void> = () => pglite.close(),
): Promise<Pool> {
  const client = new Client(createPgConfig(pglite));
  await client.connect();
  return new PglitePool(client, close) as unknown as Pool;
}
