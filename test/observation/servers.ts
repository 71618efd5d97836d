// Real database servers for tests, each in a folder of its own, on a free loopback port, stopped by its process.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, DatabaseError } from "pg";
import { postgresBin } from "../services-available.ts";

export interface RunningServer {
  port: number;
  folder: string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const listener = net.createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}

async function listening(port: number, child: ChildProcess): Promise<void> {
  const until = Date.now() + 60_000;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const socket = net.connect(port, "127.0.0.1");
    const open = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port}`);
}

async function started(port: number, folder: string, child: ChildProcess): Promise<RunningServer> {
  await listening(port, child);
  return {
    port,
    folder,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startRedis(...options: string[]): Promise<RunningServer> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "opsmedic-redis-"));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...options];
  return started(port, folder, spawn("redis-server", args, { stdio: "ignore" }));
}

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
  const child = spawn(`${bin}/postgres`, ["-D", data, ...options.flatMap((one) => ["-c", one])], {
    ...owner,
    cwd: folder,
    stdio: "ignore",
  });
  const server = await started(port, folder, child);
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

/** User root without password, over TCP. */
export async function startMariadb(...options: string[]): Promise<RunningServer> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "opsmedic-mariadb-"));
  chmodSync(folder, 0o755);
  const data = path.join(folder, "data");
  const user = process.getuid?.() === 0 ? ["--user=root"] : [];
  execFileSync(
    "mariadb-install-db",
    [
      "--no-defaults",
      `--datadir=${data}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      ...user,
    ],
    { stdio: "ignore" },
  );
  const args = ["--no-defaults", `--datadir=${data}`, `--port=${port}`, "--bind-address=127.0.0.1"];
  const own = [`--socket=${folder}/m.sock`, `--pid-file=${folder}/m.pid`, ...user, ...options];
  return started(port, folder, spawn("mariadbd", [...args, ...own], { stdio: "ignore" }));
}
