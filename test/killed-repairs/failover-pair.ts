// A PostgreSQL and its streaming standby, and worlds in databases of their own, each behind an address that moves.
import { Client } from "pg";
import type { Service } from "../../domain/service.ts";
import { inDatabase, type PostgresServer, startPostgres } from "../../lab/postgres-server.ts";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import type { PostgresWorld } from "../acting/postgres-world.ts";
import { wallClock } from "../observation/service.ts";
import { type MovingAddress, openMovingAddress } from "./moving-address.ts";

export interface Pair extends AsyncDisposable {
  primary: PostgresServer;
  standby: PostgresServer;
  /** A new database on the primary, and the address of whoever is it. */
  open(name: string): Promise<PairWorld>;
  /** Of each of them: what the standby has received is what the primary has done. */
  caughtUp(): Promise<void>;
  rowsOn(server: PostgresServer, sql: string): Promise<Record<string, unknown>[]>;
  /** The primary dies; the addresses move, and once `meanwhile` is over the standby is promoted. */
  failOver(meanwhile: () => Promise<unknown>): Promise<void>;
}

export interface PairWorld extends PostgresWorld {
  address: MovingAddress;
}

const SETTINGS = [
  "autovacuum_naptime=1h",
  "wal_level=replica",
  "hot_standby=on",
  "max_wal_senders=4",
  "deadlock_timeout=20ms",
];

export async function openPair(): Promise<Pair> {
  const primary = await startPostgres({ settings: SETTINGS });
  await inDatabase(
    primary.url("postgres"),
    "create role shop login; create role keeper login; create role medic login in role pg_monitor, pg_signal_backend, shop; grant alter system on parameter autovacuum, statement_timeout, log_lock_waits to medic",
  );
  const standby = await startPostgres({ settings: SETTINGS, follows: primary.port });
  let present = primary;
  const worlds: PairWorld[] = [];
  const inspectors = makeDatabaseInspectors({ clock: wallClock, slowEveryMs: 0 });

  async function open(name: string): Promise<PairWorld> {
    await primary.createDatabase(name);
    const address = await openMovingAddress(present.port);
    const clients: Client[] = [];
    const connect = async (role: string, application: string): Promise<Client> => {
      const connectionString = `postgres://${role}@127.0.0.1:${present.port}/${name}`;
      const made = new Client({ connectionString, application_name: application });
      made.on("error", () => undefined);
      await made.connect();
      clients.push(made);
      return made;
    };
    const admin = await connect("postgres", "admin");
    await admin.query(
      "grant create on schema public to shop; grant execute on function pg_reload_conf() to medic",
    );
    const world: PairWorld = {
      address,
      server: { ...primary, url: () => present.url(name) },
      admin,
      client: (application, role = "shop") => connect(role, application),
      rows: (sql, values = []) => rowsIn(present.url(name), sql, values),
      context: (role = "medic", more = {}) => ({
        service: {
          name,
          database: {
            kind: "postgres",
            url: `postgres://${role}@127.0.0.1:${address.port}/${name}`,
            protectRoles: ["keeper"],
            ...more,
          },
        } as unknown as Service,
        target: undefined,
        files: undefined,
        databases: inspectors,
        signal: AbortSignal.timeout(120_000),
      }),
      cut: () => undefined,
      clear: () => Promise.resolve(),
      restart: () => Promise.reject(new Error("nobody starts it again here")),
      async [Symbol.asyncDispose]() {
        await Promise.all(clients.map((one) => one.end().catch(() => undefined)));
        await address[Symbol.asyncDispose]();
      },
    };
    worlds.push(world);
    return world;
  }

  return {
    primary,
    standby,
    open,
    rowsOn,
    async caughtUp() {
      const [now] = await rowsOn(primary, "select pg_current_wal_flush_lsn()::text as at");
      const sql = `select pg_last_wal_receive_lsn() >= '${String(now?.["at"])}' as there`;
      while ((await rowsOn(standby, sql))[0]?.["there"] !== true) await wallClock.sleep(20);
    },
    async failOver(meanwhile) {
      await primary.kill();
      present = standby;
      for (const { address } of worlds) address.moveTo(standby.port);
      await meanwhile();
      await rowsOn(standby, "select pg_promote(true, 30)");
    },
    async [Symbol.asyncDispose]() {
      inspectors.close();
      for (const one of worlds) await one[Symbol.asyncDispose]();
      await standby[Symbol.asyncDispose]();
      await primary[Symbol.asyncDispose]();
    },
  };
}

async function rowsIn(url: string, sql: string, values: unknown[] = []) {
  const client = new Client({ connectionString: url, application_name: "admin" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

function rowsOn(server: PostgresServer, sql: string): Promise<Record<string, unknown>[]> {
  return rowsIn(server.url("postgres"), sql);
}
