// The engine's socket, seen through one that can be cut.
import { rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";

export const ENGINE = "/var/run/docker.sock";

/** A socket in front of the engine's that can be cut. */
export async function openDockerProxy(path: string) {
  const open = new Set<Socket>();
  let server: Server | undefined;
  const listen = async (): Promise<void> => {
    server = createServer((client) => {
      const engine = connect(ENGINE);
      for (const [from, to] of [
        [client, engine],
        [engine, client],
      ] as const) {
        open.add(from);
        from.on("error", () => undefined).on("close", () => to.destroy());
        from.pipe(to);
      }
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
  };
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of open) socket.destroy();
    open.clear();
    await closed;
    rmSync(path, { force: true });
  };
  await listen();
  return { cut, listen };
}
