// /api/monitoring/health about opsmedic itself, asked of a server as `opsmedic serve` starts it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeHttpOperations } from "../../api/http-operations.ts";
import { serve } from "../../api/serve.ts";
import { plain } from "../../api/cli/terminal.ts";
import { startRedis } from "../observation/servers.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";

/** Nothing is watched: what health tells is opsmedic's own. */
async function openServing(more = "") {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-serving-"));
  const config = join(folder, "opsmedic.yaml");
  writeFileSync(
    config,
    `server: { listen: "127.0.0.1:0" }\nservices: []\ndiscover: { docker: false }\n${more}`,
  );
  const stop = new AbortController();
  let printed = "";
  const terminal = {
    out: (text: string) => void (printed += text),
    err: () => undefined,
    paint: plain,
    interactive: false,
    ask: () => Promise.reject(new Error("nobody is here")),
  };
  const ended = serve({ config, cwd: folder, signal: stop.signal, terminal });
  await Promise.race([untilTrue("it is up", () => printed.includes("is up: ")), ended]);
  const token = readFileSync(join(folder, ".opsmedic", "admin-token"), "utf8").trim();
  const url = /is up: (\S+)/.exec(printed)?.[1] ?? "";
  return {
    operations: makeHttpOperations({ url, token }),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

describe("the health of opsmedic's own surroundings", () => {
  it("names database, API and queue, and nothing that is not used", async () => {
    await using server = await openServing();
    const { overall_status, checks } = await server.operations.health();
    expect(overall_status).toBe("healthy");
    expect(Object.keys(checks).sort()).toEqual(["api", "database", "queue"]);
    for (const one of Object.values(checks)) {
      expect(one).toMatchObject({ status: "healthy", findings: [] });
      expect(one.latency_ms).toBeGreaterThanOrEqual(0);
    }
  });
});

describeWith("redis", "the health of a configured Redis", () => {
  it("is asked for, and is critical once it is gone", async () => {
    const redis = await startRedis();
    try {
      await using server = await openServing(`queue: { url: "redis://127.0.0.1:${redis.port}" }\n`);
      const before = await server.operations.health();
      expect(before.checks["redis"]).toMatchObject({ status: "healthy", findings: [] });

      await redis.stop();
      const { overall_status, checks } = await server.operations.health();
      expect(overall_status).toBe("critical");
      expect(checks["redis"]).toMatchObject({ status: "critical", latency_ms: null });
      expect(checks["redis"]?.findings[0]?.summary).toMatch(/^redis: .*ECONNREFUSED/);
      expect(checks).toMatchObject({ api: { status: "healthy" }, database: { status: "healthy" } });
    } finally {
      await redis.stop();
    }
  });
});
