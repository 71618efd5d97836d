// The HTTP door: security first, then the table of routes, then one place where every error becomes a problem.
// It decides nothing about healing; what it is asked goes to Operations.
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import helmet from "helmet";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Clock } from "../domain/clock.ts";
import { systemClock } from "../domain/system-clock.ts";
import type { Audit, Tokens } from "../knowledge/records.ts";
import { makeAuthenticate } from "./http/auth.ts";
import { serveDocs } from "./http/docs.ts";
import { makeEventStream } from "./http/event-stream.ts";
import { makeChatStream } from "./http/chat-stream.ts";
import { hostCheck } from "./http/host-check.ts";
import { HttpProblem, internalProblem, problemOf, sendProblem } from "./http/problem.ts";
import { admit, type Door, register } from "./http/register.ts";
import { serveIntake } from "./http/intake.ts";
import { requestLog } from "./http/request-log.ts";
import type { Intake } from "../tools/log-sources/intake.ts";
import type { TraceSettings } from "../tools/traces/receive-traces.ts";
import type { LiveEvents, Operations } from "./operations.ts";
import { serveApprovals } from "./pages/serve-approvals.ts";
import { serveMcp } from "./mcp/serve-mcp.ts";
import { runs } from "./routes/runs.ts";
import { allRoutes } from "./routes/index.ts";

export interface AppParts {
  operations: Operations;
  tokens: Tokens;
  audit: Audit;
  live: LiveEvents;
  logger: Logger;
  version: string;
  /** Whether work can be done now; why not, in words that anyone may read. */
  ready: () => Promise<{ ok: boolean; reasons: string[] }>;
  metrics: Registry;
  /** Where logs that are sent to us go; absent: they are not taken. */
  intake?: Intake;
  /** Where traces that are sent to us go; absent: they are not taken. */
  takeSpans?: TraceSettings["take"];
  /** Changing tools that assistants may use over MCP. */
  mcpAllow?: readonly string[];
  /** Host names beside IP addresses, localhost and names without a dot; see host-check.ts. */
  allowedHosts?: readonly string[];
  clock?: Clock;
}

const BODY_LIMIT = "64kb";
const RECORD_LIMIT = "16mb";
const IMPORT_LIMIT = "16mb";

export function makeApp(parts: AppParts): Express {
  const { operations, tokens, audit, live, logger, metrics, clock = systemClock } = parts;
  const app = express();
  app.disable("x-powered-by");
  app.set("query parser", "simple");
  const door: Door = { authenticate: makeAuthenticate({ tokens, clock }), audit, logger };
  const routes = allRoutes(operations);
  const endpoints = routes.map((one) => one.endpoint);

  app.use(requestLog(logger, metrics));
  app.use(securityHeaders());
  // A container's own health check and a scraper know only an address or a bare name; that passes.
  app.use(hostCheck(parts.allowedHosts ?? []));
  app.use("/api", (_request, response, next) => {
    response.set("cache-control", "no-store");
    next();
  });
  serveLiveness(app, parts);
  // A tenth of a second of the start, for a document that few ask for.
  serveDocs(app, async () => (await import("./http/openapi.ts")).openApiOf(endpoints, parts.version));
  const { intake, takeSpans } = parts;
  if (intake) serveIntake(app, { intake, takeSpans, door, clock });
  // The record of a run holds all that was seen in it.
  app.use(runs.import.path, express.json({ limit: RECORD_LIMIT }));
  // Whole knowledge bases come in at once; nobody else may make the server read as much.
  app.post(
    "/api/knowledge/import",
    async (request, response, next) => {
      await admit(request, response, { role: "admin", method: "post", path: "/api/knowledge/import" }, door);
      next();
    },
    express.json({ limit: IMPORT_LIMIT }),
  );
  serveApprovals(app, operations, { door, clock });
  app.use(express.json({ limit: BODY_LIMIT }));
  app.post("/api/chat", makeChatStream(operations, door));
  register(app, routes, door);
  app.get("/metrics", guarded(door, "/metrics"), async (_request, response) => {
    response.type(metrics.contentType).send(await metrics.metrics());
  });
  serveMcp(app, { operations, allow: parts.mcpAllow ?? [], version: parts.version, logger }, door);
  app.get("/api/stream", guarded(door, "/api/stream"), makeEventStream({ live, clock }));
  app.use(["/api", "/mcp", "/metrics", "/health", "/ready"], (request) => {
    throw new HttpProblem(404, "no_such_endpoint", `There is no ${request.method} here.`, {
      hint: "GET /api/openapi.json lists every endpoint.",
    });
  });
  app.use(errorsAsProblems(logger));
  return app;
}

/** Nothing may be loaded from outside, framed or guessed. Swagger UI draws some icons as data: images. */
function securityHeaders(): RequestHandler {
  const self = ["'self'"];
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: self,
        styleSrc: self,
        imgSrc: ["'self'", "data:"],
        fontSrc: self,
        connectSrc: self,
        manifestSrc: self,
        formAction: self,
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // TLS is the business of a proxy in front; on plain HTTP this header means nothing.
    strictTransportSecurity: false,
  });
}

/** Without a token: alive and ready tell nothing but that, for whoever restarts or balances. */
function serveLiveness(app: Express, { ready }: AppParts): void {
  app.get("/health", (_request, response) => {
    response.json({ status: "ok" });
  });
  app.get("/ready", async (_request, response) => {
    const { ok, reasons } = await ready();
    response.status(ok ? 200 : 503).json({ status: ok ? "ready" : "not ready", reasons });
  });
}

function guarded(door: Door, path: string): RequestHandler {
  return async (request, response, next) => {
    await admit(request, response, { role: "viewer", method: "get", path }, door);
    next();
  };
}

function errorsAsProblems(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const problem = problemOf(error) ?? internalProblem;
    if (problem.status >= 500)
      logger.error({ err: error, method: request.method, path: request.path }, "request failed");
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, problem, error instanceof HttpProblem ? error.headers : {});
  };
}
