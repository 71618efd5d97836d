// A TCP connection to a real server that notices the commands by which something is changed: counts them, and lets
// something happen right when one has been handed to the server.
import { EventEmitter, once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";

export interface ActDoor {
  port: number;
  /** Since the last call: commands that fitted, and the ports from which the server was reached. */
  seen(): { acts: number; ports: number[] };
  /** Once, when the next command that fits has gone to the server. */
  onNext(act: RegExp, happen: () => void): void;
  /** Until so many connections from now on were made in vain: nobody listens behind it. */
  refused(count: number): Promise<void>;
  close(): Promise<void>;
}

/** `server`: a port of this machine, or the path of a socket. */
export async function openActDoor(server: number | string, acts: RegExp): Promise<ActDoor> {
  let seen: ReturnType<ActDoor["seen"]> = { acts: 0, ports: [] };
  const refusals = new EventEmitter();
  let waiting: { act: RegExp; happen: () => void } | undefined;
  const sockets = new Set<Socket>();
  const listener = net.createServer((near) => {
    const far = net.connect(
      typeof server === "string" ? { path: server } : { port: server, host: "127.0.0.1" },
    );
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const one of [near, far]) {
      sockets.add(one);
      one.on("error", end).on("close", () => {
        sockets.delete(one);
        end();
      });
    }
    far.on("error", () => refusals.emit("refusal"));
    far.on("connect", () => seen.ports.push(far.localPort ?? 0));
    far.on("data", (data) => near.write(data));
    near.on("data", (data) => {
      const text = data.toString("latin1");
      if (acts.test(text)) seen.acts += 1;
      const due = waiting?.act.test(text) === true ? waiting : undefined;
      if (due !== undefined) waiting = undefined;
      far.write(data, due && (() => due.happen()));
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    seen() {
      const last = seen;
      seen = { acts: 0, ports: [] };
      return last;
    },
    onNext: (act, happen) => {
      waiting = { act, happen };
    },
    async refused(count) {
      for (let left = count; left > 0; left -= 1) await once(refusals, "refusal");
    },
    async close() {
      for (const one of sockets) one.destroy();
      listener.close();
      await once(listener, "close");
    },
  };
}
