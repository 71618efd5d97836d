// An address on loopback that moves from one server to another, as a virtual address or a proxy before a primary and its
// standbys does.
import { EventEmitter, once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";

export interface MovingAddress extends AsyncDisposable {
  port: number;
  /** To this port of this machine; `cut`: whoever is connected is cut off (default), as by a proxy, not by a name. */
  moveTo(port: number, options?: { cut?: boolean }): void;
  /** Once an act has gone to the server: from then on its sender hears nothing more of it. */
  heldAt(act: RegExp): Promise<void>;
  /** Once so many have come since it moved. */
  visited(times: number): Promise<void>;
}

export async function openMovingAddress(first: number): Promise<MovingAddress> {
  let server = first;
  let hold: { act: RegExp; happened: () => void } | undefined;
  let visits = 0;
  const visitors = new EventEmitter();
  const sockets = new Set<Socket>();
  const listener = net.createServer((near) => {
    const far = net.connect(server, "127.0.0.1");
    let deaf = false;
    for (const one of [near, far]) {
      sockets.add(one);
      one.on("error", () => undefined);
      one.on("close", () => {
        sockets.delete(one);
        // Whoever is held hears of nothing until the address moves.
        if (one === near || !deaf) for (const other of [near, far]) other.destroy();
      });
    }
    far.on("connect", () => {
      visits += 1;
      visitors.emit("visit");
    });
    far.on("data", (data) => {
      if (!deaf) near.write(data);
    });
    near.on("data", (data) => {
      const due = hold?.act.test(data.toString("latin1")) === true ? hold : undefined;
      if (due !== undefined) [deaf, hold] = [true, undefined];
      far.write(data, due && (() => due.happened()));
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const cutAll = (): void => {
    for (const one of sockets) one.destroy();
  };
  return {
    port: (listener.address() as AddressInfo).port,
    moveTo(port, { cut = true } = {}) {
      server = port;
      visits = 0;
      if (cut) cutAll();
    },
    heldAt: (act) => new Promise((happened) => (hold = { act, happened })),
    async visited(times) {
      for (let now = visits; now < times; now += 1) await once(visitors, "visit");
    },
    async [Symbol.asyncDispose]() {
      cutAll();
      listener.close();
      await once(listener, "close");
    },
  };
}
