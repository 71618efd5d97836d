// The ground on which fakes of HTTP services stand: a real server on loopback that answers what the fake says, and
// can be told to misbehave in the ways of real networks.
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: http.IncomingHttpHeaders;
  body: string;
}

export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body: unknown;
}

export type HttpFailure =
  | { kind: "limited"; retryAfter: string }
  | { kind: "broken" }
  | { kind: "refused" }
  | { kind: "not-json" }
  | { kind: "other-json" }
  /** The connection ends in the middle of the answer. */
  | { kind: "cut" }
  /** Accepts and never answers. */
  | { kind: "silence" };

export interface FakeHttpServer extends AsyncDisposable {
  url: string;
  requests: FakeRequest[];
  /** Requests that were not answered, and whose client is still there. */
  waiting(): number;
  /** The next `times` requests end like this. */
  fail(failure: HttpFailure, times?: number): void;
  /** From now on requests are answered. */
  recover(): void;
}

export async function startHttpServer(answer: (request: FakeRequest) => FakeAnswer): Promise<FakeHttpServer> {
  const requests: FakeRequest[] = [];
  const failures: HttpFailure[] = [];
  let waiting = 0;
  const server = http.createServer((incoming, outgoing) => {
    void readRequest(incoming).then((request) => {
      requests.push(request);
      const failure = failures.shift();
      if (failure === undefined) return send(outgoing, answer(request));
      if (failure.kind === "silence") {
        waiting += 1;
        outgoing.on("close", () => {
          waiting -= 1;
        });
      }
      misbehave(outgoing, failure, () => answer(request));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    waiting: () => waiting,
    fail: (failure, times = 1) => {
      for (let time = 0; time < times; time += 1) failures.push(failure);
    },
    recover: () => void failures.splice(0),
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close").catch(() => {});
    },
  };
}

async function readRequest(incoming: http.IncomingMessage): Promise<FakeRequest> {
  const url = new URL(incoming.url ?? "/", "http://fake");
  return {
    method: incoming.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: await text(incoming),
  };
}

function send(outgoing: http.ServerResponse, { status = 200, headers = {}, body }: FakeAnswer): void {
  outgoing.writeHead(status, { "content-type": "application/json", ...headers });
  outgoing.end(JSON.stringify(body));
}

function misbehave(outgoing: http.ServerResponse, failure: HttpFailure, answer: () => FakeAnswer): void {
  switch (failure.kind) {
    case "limited":
      return send(outgoing, {
        status: 429,
        headers: { "retry-after": failure.retryAfter },
        body: { message: "too many requests" },
      });
    case "broken":
      return send(outgoing, { status: 503, body: { message: "no shard is available" } });
    case "refused":
      return send(outgoing, { status: 401, body: { message: "bad key" } });
    case "not-json":
      outgoing.writeHead(200, { "content-type": "text/html" });
      outgoing.end("<html><title>Sign in</title></html>");
      return;
    case "other-json":
      return send(outgoing, { body: { hello: "world" } });
    case "cut": {
      const whole = JSON.stringify(answer().body);
      outgoing.writeHead(200, {
        "content-type": "application/json",
        "content-length": String(whole.length * 2),
      });
      outgoing.write(whole.slice(0, whole.length / 2));
      setImmediate(() => outgoing.destroy());
      return;
    }
    case "silence":
      return;
  }
}
