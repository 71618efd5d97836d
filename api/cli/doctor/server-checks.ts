// Checks of the servers opsmedic leans on: the Docker engine, PostgreSQL with pgvector, Redis. Read-only.
import { messageOf } from "../../../domain/errors.ts";
import type { Check } from "./check.ts";
import type { TimeReference } from "./machine-checks.ts";

const CONNECT_MS = 5_000;
/** What the SQL of the store is written for. */
const OLDEST_POSTGRES = 15;

/** `needed`: a service of the configuration runs in a container. */
export function dockerCheck(needed: boolean): Check {
  return {
    name: "docker",
    async run(signal) {
      try {
        const { ServerVersion, Containers } = await dockerInfo(signal);
        return { status: "ok", text: `engine ${ServerVersion}, ${Containers} containers` };
      } catch (error) {
        return {
          status: needed ? "fail" : "warn",
          text: `cannot be reached: ${messageOf(error)}`,
          advice: needed
            ? "Services of the configuration run in containers: start the engine, or let this user read its socket (group docker)."
            : "Only needed for services in containers.",
        };
      }
    },
  };
}

export const dockerTime: TimeReference = {
  name: "the Docker engine",
  now: async (signal) => Date.parse((await dockerInfo(signal)).SystemTime),
};

interface EngineInfo {
  ServerVersion: string;
  Containers: number;
  SystemTime: string;
}

async function dockerInfo(signal: AbortSignal): Promise<EngineInfo> {
  const { default: Docker } = await import("dockerode");
  const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
  // Its types know this option for other calls only.
  const docker: { info(options: { abortSignal: AbortSignal }): Promise<EngineInfo> } = new Docker();
  return docker.info({ abortSignal });
}

export function postgresCheck(url: string): Check {
  return {
    name: "postgresql",
    async run() {
      const found = await askPostgres(
        url,
        `select current_setting('server_version_num')::int / 10000 as version,
                (select default_version from pg_available_extensions where name = 'vector') as vector`,
      );
      const version = Number(found["version"]);
      const vector = typeof found["vector"] === "string" ? found["vector"] : null;
      if (version < OLDEST_POSTGRES) {
        return {
          status: "fail",
          text: `version ${version}`,
          advice: `The store needs PostgreSQL ${OLDEST_POSTGRES} or newer.`,
        };
      }
      if (vector !== null) return { status: "ok", text: `version ${version}, pgvector ${vector}` };
      return {
        status: "warn",
        text: `version ${version}, without pgvector`,
        advice:
          "Similar cases are then found by their words alone. Debian: postgresql-<version>-pgvector; image: pgvector/pgvector.",
      };
    },
  };
}

export function postgresTime(url: string): TimeReference {
  return {
    name: "the database",
    async now() {
      const found = await askPostgres(url, "select extract(epoch from clock_timestamp()) * 1000 as now");
      return Number(found["now"]);
    },
  };
}

async function askPostgres(url: string, sql: string): Promise<Record<string, unknown>> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: CONNECT_MS,
  });
  // A connection that breaks is reported by the query; without a listener it would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows[0] ?? {};
  } finally {
    await client.end().catch(() => undefined);
  }
}

export function redisCheck(url: string): Check {
  return {
    name: "redis",
    async run() {
      const { Redis } = await import("ioredis");
      const redis = new Redis(url, {
        lazyConnect: true,
        connectTimeout: CONNECT_MS,
        retryStrategy: () => null,
        commandTimeout: CONNECT_MS,
      });
      let trouble: Error | undefined;
      redis.on("error", (error: Error) => {
        trouble = error;
      });
      try {
        await redis.connect();
        const info = await redis.info();
        const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? "unknown";
        const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
        if (policy === undefined || policy === "noeviction")
          return { status: "ok", text: `version ${version}` };
        return {
          status: "warn",
          text: `version ${version}, maxmemory-policy ${policy}`,
          advice: "A queue must not lose jobs when memory is short: CONFIG SET maxmemory-policy noeviction.",
        };
      } catch (error) {
        const advice =
          "Start it, correct queue.url or REDIS_URL, or leave it empty: the store then carries the queue.";
        return { status: "fail", text: `cannot be reached: ${messageOf(trouble ?? error)}`, advice };
      } finally {
        redis.disconnect();
      }
    },
  };
}
