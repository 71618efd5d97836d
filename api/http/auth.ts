// Who asks: a bearer token (RFC 6750), looked up by its sha256, with a role. Closed by default. Failures are
// counted for each address, so that guessing is slow; an address whose token was good before is not locked out.
import { createHash } from "node:crypto";
import type { Request } from "express";
import type { Clock } from "../../domain/clock.ts";
import type { Role, Tokens } from "../../knowledge/records.ts";
import { HttpProblem } from "./problem.ts";

export interface Caller {
  name: string;
  role: Role;
}

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
const FAILURES = 20;
const WITHIN_MS = 60_000;
const MOST_REMEMBERED = 10_000;

const REALM = 'Bearer realm="opsmedic"';

/** `tokenIn`: where the request carries it; a bearer token where nothing is said. */
export type Authenticate = (
  request: Request,
  tokenIn?: (request: Request) => string | undefined,
) => Promise<Caller>;

/** Throws HttpProblem 401, or 429 after twenty failures in a minute from one address. */
export function makeAuthenticate({ tokens, clock }: { tokens: Tokens; clock: Clock }): Authenticate {
  const failures = new Map<string, { count: number; until: number }>();
  /** Hashes of tokens that were good in this process: they are looked up again even from a blocked address. */
  const wereGood = new Set<string>();

  function fail(address: string): void {
    const now = clock.now();
    const known = failures.get(address);
    const current = known && known.until > now ? known : { count: 0, until: now + WITHIN_MS };
    failures.delete(address);
    failures.set(address, { ...current, count: current.count + 1 });
    const oldest = failures.size > MOST_REMEMBERED ? failures.keys().next().value : undefined;
    if (oldest !== undefined) failures.delete(oldest);
  }

  function refuseWhenBlocked(address: string): void {
    const known = failures.get(address);
    if (!known || known.count < FAILURES || known.until <= clock.now()) return;
    const seconds = Math.ceil((known.until - clock.now()) / 1_000);
    throw new HttpProblem(429, "too_many_failures", "Too many wrong tokens from this address.", {
      hint: `Again in ${seconds} s.`,
      headers: { "retry-after": String(seconds) },
    });
  }

  return async (request, tokenIn = bearerOf) => {
    const address = request.socket.remoteAddress ?? "";
    const token = tokenIn(request);
    const hash = token === undefined ? "" : createHash("sha256").update(token).digest("base64");
    if (!wereGood.has(hash)) refuseWhenBlocked(address);
    if (token === undefined) throw missing();
    const caller = await tokens.find(token);
    if (caller) {
      if (wereGood.size < MOST_REMEMBERED) wereGood.add(hash);
      return caller;
    }
    wereGood.delete(hash);
    fail(address);
    throw refused();
  };
}

export function mayDo(caller: Caller, needed: Role): boolean {
  return RANK[caller.role] >= RANK[needed];
}

export function notAllowed(caller: Caller, needed: Role): HttpProblem {
  return new HttpProblem(
    403,
    "forbidden",
    `This needs the role ${needed}; the token "${caller.name}" has ${caller.role}.`,
  );
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer +([\x21-\x7e]{1,512})$/i.exec(request.headers.authorization ?? "")?.[1];
}

/** What a browser sends once somebody has signed in (RFC 7617); the name before the colon says nothing. */
export function passwordOf(request: Request): string | undefined {
  const sent = /^Basic +([A-Za-z0-9+/=]{1,2048})$/i.exec(request.headers.authorization ?? "")?.[1];
  const text = Buffer.from(sent ?? "", "base64").toString();
  return /^[^:]*:([\x21-\x7e]{1,512})$/.exec(text)?.[1];
}

function missing(): HttpProblem {
  return new HttpProblem(401, "token_missing", "This needs a token.", {
    hint: "Send the header Authorization: Bearer <token>. The admin's token was shown at the first start.",
    headers: { "www-authenticate": REALM },
  });
}

function refused(): HttpProblem {
  return new HttpProblem(401, "token_refused", "This token is not known.", {
    hint: "It may have been replaced. The admin's token is in opsmedic's data folder.",
    headers: { "www-authenticate": `${REALM}, error="invalid_token"` },
  });
}
