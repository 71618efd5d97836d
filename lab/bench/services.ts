// The services that benchmarks break: real web servers, each told apart by a number, that write down when they were
// born as the first thing they do.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const WEB = fileURLToPath(new URL("programs/web.js", import.meta.url));
const BORN = 'date +%s%N >>"$BORN"; exec "$0" "$@"';

export interface WebService {
  name: string;
  command: string[];
  env: Record<string, string>;
  /** As in opsmedic.yaml. */
  asConfigured: object;
  /** Unix ms of its latest start. */
  bornAt(): number;
}

/** `count` services with a configuration file each, on ports that were free just now. */
export async function makeWebServices(folder: string, count: number): Promise<WebService[]> {
  const ports = await freePorts(count);
  return ports.map((port, index) => makeWebService(folder, `web-${index + 1}`, port));
}

function makeWebService(folder: string, name: string, port: number): WebService {
  const root = join(folder, name);
  mkdirSync(join(root, "config"), { recursive: true });
  writeFileSync(
    join(root, "config", "settings.json"),
    JSON.stringify({ timeoutMs: 800, retries: 2 }, null, 2),
  );
  const command = ["/bin/sh", "-c", BORN, process.execPath, WEB];
  const env = { PORT: String(port), BORN: join(root, "born") };
  return {
    name,
    command,
    env,
    asConfigured: {
      name,
      runtime: { process: { command, env } },
      health: [{ http: `http://127.0.0.1:${port}/`, timeout: "2s" }],
      files: { root, editable: ["config/**"] },
    },
    bornAt: () => Number(readFileSync(env.BORN, "utf8").trim().split("\n").at(-1)) / 1e6,
  };
}

/** Free when asked, all of them at once. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, "127.0.0.1");
      await once(server, "listening");
      return server;
    }),
  );
  const ports = servers.map((one) => (one.address() as { port: number }).port);
  await Promise.all(servers.map((one) => new Promise((resolve) => one.close(resolve))));
  return ports;
}
