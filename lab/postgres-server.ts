// A real PostgreSQL server of our own, for tests and benchmarks: initdb in a temporary folder, a free loopback port,
// gone when disposed.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { postgresBin } from "./postgres-programs.ts";

export interface PostgresServer {
  pid: number;
  port: number;
  /** Makes a database (a copy of `template` where given) and returns its URL. */
  createDatabase(name: string, template?: string): Promise<string>;
  url(database: string): string;
  /** As if so many transactions had been: stops it, moves its count to this one (a multiple of 2^20), starts it again. */
  jumpTo(transactionId: number): Promise<void>;
  /** SIGKILL, and it stays away; whoever serves its clients notices, and ends too. */
  kill(): Promise<void>;
  /** Ends it as a crash does (immediate), and starts it again over what is left, on the same port, after `meanwhile`. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const START_MS = 60_000;

/** PostgreSQL refuses to run as root; then it runs as the user that its package made. */
function runAs(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  return { uid: idOfPostgres("-u"), gid: idOfPostgres("-g") };
}

function idOfPostgres(flag: "-u" | "-g"): number {
  return Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
}

export interface PostgresChoices extends PlaceChoices {
  /** Commits reach the disk, as in production. */
  durable?: boolean;
  /** More settings, "name=value". */
  settings?: readonly string[];
}

export interface PlaceChoices {
  /** The folder in which its own one is made. */
  within?: string;
  /** More options of initdb. */
  initdb?: readonly string[];
  /** It begins as the standby of the primary at this port. */
  follows?: number;
}

/** A new data folder, whose owner the server must run as. */
export function makeDataFolder({ within = tmpdir(), initdb = [], follows }: PlaceChoices = {}) {
  const bin = postgresBin();
  if (bin === undefined) throw new Error("No PostgreSQL server programs are installed.");
  const user = runAs();
  const folder = mkdtempSync(join(within, "opsmedic-postgres-"));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, "data");
  const [program, ...args] =
    follows === undefined
      ? ["initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", ...initdb]
      : ["pg_basebackup", "-h", "127.0.0.1", "-p", `${follows}`, "-U", "postgres", "-R", "-c", "fast"];
  execFileSync(join(bin, program ?? ""), ["-D", data, "--no-sync", ...args], {
    ...user,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return { bin, user, folder, data };
}

/** Starts the server; disposing stops it and removes its folder. */
export async function startPostgres({
  durable = false,
  settings = [],
  ...place
}: PostgresChoices = {}): Promise<PostgresServer> {
  const { bin, user, folder, data } = makeDataFolder(place);
  const started = { folder, data, user, durable, settings };
  const first = await startOnFreePort(join(bin, "postgres"), started);
  const { port } = first;
  let { server } = first;
  // Should the test process end without disposing, nothing of it stays.
  const atExit = (): void => {
    server.kill("SIGQUIT");
  };
  process.once("exit", atExit);
  const url = (database: string): string => `postgres://postgres@127.0.0.1:${port}/${database}`;
  return {
    get pid() {
      return server.pid ?? 0;
    },
    port,
    url,
    async restart(meanwhile) {
      await stop(server, "SIGQUIT");
      await meanwhile?.();
      server = spawnServer(join(bin, "postgres"), port, started);
      if (!(await answers(server, url("postgres")))) throw new Error("PostgreSQL did not start again.");
    },
    async kill() {
      // The one line of it that tells of shared memory, which nobody else would give back.
      const [, shared] =
        readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[6]?.trim().split(/ +/) ?? [];
      await stop(server, "SIGKILL");
      if (shared !== undefined) execFileSync("ipcrm", ["-m", shared], { stdio: "ignore" });
    },
    async createDatabase(name, template = "template1") {
      await inDatabase(url("postgres"), `create database "${name}" template "${template}"`);
      return url(name);
    },
    async jumpTo(transactionId) {
      await stop(server);
      // Whether those in between were committed nobody will ask.
      const status = join(data, "pg_xact", transactionsFile(transactionId));
      writeFileSync(status, Buffer.alloc(256 * 1024), { mode: 0o600 });
      if (user.uid !== undefined && user.gid !== undefined) chownSync(status, user.uid, user.gid);
      const args = ["-D", data, "-x", `${transactionId}`];
      execFileSync(join(bin, "pg_resetwal"), args, {
        ...user,
        cwd: folder,
        stdio: ["ignore", "ignore", "pipe"],
      });
      server = spawnServer(join(bin, "postgres"), port, started);
      if (!(await answers(server, url("postgres")))) throw new Error("The server did not start again.");
    },
    async [Symbol.asyncDispose]() {
      process.removeListener("exit", atExit);
      await stop(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Several times quicker, and nothing of it outlives a power cut: for tests. */
const forgetful = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

interface Started {
  durable: boolean;
  settings: readonly string[];
  folder: string;
  data: string;
  user: object;
}

async function startOnFreePort(
  program: string,
  started: Started,
): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const server = spawnServer(program, port, started);
    if (await answers(server, `postgres://postgres@127.0.0.1:${port}/postgres`)) return { server, port };
    await stop(server);
    if (attempt === 5) throw new Error("The private PostgreSQL server did not start in five attempts.");
  }
}

function spawnServer(
  program: string,
  port: number,
  { folder, data, user, durable, settings: own }: Started,
): ChildProcess {
  const settings = ["max_connections=60", ...(durable ? [] : forgetful), ...own];
  const args = [`listen_addresses=127.0.0.1`, `unix_socket_directories=${folder}`, ...settings];
  return spawn(program, ["-D", data, "-p", `${port}`, ...args.flatMap((one) => ["-c", one])], {
    ...user,
    cwd: folder,
    stdio: "ignore",
  });
}

/** Of 2^20 transactions each, by their number in hexadecimal. */
function transactionsFile(transactionId: number): string {
  return Math.floor(transactionId / 2 ** 20)
    .toString(16)
    .toUpperCase()
    .padStart(4, "0");
}

/** Free when asked; another program may still be quicker, hence the attempts above. */
async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function answers(server: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + START_MS;
  while (Date.now() < deadline && server.exitCode === null && server.signalCode === null) {
    const ok = await inDatabase(url, "select 1").then(
      () => true,
      () => false,
    );
    if (ok) return true;
    await sleep(50);
  }
  return false;
}

async function stop(server: ChildProcess, signal: NodeJS.Signals = "SIGINT"): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, "exit");
  server.kill(signal);
  const patience = setTimeout(() => server.kill("SIGQUIT"), 10_000);
  await ended;
  clearTimeout(patience);
}

/** Runs one statement on a connection of its own. */
export async function inDatabase(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}
