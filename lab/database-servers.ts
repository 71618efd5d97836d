// Real Redis and MariaDB servers for tests and the lab, each in a folder of its own, on a free loopback port, stopped by
// its process.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface RunningServer {
  port: number;
  folder: string;
  stop(): Promise<void>;
  /** Ends it as a crash does, and starts it again over what is left, on the same port, after `meanwhile`. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>;
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

export async function started(
  port: number,
  folder: string,
  start: () => ChildProcess,
): Promise<RunningServer> {
  let child = start();
  await listening(port, child);
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    port,
    folder,
    async stop() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
    async restart(meanwhile) {
      await end();
      await meanwhile?.();
      child = start();
      await listening(port, child);
    },
  };
}

export async function startRedis(...options: string[]): Promise<RunningServer> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "opsmedic-redis-"));
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...options];
  return started(port, folder, () => spawn("redis-server", args, { stdio: "ignore" }));
}

/** User root without password, over TCP. */
export function startMariadb(...options: string[]): Promise<RunningServer> {
  return startMariadbIn(tmpdir(), ...options);
}

/** With its data below this folder, on a small disk perhaps. */
export async function startMariadbIn(parent: string, ...options: string[]): Promise<RunningServer> {
  const { port, folder, command } = await makeMariadb(parent, ...options);
  const [program = "", ...args] = command;
  return started(port, folder, () => spawn(program, args, { stdio: "ignore" }));
}

/** Its data, made with the size of log that the options name, and the command that starts it. */
export async function makeMariadb(parent: string, ...options: string[]) {
  const port = await freePort();
  const folder = mkdtempSync(path.join(parent, "opsmedic-mariadb-"));
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
      ...options.filter((one) => one.startsWith("--innodb-log-file-size")),
      ...user,
    ],
    { stdio: "ignore" },
  );
  const args = ["--no-defaults", `--datadir=${data}`, `--port=${port}`, "--bind-address=127.0.0.1"];
  const own = [`--socket=${folder}/m.sock`, `--pid-file=${folder}/m.pid`, ...user, ...options];
  return { port, folder, command: ["mariadbd", ...args, ...own] };
}
