// Database checks against real servers: well, full, locked out, loading, unable to save.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import mysql from "mysql2/promise";
import { Redis } from "ioredis";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../domain/service.ts";
import { databaseName, makeProber } from "../../tools/prober.ts";
import { proberContract } from "../contract/prober.contract.ts";
import { describeWith } from "../services-available.ts";
import { type RunningServer, startMariadb, startPostgres, startRedis } from "./servers.ts";
import { serviceNamed, wallClock } from "./service.ts";

function ask(
  database: Database,
  { timeoutMs = 5_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
) {
  const prober = makeProber({ clock: wallClock, databaseTimeoutMs: timeoutMs });
  return prober.database(serviceNamed("db"), database, signal);
}

const postgresAt = (port: number, login = "opsmedic:secret"): Database => ({
  kind: "postgres",
  url: `postgres://${login}@127.0.0.1:${port}/postgres`,
  protectRoles: [],
});
const mysqlAt = (port: number, login = "root"): Database => ({
  kind: "mysql",
  url: `mysql://${login}@127.0.0.1:${port}/mysql`,
});
const redisAt = (port: number, login = ""): Database => ({
  kind: "redis",
  url: `redis://${login}127.0.0.1:${port}`,
});

async function withRedis(options: string[], work: (server: RunningServer) => Promise<void>) {
  const server = await startRedis(...options);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

describe("the name of a database probe", () => {
  it("tells where it asks, and no password", () => {
    expect(databaseName(postgresAt(5432))).toBe("postgres 127.0.0.1:5432/postgres");
    expect(databaseName(redisAt(6379, ":hunter2@"))).toBe("redis 127.0.0.1:6379");
    expect(databaseName({ kind: "mysql", url: "?" })).toBe("mysql");
  });
});

describeWith("postgres", "postgres probe", () => {
  proberContract("postgres", {
    needsAnswer: true,
    askAt: (port, options) => ask(postgresAt(port), options),
    well: () => startPostgres(),
  });

  describe("on a small server", () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startPostgres("max_connections=6", "superuser_reserved_connections=1");
    });
    afterAll(() => server?.stop());
    const connect = async (user: string) => {
      const client = new Client({
        connectionString: `postgres://${user}:secret@127.0.0.1:${server.port}/postgres`,
      });
      client.on("error", () => {});
      await client.connect();
      return client;
    };

    it("says auth for a wrong password", async () => {
      const seen = await ask(postgresAt(server.port, "opsmedic:wrong"));
      expect(seen).toMatchObject({ ok: false, failure: "auth" });
      expect(JSON.stringify(seen)).not.toContain("wrong@");
    });

    it("leaves no session behind", async () => {
      const admin = await connect("opsmedic");
      await Promise.all([1, 2, 3].map(() => ask(postgresAt(server.port))));
      const others = async () => {
        const { rows } = await admin.query(
          "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
        );
        return rows.length;
      };
      await expect.poll(others, { timeout: 5_000 }).toBe(0);
      await admin.end();
    });

    it("says too-many-connections when the server is full", async () => {
      const admin = await connect("opsmedic");
      await admin.query("CREATE ROLE app LOGIN PASSWORD 'secret'");
      const apps: Client[] = [];
      const full = async () => {
        apps.push(await connect("app"));
      };
      await expect(
        (async () => {
          for (;;) await full();
        })(),
      ).rejects.toThrow("connection slots");
      const seen = await ask(postgresAt(server.port, "app:secret"));
      expect(seen).toMatchObject({ ok: false, failure: "too-many-connections" });
      for (const client of [...apps, admin]) await client.end();
    });
  });
});

