// /api/database and /api/performance: how the databases are, asked of them now. Read-only.
import { z } from "zod";
import type { Databases } from "../databases.ts";
import { endpoint, handle, type Route } from "../http/endpoint.ts";
import { databaseConnections, databaseHealth, databasePerformance } from "../http/schemas/databases.ts";
import { given } from "./given.ts";

const tag = "Databases";
const query = z.strictObject({ service: z.string().min(1).max(200).optional() });

export const databases = {
  health: endpoint({
    method: "get",
    path: "/api/database/health",
    role: "viewer",
    tag,
    summary: "Each database: connections, cache hit rate, size, transactions, deadlocks, what was found",
    query,
    response: z.object({ databases: z.array(databaseHealth) }),
  }),
  connections: endpoint({
    method: "get",
    path: "/api/database/connections",
    role: "viewer",
    tag,
    summary: "Who holds the connections and the locks of each database",
    query,
    response: z.object({ databases: z.array(databaseConnections) }),
  }),
  performance: endpoint({
    method: "get",
    path: "/api/performance/analyze",
    role: "viewer",
    tag,
    summary: "Slow queries, missing indexes, cache hit rate, harmful settings and pools of each database",
    query,
    response: z.object({ databases: z.array(databasePerformance) }),
  }),
};

export function databaseRoutes(operations: Databases): Route[] {
  return [
    handle(databases.health, async ({ query: asked }) => ({
      databases: await operations.databaseHealth(given(asked)),
    })),
    handle(databases.connections, async ({ query: asked }) => ({
      databases: await operations.databaseConnections(given(asked)),
    })),
    handle(databases.performance, async ({ query: asked }) => ({
      databases: await operations.performance(given(asked)),
    })),
  ];
}
