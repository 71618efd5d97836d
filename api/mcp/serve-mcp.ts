// The door /mcp of the server. The SDK is loaded when the first assistant comes.
import type { Express } from "express";
import type { Logger } from "pino";
import { actorOf, admit, type Door } from "../http/register.ts";
import type { McpParts } from "./server.ts";

export function serveMcp(app: Express, parts: McpParts & { logger: Logger }, door: Door): void {
  const load = async () => (await import("./door.ts")).makeMcpDoor(parts);
  let loaded: ReturnType<typeof load> | undefined;
  app.all("/mcp", async (request, response) => {
    const caller = await admit(request, response, { role: "viewer", method: "get", path: "/mcp" }, door);
    loaded ??= load();
    await (await loaded)(request, response, actorOf(request, { ...caller, name: `${caller.name} (mcp)` }));
  });
}
