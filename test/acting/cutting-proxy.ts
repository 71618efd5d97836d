// A TCP connection to a real server that breaks off in the middle of one command: before the server got it, or after it
// was done but before the answer.
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";

export interface CuttingProxy {
  port: number;
  /** Breaks off at the next command that fits, once. */
  cut(when: "before" | "after"): void;
  /** Keeps back the next command that fits, once, and leaves its client waiting; resolves when it has come. */
  hold(): Promise<void>;
  close(): Promise<void>;
}

/** `act`: what a command that changes something looks like on the wire. */
export async function openCuttingProxy(serverPort: number, act: RegExp): Promise<CuttingProxy> {
  let armed: "before" | "after" | "held" | undefined;
  let held = Promise.withResolvers<void>();
  const sockets = new Set<Socket>();
  const listener = net.createServer((client) => {
    const server = net.connect(serverPort, "127.0.0.1");
    let dropAnswer = false;
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const one of [client, server]) {
      sockets.add(one);
      one.on("error", end).on("close", end);
    }
    client.on("data", (data) => {
      if (armed !== undefined && act.test(data.toString("latin1"))) {
        const when = armed;
        armed = undefined;
        if (when === "before") return end();
        if (when === "held") return held.resolve();
        dropAnswer = true;
      }
      server.write(data);
    });
    server.on("data", (data) => {
      if (dropAnswer) end();
      else client.write(data);
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    cut: (when) => {
      armed = when;
    },
    hold() {
      armed = "held";
      held = Promise.withResolvers();
      return held.promise;
    },
    async close() {
      for (const one of sockets) one.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
