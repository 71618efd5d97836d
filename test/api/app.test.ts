// What the HTTP door serves beside its table: liveness, metrics, the document, its page, and the event stream.
import { describe, expect, it, vi } from "vitest";
import { serveWorld } from "./serve-world.ts";

describe("liveness and metrics", () => {
  it("say alive and ready to anyone, and no more", async () => {
    let reasons: string[] = [];
    await using served = await serveWorld({ ready: async () => ({ ok: reasons.length === 0, reasons }) });
    expect(await (await served.ask("nobody", "/health")).json()).toEqual({ status: "ok" });
    expect((await served.ask("nobody", "/ready")).status).toBe(200);
    reasons = ["the database does not answer"];
    const not = await served.ask("nobody", "/ready");
    expect([not.status, await not.json()]).toEqual([503, { status: "not ready", reasons }]);
  });

  it("show metrics to a viewer, with routes and not ids as labels", async () => {
    await using served = await serveWorld();
    await served.ask("viewer", "/api/runs/run-1");
    await served.ask("viewer", "/api/runs/run-2");
    await vi.waitFor(async () => {
      const text = await (await served.ask("viewer", "/metrics")).text();
      expect(text).toMatch(
        /opsmedic_http_request_duration_seconds_count\{method="GET",route="\/api\/runs\/:id",status="200"\} 2/,
      );
    });
    expect((await served.ask("nobody", "/metrics")).status).toBe(401);
  });
});

describe("the OpenAPI document", () => {
  it("describes every endpoint as it is sent, and every reference in it leads somewhere", async () => {
    await using served = await serveWorld();
    const response = await served.ask("nobody", "/api/openapi.json");
    const document = (await response.json()) as {
      openapi: string;
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
      components: { schemas: Record<string, { properties?: Record<string, unknown> }> };
    };
    expect(document.openapi).toBe("3.1.0");
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(["/api/runs/{id}", "/api/control/mode"]),
    );
    for (const [path, operations] of Object.entries(document.paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      for (const operation of Object.values(operations)) {
        const given = (operation.parameters ?? []).filter((one) => one.in === "path").map((one) => one.name);
        expect([path, given]).toEqual([path, names]);
      }
    }
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      (match) => match[1] ?? "",
    );
    expect(references.length).toBeGreaterThan(10);
    for (const name of references) expect(Object.keys(document.components.schemas)).toContain(name);
    expect(document.components.schemas["Run"]?.properties?.["startedAt"]).toMatchObject({
      type: "string",
      format: "date-time",
    });
    expect(document.components.schemas["Backup"]?.properties).toHaveProperty("backup_id");
  });

  it("has a page that loads nothing from elsewhere and runs no inline script", async () => {
    await using served = await serveWorld();
    const page = await (await served.ask("nobody", "/api/docs")).text();
    const sources = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
    expect(sources).toHaveLength(4);
    for (const source of sources) {
      expect(source).toMatch(/^\/api\/docs\//);
      const file = await served.ask("nobody", source);
      expect([source, file.status]).toEqual([source, 200]);
      expect((await file.arrayBuffer()).byteLength).toBeGreaterThan(50);
    }
    expect(page).not.toMatch(/<script>|<style|onclick|javascript:/);
    expect((await served.ask("nobody", "/api/docs/package.json")).status).toBe(404);
    expect((await served.ask("nobody", "/api/docs/..%2fpackage.json")).status).toBe(404);
  });
});

describe("times in answers", () => {
  it("are ISO 8601, at every depth", async () => {
    await using served = await serveWorld();
    const paths = [
      "/api/runs",
      "/api/runs/run-1",
      "/api/approvals",
      "/api/incidents",
      "/api/monitoring/backups",
      "/api/monitoring/health",
      "/api/monitoring/status",
    ];
    for (const path of paths) {
      const text = await (await served.ask("viewer", path)).text();
      // A recent Unix time in milliseconds; free JSON of the test world holds only small numbers.
      expect([path, text.match(/[^\d.T:]1[67]\d{11}[^\d]/)]).toEqual([path, null]);
    }
    const story = (await (await served.ask("viewer", "/api/runs/run-1")).json()) as Record<string, never>;
    expect(story).toMatchObject({
      incident: {
        findings: [{ since: "2026-01-05T11:58:59.623Z", facts: { at: 7 } }],
        signals: expect.arrayContaining([expect.objectContaining({ startedAt: "2026-01-05T11:58:51.123Z" })]),
        plan: { actions: [{ params: { at: 5, since: 6 } }] },
      },
      journal: [{ params: { at: 7 }, intentAt: "2026-01-05T12:00:01.000Z" }],
    });
  });
});
