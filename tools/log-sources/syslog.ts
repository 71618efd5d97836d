// Listens for syslog over UDP or TCP. A TCP sender is not read while there is no room, so that it waits; over UDP
// nobody waits, so what finds no room is counted and reported.
import { randomUUID } from "node:crypto";
import dgram from "node:dgram";
import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import type { Clock } from "../../domain/clock.ts";
import { messageOf } from "../../domain/errors.ts";
import { serviceIn } from "./fields.ts";
import type { Intake } from "./intake.ts";
import { type RawEvent, toEvent, toEvents } from "./log-event.ts";
import { SourceError } from "./source-error.ts";
import { makeFrameReader } from "./syslog-frames.ts";
import { parseSyslog } from "./syslog-message.ts";

export interface SyslogSettings {
  name: string;
  /** udp://127.0.0.1:5514 or tcp://…; port 0 takes a free one. */
  listen: string;
  /** Field that names the service where it is not the program: "host", or a parameter of the structured data. */
  serviceField?: string | undefined;
  intake: Intake;
  clock: Clock;
  /** Called when messages begin to be lost for want of room, and when that is over, with how many. */
  onLost?: (lost: { over: boolean; count: number }) => void;
  makeRawId?: () => string;
  mostConnections?: number;
}

export interface SyslogListener {
  address: string;
  /** Messages that found no room, since the start. UDP only. */
  lost(): number;
  close(): Promise<void>;
}

/** Throws SourceError "source-unreachable" where it cannot listen there. */
export async function listenSyslog(settings: SyslogSettings): Promise<SyslogListener> {
  const { protocol, hostname, port } = new URL(settings.listen);
  const where = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) };
  try {
    return protocol === "tcp:" ? await listenTcp(settings, where) : await listenUdp(settings, where);
  } catch (cause) {
    throw new SourceError(`Syslog cannot listen on ${settings.listen}: ${messageOf(cause)}`, {
      code: "source-unreachable",
      retryable: true,
      hint: "Choose a free port; ports below 1024 need a privilege. Another syslog daemon may hold it.",
      cause,
    });
  }
}

interface Where {
  host: string;
  port: number;
}

async function listenUdp(settings: SyslogSettings, { host, port }: Where): Promise<SyslogListener> {
  const { name, intake, clock, onLost = () => {} } = settings;
  const socket = dgram.createSocket({
    type: net.isIPv6(host) ? "udp6" : "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
  });
  let lost = 0;
  let losing = 0;
  socket.on("message", (datagram) => {
    const now = clock.now();
    const raw = rawOf(datagram.toString("utf8"), now, settings);
    void intake.take([toEvent(raw, { source: name, ingestTs: now })]).then(({ status }) => {
      if (status !== "stored") {
        lost += 1;
        losing += 1;
        if (losing === 1) onLost({ over: false, count: 1 });
      } else if (losing > 0) {
        onLost({ over: true, count: losing });
        losing = 0;
      }
    });
  });
  socket.bind(port, host);
  await once(socket, "listening");
  socket.on("error", () => {});
  return {
    address: `udp://${addressText(socket.address())}`,
    lost: () => lost,
    close: async () => {
      socket.close();
      await once(socket, "close");
    },
  };
}

/** A burst waits in the kernel while we are busy. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const WAIT_FOR_ROOM_MS = 250;

async function listenTcp(settings: SyslogSettings, { host, port }: Where): Promise<SyslogListener> {
  const closing = new AbortController();
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    void readConnection(socket, settings, closing.signal);
  });
  server.maxConnections = settings.mostConnections ?? 500;
  server.listen(port, host);
  await once(server, "listening");
  server.on("error", () => {});
  return {
    address: `tcp://${addressText(server.address() as AddressInfo)}`,
    lost: () => 0,
    close: async () => {
      closing.abort();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Never rejects: what a sender does wrong ends its own connection only. */
async function readConnection(
  socket: net.Socket,
  settings: SyslogSettings,
  signal: AbortSignal,
): Promise<void> {
  const { name, intake, clock } = settings;
  const frames = makeFrameReader();
  const pass = async (texts: string[]): Promise<void> => {
    const now = clock.now();
    const raws = texts.map((text) => rawOf(text, now, settings));
    const events = await toEvents(raws, { source: name, ingestTs: now });
    // The loop below does not ask for more meanwhile, so the sender's own buffer fills, and it waits.
    while ((await intake.take(events)).status !== "stored") await clock.sleep(WAIT_FOR_ROOM_MS, signal);
  };
  try {
    for await (const chunk of socket) {
      const texts: string[] = [];
      frames.push(chunk as Buffer, (text) => texts.push(text));
      await pass(texts);
    }
    const last: string[] = [];
    frames.end((text) => last.push(text));
    await pass(last);
  } catch {
    socket.destroy();
  }
}

function rawOf(
  text: string,
  now: number,
  { serviceField, makeRawId = randomUUID }: SyslogSettings,
): RawEvent {
  const raw = parseSyslog(text, { now, rawId: makeRawId() });
  return serviceField === undefined ? raw : { ...raw, service: serviceIn(raw.attrs ?? {}, [serviceField]) };
}

function addressText({ address, port }: { address: string; port: number }): string {
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}
