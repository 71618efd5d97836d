// A service of somebody else, played by the lab: nothing of ours runs there, so nobody but its owner can repair it.
import { createServer, type Server } from "node:http";
import type { Ground } from "./fault.ts";

export interface Partner {
  url: string;
  /** As in opsmedic.yaml. */
  service: object;
  /** What it answers from now on. */
  answer: { status: number; afterMs: number };
  /** How often it was asked anything. */
  asked: () => number;
  /** Nobody listens any more. */
  down: () => Promise<void>;
}

export async function openPartner(ground: Ground, role = "partner"): Promise<Partner> {
  const answer = { status: 200, afterMs: 0 };
  let asked = 0;
  const server: Server = createServer((_request, response) => {
    asked += 1;
    setTimeout(() => response.writeHead(answer.status).end(), answer.afterMs);
  });
  const port = await ground.freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const down = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  ground.disposables.defer(down);
  const url = `http://127.0.0.1:${port}/`;
  return {
    url,
    service: { name: ground.nameOf(role), health: [{ http: url, timeout: "1s" }] },
    answer,
    asked: () => asked,
    down,
  };
}
