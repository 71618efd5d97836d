// Real database servers for tests, each in a folder of its own, on a free loopback port, stopped by its process.
import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, DatabaseError } from "pg";
import {
  freePort,
  type RunningServer,
  started,
  startMariadb,
  startRedis,
} from "../../lab/database-servers.ts";
import { postgresBin } from "../services-available.ts";

export { freePort, type RunningServer, startMariadb, startRedis };

function idOf(user: string, flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
}

/** PostgreSQL refuses to run as root. */
function notRoot(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const owner = { uid: idOf("postgres", "-u"), gid: idOf("postgres", "-g") };
  chownSync(folder, owner.uid, owner.gid);
  return owner;
}

/** Superuser "opsmedic" with password "secret" over TCP. */
export async function startPostgres(...settings: string[]): Promise<RunningServer> {
  const bin = postgresBin() ?? "";
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "opsmedic-postgres-"));
  const owner = notRoot(folder);
  const data = path.join(folder, "data");
  execFileSync(
    "sh",
    [
      "-c",
      `echo secret > ${folder}/password && ${bin}/initdb -D ${data} -U opsmedic -A scram-sha-256 --pwfile ${folder}/password --no-sync`,
    ],
    { ...owner, cwd: folder, stdio: "ignore" },
  );
  const options = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "fsync=off",
    ...settings,
  ];
  const args = ["-D", data, ...options.flatMap((one) => ["-c", one])];
  const server = await started(port, folder, () =>
    spawn(`${bin}/postgres`, args, { ...owner, cwd: folder, stdio: "ignore" }),
  );
  await answering(port);
  return server;
}

/** It listens before it is ready, and says so: "the database system is starting up". */
async function answering(port: number): Promise<void> {
  const starting = "57P03";
  for (;;) {
    const client = new Client({
      host: "127.0.0.1",
      port,
      user: "opsmedic",
      password: "secret",
      database: "postgres",
    });
    const failure: unknown = await client.connect().then(
      () => undefined,
      (error: unknown) => error,
    );
    await client.end().catch(() => {});
    if (failure === undefined) return;
    if (!(failure instanceof DatabaseError) || failure.code !== starting) throw failure;
  }
}
