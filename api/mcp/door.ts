// POST /mcp: MCP over HTTP (streamable, stateless), behind the same tokens as the API.
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { Request, Response } from "express";
import type { Logger } from "pino";
import type { Actor } from "../operations.ts";
import { makeMcpServer, type McpParts } from "./server.ts";

/** `caller` tells who asks; it is asked before this. */
export function makeMcpDoor(
  parts: McpParts & { logger: Logger },
): (request: Request, response: Response, caller: Actor) => Promise<void> {
  const handler = createMcpHandler(
    ({ authInfo }) => makeMcpServer(parts, authInfo?.extra?.["actor"] as Actor),
    { onerror: (error) => parts.logger.debug({ error: error.message }, "mcp") },
  );
  const answer = toNodeHandler(handler, {
    onerror: (error) => parts.logger.warn({ error: error.message }, "mcp"),
  });
  return (request, response, caller) => {
    const auth = { token: "", clientId: caller.name, scopes: [caller.role], extra: { actor: caller } };
    return answer(Object.assign(request, { auth }), response, request.body as unknown);
  };
}
