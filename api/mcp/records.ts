// Records as resources, by the address that an assistant may keep: opsmedic://runs/run_1.
import { z } from "zod";
import { ResourceTemplate, type McpServer } from "@modelcontextprotocol/server";
import { runStory } from "../http/schemas/answers.ts";
import { incidentStory } from "../http/schemas/incident-desk.ts";
import { entryStory } from "../http/schemas/knowledge.ts";
import type { Operations } from "../operations.ts";
import { asData } from "./untrusted.ts";

interface Kind {
  name: string;
  title: string;
  read(operations: Operations, id: string): Promise<unknown>;
}

const kinds: readonly Kind[] = [
  {
    name: "incidents",
    title: "An incident",
    read: async (operations, id) => z.decode(incidentStory, await operations.incident(id)),
  },
  {
    name: "runs",
    title: "A run with its trace",
    read: async (operations, id) => z.decode(runStory, await operations.run(id)),
  },
  {
    name: "fixes",
    title: "A remembered case with its fix",
    read: async (operations, id) => z.decode(entryStory, await operations.knowledgeEntry(id)),
  },
];

export function registerRecords(server: McpServer, operations: Operations): void {
  for (const { name, title, read } of kinds) {
    server.registerResource(
      name,
      new ResourceTemplate(`opsmedic://${name}/{id}`, { list: undefined }),
      { title, mimeType: "application/json" },
      async (uri, { id }) => ({
        contents: [
          { uri: uri.href, mimeType: "text/plain", text: asData(await read(operations, String(id))) },
        ],
      }),
    );
  }
}
