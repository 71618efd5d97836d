// One line a request, and its time in the metrics. Never the query, never a header: they can carry secrets.
import type { Request, RequestHandler } from "express";
import type { Logger } from "pino";
import { Histogram, type Registry } from "prom-client";

export function requestLog(logger: Logger, metrics: Registry): RequestHandler {
  const seconds = new Histogram({
    name: "opsmedic_http_request_duration_seconds",
    help: "Time to answer a request, by route and status.",
    labelNames: ["method", "route", "status"],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [metrics],
  });
  return (request, response, next) => {
    const begun = performance.now();
    response.on("close", () => {
      const ms = Math.round(performance.now() - begun);
      const status = response.statusCode;
      // The pattern, not the path: ids would make a series each.
      const route = routeOf(request.route);
      if (route !== "/api/stream") seconds.observe({ method: request.method, route, status }, ms / 1_000);
      const line = {
        method: request.method,
        route,
        status,
        ms,
        // A connection that was cut off has no socket any more, whatever its type says.
        ip: (request.socket as Request["socket"] | null)?.remoteAddress,
        caller: response.locals["caller"] as unknown,
      };
      if (status >= 500) logger.warn(line, "request");
      else logger.debug(line, "request");
    });
    next();
  };
}

function routeOf(route: unknown): string {
  const path = (route as { path?: unknown } | undefined)?.path;
  return typeof path === "string" ? path : "none";
}
