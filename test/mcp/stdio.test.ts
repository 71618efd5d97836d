// `opsmedic mcp` as an assistant starts it: the real program, its stdin and stdout, no server.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { expect, it } from "vitest";

it("opsmedic mcp answers over stdin and stdout, out of the embedded store", async () => {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-mcp-"));
  try {
    writeFileSync(
      join(folder, "opsmedic.yaml"),
      "services:\n  - { name: web, health: [{ tcp: '127.0.0.1:9' }] }\ndiscover: { docker: false }\n",
    );
    const client = new Client({ name: "test", version: "1" });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [join(import.meta.dirname, "../../api/main.ts"), "mcp", "--allow", "request_heal"],
      cwd: folder,
      stderr: "pipe",
    });
    await client.connect(transport);
    const { tools } = await client.listTools();
    expect(tools.map((one) => one.name)).toContain("request_heal");
    expect(tools.map((one) => one.name)).not.toContain("approve_fix");
    const answer = await client.callTool({ name: "get_target_health", arguments: { service: "web" } });
    expect(answer.structuredContent).toMatchObject({ checks: { web: { status: "critical" } } });
    await client.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
