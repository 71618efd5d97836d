// The servers that are repaired, as a test of killed repairs looks at them: what is left on each of a process that died.
import { clientsOf } from "../../tools/redis-clients.ts";
import { closeSharedMysql, sharedMysql } from "../acting/mysql-scenes.ts";
import { openPostgresWorld, type PostgresWorld } from "../acting/postgres-world.ts";
import { redisClient, sharedRedis, stopSharedRedis } from "../acting/redis-scenes.ts";

export interface EngineSite {
  port: number;
  /** In words: sessions from these ports and their locks, and whatever is half made, whoever made it. */
  left(ports: readonly number[]): Promise<unknown[]>;
  /** What was done until now outlives a crash: the servers of tests need not wait for their disks. */
  keep(): Promise<unknown>;
  /** The server crashes, and comes back after `meanwhile`. */
  restart(meanwhile: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

const postgresLeft = `
select 'session' as what, state || ': ' || query as which from pg_stat_activity where client_port = any($1)
union all select 'lock', relation::regclass::text from pg_locks join pg_stat_activity using (pid) where client_port = any($1)
union all select 'half an index', indexrelid::regclass::text from pg_index where not (indisvalid and indisready and indislive)
union all select 'half a transaction', gid from pg_prepared_xacts`;

export function postgresSite(world: PostgresWorld): EngineSite {
  return {
    port: world.server.port,
    left: (ports) => world.rows(postgresLeft, [ports]),
    keep: () => world.admin.query("checkpoint"),
    restart: (meanwhile) => world.restart(meanwhile),
    close: async () => world[Symbol.asyncDispose](),
  };
}

export async function openPostgresSite(): Promise<{ world: PostgresWorld; site: EngineSite }> {
  const world = await openPostgresWorld();
  return { world, site: postgresSite(world) };
}

/** A session that waits for a lock of a table or holds one is in the list of sessions, dead or not. */
const mysqlLeft = `
select 'session' as what, info as which from information_schema.processlist where substring_index(host, ':', -1) in (?)
union all select 'half a table', name from information_schema.innodb_sys_tables where name like '%#sql%'`;

export async function openMysqlSite(): Promise<EngineSite> {
  const world = await sharedMysql();
  return {
    port: world.server.port,
    async left(ports) {
      const [rows] = await world.root.query(mysqlLeft, [[0, ...ports]]);
      return rows as unknown[];
    },
    keep: () => Promise.resolve(),
    restart: (meanwhile) => world.restart(meanwhile),
    close: closeSharedMysql,
  };
}

export async function openRedisSite(): Promise<EngineSite> {
  const server = await sharedRedis();
  return {
    port: server.port,
    async left(ports) {
      const redis = redisClient(server.port);
      const clients = clientsOf(await redis.client("LIST"));
      redis.disconnect();
      return clients.filter(({ address }) => ports.includes(Number(address.split(":").at(-1))));
    },
    keep: () => Promise.resolve(),
    restart: (meanwhile) => server.restart(meanwhile),
    close: stopSharedRedis,
  };
}
