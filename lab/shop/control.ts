// The door through which the lab breaks a running shop process. It opens to this machine only, and only to who can
// read the random token in the data folder; without a token file it does not exist.
import { timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";

/** What can be switched, by name; `amount` is a number that the lab may give along. */
export type Switches = Record<string, (amount: number) => void>;

const PREFIX = "/__lab/";

/** Answers a control request, and tells whether it was one. */
export function makeControl(tokenFile: string | undefined, switches: Switches) {
  return function control(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? "/", "http://shop");
    if (tokenFile === undefined || !url.pathname.startsWith(PREFIX)) return false;
    const flip = switches[url.pathname.slice(PREFIX.length)];
    if (request.method !== "POST" || !isLocal(request) || !isAllowed(request, tokenFile)) {
      response.writeHead(403).end();
    } else if (flip === undefined) {
      response.writeHead(404).end();
    } else {
      // Broken only after the answer is out, so that the lab knows that it was heard.
      response
        .writeHead(202)
        .end("", () => setImmediate(() => flip(Number(url.searchParams.get("amount") ?? 0))));
    }
    return true;
  };
}

function isLocal({ socket }: IncomingMessage): boolean {
  return /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? "");
}

function isAllowed({ headers }: IncomingMessage, tokenFile: string): boolean {
  const given = Buffer.from(String(headers["x-lab-token"] ?? ""));
  const wanted = readToken(tokenFile);
  return wanted.length > 0 && given.length === wanted.length && timingSafeEqual(given, wanted);
}

function readToken(tokenFile: string): Buffer {
  try {
    return Buffer.from(readFileSync(tokenFile, "utf8").trim());
  } catch {
    return Buffer.alloc(0);
  }
}
