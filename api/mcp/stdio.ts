// `opsmedic mcp`: MCP over standard input and output, for an assistant that starts programs.
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import type { Actor } from "../operations.ts";
import { makeMcpServer, type McpParts } from "./server.ts";

/** Resolves when the other side has closed its end, or on `signal`. */
export async function mcpOverStdio(parts: McpParts, actor: Actor, signal: AbortSignal): Promise<void> {
  const handle = serveStdio(() => makeMcpServer(parts, actor));
  await new Promise<void>((resolve) => {
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
    signal.addEventListener("abort", () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  await handle.close();
}
