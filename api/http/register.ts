// Turns routes into Express handlers: who asks, may they, is the input right, do it, is the answer right.
import type { Express, Request, RequestHandler, Response } from "express";
import type { Logger } from "pino";
import type { z } from "zod";
import type { Audit } from "../../knowledge/records.ts";
import type { Actor } from "../operations.ts";
import { type Authenticate, type Caller, mayDo, notAllowed } from "./auth.ts";
import type { Endpoint, Role, Route } from "./endpoint.ts";
import { badInput, HttpProblem } from "./problem.ts";

export interface Door {
  authenticate: Authenticate;
  audit: Audit;
  logger: Logger;
}

export function register(app: Express, routes: readonly Route[], door: Door): void {
  for (const route of routes) {
    app[route.endpoint.method](expressPath(route.endpoint.path), answering(route, door));
  }
  refuseOtherMethods(app, routes);
}

/** "/api/runs/{id}" → "/api/runs/:id" */
const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1");

function answering({ endpoint, handler }: Route, door: Door): RequestHandler {
  return async (request, response) => {
    const caller = await admit(request, response, endpoint, door);
    const input = {
      params: parsed("path", endpoint.params, request.params),
      query: parsed("query", endpoint.query, request.query),
      body: parsed("body", endpoint.body, bodyOf(request)),
    };
    const answer = await handler({ ...input, actor: actorOf(request, caller) });
    response.json(checked(endpoint, answer));
  };
}

/** Also for doors that are no JSON endpoints. Throws 401, 403 or 429. */
export async function admit(
  request: Request,
  response: Response,
  { role, method, path }: { role: Role; method: string; path: string },
  { authenticate, audit }: Door,
): Promise<Caller> {
  const caller = await authenticate(request);
  response.locals["caller"] = caller.name;
  if (mayDo(caller, role)) return caller;
  // A refused change is worth remembering; a refused look is not.
  if (method !== "get") {
    const ip = request.socket.remoteAddress ?? "";
    await audit.append({
      actor: caller.name,
      door: "api",
      action: "refused",
      target: path,
      detail: { needed: role, has: caller.role, ip },
    });
  }
  throw notAllowed(caller, role);
}

export function actorOf(request: Request, { name, role }: Caller): Actor {
  const ip = request.socket.remoteAddress;
  return { name, role, door: "api", ...(ip === undefined ? {} : { ip }) };
}

/** Express 5 leaves the body undefined where none came; a body of another type was not parsed. */
function bodyOf(request: Request): unknown {
  if (request.body !== undefined) return request.body as unknown;
  const sent =
    Number(request.headers["content-length"] ?? 0) > 0 || request.headers["transfer-encoding"] !== undefined;
  if (!sent) return {};
  throw new HttpProblem(415, "not_json", "The body must be JSON.", {
    hint: "Send content-type: application/json.",
  });
}

function parsed<T>(where: "path" | "query" | "body", schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw badInput(where, read.error);
}

/** An answer that does not fit its own description is our mistake, and is not sent. */
function checked(endpoint: Endpoint, answer: unknown): unknown {
  const read = endpoint.response.safeParse(answer);
  if (read.success) return read.data;
  throw new Error(
    `The answer of ${endpoint.method} ${endpoint.path} does not fit its schema: ${read.error.message}`,
  );
}

function refuseOtherMethods(app: Express, routes: readonly Route[]): void {
  const byPath = Map.groupBy(routes, (one) => one.endpoint.path);
  for (const [path, same] of byPath) {
    const allow = same.map((one) => one.endpoint.method.toUpperCase());
    app.all(expressPath(path), () => {
      throw new HttpProblem(405, "method_not_allowed", `Only ${allow.join(" and ")} here.`, {
        headers: { allow: allow.join(", ") },
      });
    });
  }
}
