// Puts an app on an address, and takes it off again without waiting for streams that never end.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { HealError, messageOf } from "../../domain/errors.ts";

export interface Listening {
  /** With the port that was really taken. */
  url: string;
  port: number;
  /** Takes no more requests, gives those that run up to `withinMs`, then cuts them off. */
  close(withinMs?: number): Promise<void>;
  server: Server;
}

/** Port 0: any free one. HealError "address-in-use", "address-not-usable". */
export async function listen(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = createServer({ requestTimeout: 60_000, headersTimeout: 20_000, maxHeaderSize: 16_384 }, app);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(notListening(host, port, error)));
    server.listen(port, host, resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    server,
    port: taken,
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    close: (withinMs = 2_000) => close(server, withinMs),
  };
}

async function close(server: Server, withinMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), withinMs);
  await closed;
  clearTimeout(cut);
}

function notListening(host: string, port: number, error: Error & { code?: string }): HealError {
  const used = error.code === "EADDRINUSE";
  return new HealError(`Cannot listen on ${host}:${port}: ${messageOf(error)}.`, {
    code: used ? "address-in-use" : "address-not-usable",
    hint: used
      ? "Another program (perhaps another opsmedic) has this port; stop it or change server.listen."
      : "server.listen must be an address of this machine, with a port that this user may take.",
    cause: error,
  });
}
