// HTTP and HTTPS health checks: one GET on a connection of its own, judged by status and time. Redirects are not
// followed: the answer of the address in the configuration is what counts.
import http from "node:http";
import https from "node:https";
import { TLSSocket } from "node:tls";
import type { Probe, ProbeExpectation } from "../domain/service.ts";
import { askOnce, type ProbeAnswer, type Seen, WrongAnswer } from "./probe-answer.ts";

type HttpProbe = Extract<Probe, { kind: "http" }>;

/** Enough to see that the body arrives; a download that serves as health check is not read to its end. */
const BODY_LIMIT_BYTES = 64 * 1024;

// No connection is kept: with a thousand services, idle sockets would pile up, and a probe over an old
// connection does not see that nothing new can connect.
const agents = {
  "http:": new http.Agent({ keepAlive: false }),
  "https:": new https.Agent({ keepAlive: false, maxCachedSessions: 0 }),
};

/** Never throws. `latencyMs` covers connecting, the head and the body (at most 64 kB of it). */
export function probeHttp(probe: HttpProbe, signal?: AbortSignal): Promise<ProbeAnswer> {
  const limits = { timeoutMs: probe.timeoutMs, maxMs: probe.expect.maxMs };
  return askOnce(limits, signal, async (stop, seen) => {
    const response = await head(new URL(probe.url), stop);
    const status = response.statusCode ?? 0;
    seen.status = status;
    Object.assign(seen, clockOf(response), certificateOf(response));
    await drain(response);
    if (!accepts(probe.expect, status)) {
      throw new WrongAnswer("status", `answered ${status}, expected ${wanted(probe.expect)}`);
    }
  });
}

function head(url: URL, stop: AbortSignal): Promise<http.IncomingMessage> {
  const secure = url.protocol === "https:";
  const agent = agents[secure ? "https:" : "http:"];
  const headers = { "user-agent": "opsmedic", accept: "*/*" };
  return new Promise((resolve, reject) => {
    const open = secure ? https.request : http.request;
    open(url, { agent, headers, signal: stop }, resolve).on("error", reject).end();
  });
}

/** Leaving the loop destroys the response, and with it the connection. */
async function drain(response: http.IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_LIMIT_BYTES) break;
  }
}

function accepts(expect: ProbeExpectation, status: number): boolean {
  return expect.status === undefined ? status >= 200 && status < 400 : status === expect.status;
}

function wanted(expect: ProbeExpectation): string {
  return expect.status === undefined ? "2xx or 3xx" : String(expect.status);
}

/** The Date header tells whole seconds; a cache may have kept the answer, and with it the time. */
function clockOf({ headers }: http.IncomingMessage): Pick<Seen, "clockOffsetMs"> {
  const at = Date.parse(headers.date ?? "");
  return Number.isNaN(at) || headers.age !== undefined ? {} : { clockOffsetMs: at - Date.now() };
}

function certificateOf({ socket }: http.IncomingMessage): Pick<Seen, "certificateEndsAt"> {
  if (!(socket instanceof TLSSocket)) return {};
  const endsAt = Date.parse(socket.getPeerCertificate().valid_to);
  return Number.isNaN(endsAt) ? {} : { certificateEndsAt: endsAt };
}
