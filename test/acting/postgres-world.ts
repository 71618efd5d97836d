// A real PostgreSQL server for repairs, with a door before it that can cut the connection in the middle of an act.
import { createServer, connect, type Socket } from "node:net";
import { once } from "node:events";
import { Client } from "pg";
import type { Service } from "../../domain/service.ts";
import { type PostgresServer, startPostgres } from "../../lab/postgres-server.ts";
import type { ActionContext } from "../../tools/action.ts";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import { wallClock } from "../observation/service.ts";

/** The statements by which the repairs act; those with which they look (autovacuum, last_analyze) are let through. */
export const POSTGRES_ACTS =
  /pg_terminate_backend|ALTER SYSTEM|ANALYZE|VACUUM|CREATE INDEX|DROP INDEX|ALTER SEQUENCE|pg_logical_emit_message|CREATE TABLE|ADD COLUMN|DROP TABLE|DROP COLUMN/;

export interface PostgresWorld extends AsyncDisposable {
  server: PostgresServer;
  admin: Client;
  /** A client of the shop's, neither superuser nor opsmedic. */
  client(name: string, role?: string): Promise<Client>;
  rows(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** What an action is handed; it reaches the server through the door, as the role of the configuration. */
  context(role?: string, more?: object): ActionContext;
  /** The next act finds its connection cut, before the server has heard of it or after the server has done it. */
  cut(when: "before" | "after" | undefined): void;
  /** Ends what the clients of a scene still do. */
  clear(): Promise<void>;
  /** The server crashes and comes back. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>;
}

/** `durable`: nothing that endangers data is set, as would be found; what is not durable is several times quicker. */
export async function openPostgresWorld({
  durable = false,
  settings = [],
  prepare = async () => undefined,
}: {
  durable?: boolean;
  settings?: readonly string[];
  /** Before anybody is connected. */
  prepare?: (server: PostgresServer) => Promise<void>;
} = {}): Promise<PostgresWorld> {
  const server = await startPostgres({
    durable,
    settings: ["synchronous_commit=off", "autovacuum_naptime=1h", "deadlock_timeout=20ms", ...settings],
  });
  await prepare(server);
  const asAdmin = async (): Promise<Client> => {
    const made = new Client({ connectionString: server.url("postgres"), application_name: "admin" });
    made.on("error", () => undefined); // told by its next question
    await made.connect();
    return made;
  };
  let admin = await asAdmin();
  await admin.query(
    "create role shop login; grant create on schema public to shop; create role keeper login; create role medic login in role pg_monitor, pg_signal_backend, shop; grant alter system on parameter autovacuum, statement_timeout to medic; grant execute on function pg_reload_conf() to medic",
  );
  const door = await openDoor(server.port);
  const inspectors = makeDatabaseInspectors({ clock: wallClock, slowEveryMs: 0 });
  let clients: Client[] = [];
  const clear = async (): Promise<void> => {
    door.cut(undefined);
    await admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and application_name not in ('admin', 'opsmedic')",
    );
    await Promise.all(clients.map((one) => one.end().catch(() => undefined)));
    clients = [];
  };
  return {
    server,
    get admin() {
      return admin;
    },
    clear,
    async restart(meanwhile) {
      await server.restart(meanwhile);
      admin = await asAdmin();
    },
    cut: door.cut,
    rows: async (sql, values = []) => (await admin.query<Record<string, unknown>>(sql, values)).rows,
    async client(name, role = "shop") {
      const made = new Client({ connectionString: url(role, server.port), application_name: name });
      made.on("error", () => undefined);
      await made.connect();
      clients.push(made);
      return made;
    },
    context: (role = "medic", more = {}) => ({
      service: {
        name: "orders-db",
        database: { kind: "postgres", url: url(role, door.port), protectRoles: ["keeper"], ...more },
      } as unknown as Service,
      target: undefined,
      files: undefined,
      databases: inspectors,
      signal: new AbortController().signal,
    }),
    async [Symbol.asyncDispose]() {
      await clear();
      inspectors.close();
      await admin.end();
      door.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

function url(role: string, port: number): string {
  return `postgres://${role}@127.0.0.1:${port}/postgres`;
}

async function openDoor(port: number) {
  let due: "before" | "after" | undefined;
  const sockets = new Set<Socket>();
  const door = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const one of [near, far]) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        near.destroy();
        far.destroy();
      });
    }
    let cutting = false;
    near.on("data", (bytes) => {
      if (due !== undefined && POSTGRES_ACTS.test(bytes.toString("latin1"))) {
        if (due === "before") near.destroy();
        cutting = due === "after";
        due = undefined;
      }
      if (!near.destroyed) far.write(bytes);
    });
    // The first answer after the act says that it was done; nobody hears it any more.
    far.on("data", (bytes) => (cutting && isDone(bytes) ? near.destroy() : near.write(bytes)));
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  const address = door.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    cut: (when: "before" | "after" | undefined) => (due = when),
    close() {
      door.close();
      for (const one of sockets) one.destroy();
    },
  };
}

/** A message CommandComplete. */
function isDone(bytes: Buffer): boolean {
  for (let at = 0; at + 5 <= bytes.length; at += 1 + bytes.readUInt32BE(at + 1))
    if (bytes[at] === 0x43) return true;
  return false;
}
