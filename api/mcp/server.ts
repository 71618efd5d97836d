// The MCP server: opsmedic's records for assistants, read-only unless the owner allows more by name. The SDK lives in
// this folder alone.
import { fromJsonSchema, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";
import { HealError, messageOf } from "../../domain/errors.ts";
import { mayDo } from "../http/auth.ts";
import type { Actor, Operations } from "../operations.ts";
import { actingTools } from "./acting-tools.ts";
import { registerPrompts } from "./prompts.ts";
import { readTools } from "./read-tools.ts";
import { registerRecords } from "./records.ts";
import { type McpTool, outputSchemaOf } from "./tool.ts";
import { asData } from "./untrusted.ts";

export interface McpParts {
  operations: Operations;
  /** Names of changing tools that exist; see acting-tools.ts. */
  allow: readonly string[];
  version: string;
}

/** For one caller. A tool whose role is above the caller's is not shown to it. */
export function makeMcpServer({ operations, allow, version }: McpParts, actor: Actor): McpServer {
  const server = new McpServer({ name: "opsmedic", title: "opsmedic", version });
  const tools = [...readTools, ...actingTools.filter((one) => allow.includes(one.name))];
  for (const one of tools.filter(({ role }) => mayDo(actor, role))) register(server, one, operations, actor);
  registerRecords(server, operations);
  registerPrompts(server);
  return server;
}

const outputSchemas = new Map<string, ReturnType<typeof fromJsonSchema>>();

function register(server: McpServer, one: McpTool, operations: Operations, actor: Actor): void {
  const { name, title, description, changes, input } = one;
  const outputSchema = outputSchemas.get(name) ?? fromJsonSchema(outputSchemaOf(one));
  outputSchemas.set(name, outputSchema);
  server.registerTool(
    name,
    {
      title,
      description,
      inputSchema: input,
      outputSchema,
      annotations: { readOnlyHint: !changes, destructiveHint: changes, openWorldHint: false },
    },
    async (args) => {
      try {
        const answer = z.decode(one.output, await one.run({ input: args, operations, actor }));
        const plain = JSON.parse(JSON.stringify(answer)) as Record<string, unknown>;
        return { content: [{ type: "text", text: asData(plain) }], structuredContent: plain };
      } catch (error) {
        return { isError: true, content: [{ type: "text", text: told(error) }] };
      }
    },
  );
}

/** What went wrong and what would help; nothing of the inside. */
function told(error: unknown): string {
  if (!(error instanceof HealError)) return "opsmedic could not answer; its log tells more.";
  return [messageOf(error), error.hint].filter((one) => one !== undefined).join(" ");
}