describeWith("mariadb", "mysql probe", () => {
  proberContract("mysql", {
    needsAnswer: true,
    askAt: (port, options) => ask(mysqlAt(port), options),
    well: () => startMariadb(),
  });

  describe("on a small server", () => {
    let server: RunningServer;
    beforeAll(async () => {
      server = await startMariadb("--max-connections=10");
    });
    afterAll(() => server?.stop());
    const connect = (user: string) =>
      mysql.createConnection({
        host: "127.0.0.1",
        port: server.port,
        user,
        password: user === "root" ? "" : "secret",
      });

    it("says auth for a wrong password", async () => {
      expect(await ask(mysqlAt(server.port, "root:wrong"))).toMatchObject({ ok: false, failure: "auth" });
    });

    it("leaves no session behind", async () => {
      const admin = await connect("root");
      await Promise.all([1, 2, 3].map(() => ask(mysqlAt(server.port))));
      const others = async () => {
        const [rows] = await admin.query(
          "SELECT 1 FROM information_schema.processlist WHERE id <> connection_id() AND user = 'root'",
        );
        return (rows as unknown[]).length;
      };
      await expect.poll(others, { timeout: 5_000 }).toBe(0);
      await admin.end();
    });

    it("says too-many-connections when the server is full", async () => {
      const admin = await connect("root");
      await admin.query("CREATE USER app@'127.0.0.1' IDENTIFIED BY 'secret'");
      const apps = await Promise.all(Array.from({ length: 9 }, () => connect("app")));
      const seen = await ask(mysqlAt(server.port, "app:secret"));
      expect(seen).toMatchObject({ ok: false, failure: "too-many-connections" });
      for (const connection of [...apps, admin]) await connection.end();
    });
  });
});

describeWith("redis", "redis probe", () => {
  proberContract("redis", {
    needsAnswer: true,
    askAt: (port, options) => ask(redisAt(port), options),
    well: () => startRedis(),
  });

  it("tells a missing from a right password", () =>
    withRedis(["--requirepass", "secret"], async ({ port }) => {
      expect(await ask(redisAt(port))).toMatchObject({ ok: false, failure: "auth" });
      expect(await ask(redisAt(port, ":wrong@"))).toMatchObject({ ok: false, failure: "auth" });
      expect(await ask(redisAt(port, ":secret@"))).toMatchObject({ ok: true });
    }));

  it("says misconf when snapshots cannot be saved", () =>
    withRedis(["--save", "3600 1"], async ({ port, folder }) => {
      const client = new Redis({ port, host: "127.0.0.1" });
      await client.set("some", "change");
      rmSync(folder, { recursive: true });
      const saving = () => client.bgsave().then(() => client.info("persistence"), String);
      await expect.poll(saving, { timeout: 10_000 }).toContain("rdb_last_bgsave_status:err");
      client.disconnect();
      const seen = await ask(redisAt(port));
      expect(seen).toMatchObject({ ok: false, failure: "misconf" });
      expect(seen.latencyMs).toBeGreaterThan(0);
    }));

  it("says busy while a script blocks the server", () =>
    withRedis(["--lua-time-limit", "50"], async ({ port }) => {
      const client = new Redis({
        port,
        host: "127.0.0.1",
        maxRetriesPerRequest: 0,
        retryStrategy: () => null,
      });
      client.on("error", () => {});
      client.eval("while true do end", 0).catch(() => {});
      const failure = async () => (await ask(redisAt(port))).failure;
      await expect.poll(failure, { timeout: 10_000 }).toBe("busy");
      client.disconnect();
    }));

  it("says too-many-connections when the server is full", () =>
    withRedis(["--maxclients", "1"], async ({ port }) => {
      // Takes the only place; until the connection of the start-up is gone, it is turned away and tries again.
      const first = new Redis({ port, host: "127.0.0.1" }).on("error", () => {});
      await first.ping();
      const failure = async () => (await ask(redisAt(port))).failure;
      await expect.poll(failure, { timeout: 10_000 }).toBe("too-many-connections");
      first.disconnect();
    }));

  it("says loading while the server reads its data", () =>
    withRedis(["--enable-debug-command", "local"], async (first) => {
      const at = ["-p", String(first.port)];
      execFileSync("redis-cli", [...at, "debug", "populate", "200000", "key", "100"]);
      execFileSync("redis-cli", [...at, "save"]);
      // Reading each key takes 100 µs longer: 20 s in all, of which the test needs a moment.
      const options = ["--dbfilename", "dump.rdb", "--dir", first.folder, "--key-load-delay", "100"];
      const loading = ["--loading-process-events-interval-bytes", "1024"];
      await withRedis([...options, ...loading], async ({ port }) => {
        expect(await ask(redisAt(port))).toMatchObject({ ok: false, failure: "loading" });
      });
    }));
});
