// A pooler before PostgreSQL, as PgBouncer is in transaction mode: clients one after the other get the same session, which
// nobody resets between them.
import { once } from "node:events";
import net, { type AddressInfo, type Socket } from "node:net";

/** `options` at the start of a session: PgBouncer refuses them, or leaves them away (ignore_startup_parameters). */
export async function openSessionPooler(serverPort: number, role: string, options: "refused" | "ignored") {
  const server = net.connect(serverPort, "127.0.0.1");
  let client: Socket | undefined;
  server.write(
    message("", Buffer.concat([int(196_608), Buffer.from(`user\0${role}\0database\0postgres\0\0`)])),
  );
  const began = Promise.withResolvers<void>();
  const fromServer = messages((type, bytes) => {
    if (client !== undefined) client.write(bytes);
    else if (type === "Z") began.resolve();
  });
  server.on("data", fromServer);
  await began.promise;

  const listener = net.createServer((next) => {
    next.on("error", () => undefined);
    next.once("data", (first) => {
      if (options === "refused" && first.includes("options\0")) {
        const words = "SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0";
        next.end(message("E", Buffer.from(words)));
        return;
      }
      client = next;
      next.write(message("R", int(0)));
      next.write(message("K", Buffer.concat([int(1), int(1)])));
      next.write(message("Z", Buffer.from("I")));
      const toServer = messages((type, bytes) => type !== "X" && server.write(bytes));
      next.on("data", toServer);
    });
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return {
    url: `postgres://${role}@127.0.0.1:${(listener.address() as AddressInfo).port}/postgres`,
    [Symbol.dispose]() {
      listener.close();
      client?.destroy();
      server.destroy();
    },
  };
}

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const message = (type: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(type), int(body.length + 4), body]);

/** Cuts a stream into whole messages: a letter, and a length that counts itself. */
function messages(take: (type: string, bytes: Buffer) => unknown): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const length = rest.readInt32BE(1) + 1;
      take(String.fromCharCode(rest[0] ?? 0), rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  };
}
