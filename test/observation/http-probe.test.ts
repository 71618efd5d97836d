// HTTP checks against real local servers, the well and the broken.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Probe } from "../../domain/service.ts";
import { makeProber } from "../../tools/prober.ts";
import { proberContract } from "../contract/prober.contract.ts";
import { httpProbe, serviceNamed, wallClock } from "./service.ts";

const prober = makeProber({ clock: wallClock });
const ask = (url: string, parts: Partial<Probe> = {}, signal?: AbortSignal) =>
  prober.probe(serviceNamed("web"), httpProbe(url, parts), signal);

proberContract("http", {
  needsAnswer: true,
  askAt: (port, { timeoutMs, signal }) => ask(`http://127.0.0.1:${port}/`, { timeoutMs }, signal),
  async well() {
    const server = http.createServer((_, response) => response.end("well")).listen(0, "127.0.0.1");
    await once(server, "listening");
    return { port: (server.address() as AddressInfo).port, stop: async () => void server.close() };
  },
});

describe("http probe", () => {
  const servers: http.Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  });

  async function serve(server: http.Server): Promise<string> {
    servers.push(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const answering = (handler: http.RequestListener) => serve(http.createServer(handler));

  it("judges by status, with 2xx and 3xx well by default", async () => {
    const at = await answering((request, response) => {
      response.statusCode = Number(request.url?.slice(1));
      response.end();
    });
    expect(await ask(`http://${at}/204`)).toMatchObject({ ok: true, status: 204 });
    expect(await ask(`http://${at}/304`)).toMatchObject({ ok: true, status: 304 });
    const broken = await ask(`http://${at}/503`);
    expect(broken).toMatchObject({ ok: false, status: 503, failure: "status" });
    expect(broken.error).toBe("answered 503, expected 2xx or 3xx");
    expect(broken.latencyMs).toBeGreaterThan(0);
    expect(await ask(`http://${at}/401`, { expect: { status: 401 } })).toMatchObject({ ok: true });
    expect(await ask(`http://${at}/200`, { expect: { status: 204 } })).toMatchObject({ failure: "status" });
  });

  it("does not follow a redirect", async () => {
    const visited: (string | undefined)[] = [];
    const at = await answering((request, response) => {
      visited.push(request.url);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect(await ask(`http://${at}/here`)).toMatchObject({ ok: true, status: 302 });
    expect(await ask(`http://${at}/here`, { expect: { status: 200 } })).toMatchObject({
      ok: false,
      status: 302,
    });
    expect(visited).toEqual(["/here", "/here"]);
  });

  it("calls an answer slow when it took longer than allowed", async () => {
    const at = await answering((_, response) => void setTimeout(() => response.end("late"), 80));
    expect(await ask(`http://${at}/`, { expect: { maxMs: 20 } })).toMatchObject({
      ok: false,
      failure: "slow",
      status: 200,
    });
  });

  it("runs out of time on a body that drips and never ends, and hangs up", async () => {
    const hungUp = vi.fn<() => void>();
    const at = await answering((_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write("."), 10);
      response.on("close", () => {
        clearInterval(drip);
        hungUp();
      });
    });
    const seen = await ask(`http://${at}/`, { timeoutMs: 200 });
    expect(seen).toMatchObject({ ok: false, failure: "timeout", status: 200 });
    expect(seen.error).toContain("answered 200");
    await vi.waitFor(() => expect(hungUp).toHaveBeenCalled(), { timeout: 5_000 });
  });

  it("does not read a huge body to its end", async () => {
    let sent = 0;
    const at = await answering((_, response) => {
      const block = Buffer.alloc(64 * 1024);
      const more = () => {
        while (!response.destroyed && response.write(block)) sent += block.length;
      };
      response.on("drain", more);
      more();
    });
    expect(await ask(`http://${at}/`)).toMatchObject({ ok: true, status: 200 });
    expect(sent).toBeLessThan(50 * 1024 * 1024);
  });

  it("says reset when the body breaks off", async () => {
    const at = await answering((_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("half", () => response.socket?.resetAndDestroy());
    });
    expect(await ask(`http://${at}/`)).toMatchObject({ ok: false, failure: "reset", status: 200 });
  });

  it("does not trust a certificate that nobody signed", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "opsmedic-tls-"));
    execFileSync(
      "openssl",
      [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "key",
        "-out",
        "cert",
        "-days",
        "1",
        "-subj",
        "/CN=127.0.0.1",
      ],
      { cwd: folder, stdio: "ignore" },
    );
    const files = {
      key: readFileSync(path.join(folder, "key")),
      cert: readFileSync(path.join(folder, "cert")),
    };
    rmSync(folder, { recursive: true });
    const at = await serve(https.createServer(files, (_, response) => response.end()));
    expect(await ask(`https://${at}/`)).toMatchObject({ ok: false, failure: "tls" });
  });

  it("says tls when the server speaks plain HTTP", async () => {
    const at = await answering((_, response) => response.end());
    expect(await ask(`https://${at}/`)).toMatchObject({ ok: false, failure: "tls" });
  });

  it("says dns for a name that does not exist", async () => {
    expect(await ask("http://no-such-host.invalid/")).toMatchObject({ ok: false, failure: "dns" });
  });

  it("answers for an address that is none", async () => {
    expect(await ask("not an address")).toMatchObject({ ok: false, failure: "other" });
  });

  it("keeps no connection open", async () => {
    const server = http.createServer((_, response) => response.end("well"));
    const at = await serve(server);
    await Promise.all(Array.from({ length: 50 }, () => ask(`http://${at}/`)));
    const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
    await expect.poll(open, { timeout: 5_000 }).toBe(0);
  });

  it("shows no password in its name", async () => {
    const at = await answering((request, response) => {
      response.statusCode = request.headers.authorization === undefined ? 401 : 200;
      response.end();
    });
    const seen = await ask(`http://user:hunter2@${at}/`);
    expect(seen).toMatchObject({ ok: true, status: 200 });
    expect(JSON.stringify(seen)).not.toContain("hunter2");
  });
});
