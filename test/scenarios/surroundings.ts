// What scenarios find around them: free ports, an upstream that limits its callers, the small programs to run.
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

export { openUpstream, type Upstream } from "../../lab/upstream.ts";

/** A port of the loopback interface on which nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The command of a program in lab/programs. */
export function program(name: "web" | "worker" | "proxy"): string[] {
  return [process.execPath, fileURLToPath(new URL(`../../lab/programs/${name}.ts`, import.meta.url))];
}
