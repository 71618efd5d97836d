// TCP and command checks: real sockets, real child processes, also such as do not want to die.
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Probe } from "../../domain/service.ts";
import { makeProber } from "../../tools/prober.ts";
import { proberContract } from "../contract/prober.contract.ts";
import { serviceNamed, wallClock } from "./service.ts";

const prober = makeProber({
  clock: wallClock,
  execEnv: { PATH: process.env["PATH"] ?? "", GREETING: "hello" },
});

proberContract("tcp", {
  needsAnswer: false,
  askAt: (port, { timeoutMs, signal }) =>
    prober.probe(
      serviceNamed("socket"),
      { kind: "tcp", host: "127.0.0.1", port, everyMs: 1_000, timeoutMs, expect: {} },
      signal,
    ),
  async well() {
    const server = net.createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
    await once(server, "listening");
    return { port: (server.address() as AddressInfo).port, stop: async () => void server.close() };
  },
});

describe("exec probe", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "opsmedic-exec-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function ask(command: string[], parts: Partial<Probe> = {}, signal?: AbortSignal) {
    const probe: Probe = { everyMs: 1_000, timeoutMs: 5_000, expect: {}, ...parts, kind: "exec", command };
    const runtime = { kind: "process", command: ["true"], cwd: folder, env: {} } as const;
    return prober.probe(serviceNamed("worker", { runtime }), probe, signal);
  }
  const pidsIn = (name: string) =>
    readFileSync(path.join(folder, name), "utf8").trim().split(/\s+/).map(Number);

  it("is content with exit code 0", async () => {
    const seen = await ask(["true"]);
    expect(seen).toMatchObject({ ok: true, probe: "exec true" });
    expect(seen.latencyMs).toBeGreaterThan(0);
  });

  it("tells the exit code and the last words", async () => {
    const seen = await ask(["sh", "-c", "echo checking; echo 'queue is full' >&2; exit 3"]);
    expect(seen).toMatchObject({ ok: false, failure: "exit" });
    expect(seen.error).toMatch(/^exited with 3: .*queue is full/s);
  });

  it("tells which signal killed it", async () => {
    const seen = await ask(["sh", "-c", "kill -SEGV $$"]);
    expect(seen).toMatchObject({ ok: false, failure: "exit", error: "was killed by SIGSEGV" });
  });

  it("runs no shell, so that an argument stays an argument", async () => {
    expect(await ask(["test", "$(id)", "=", "$(id)"])).toMatchObject({ ok: true });
  });

  it("gives the command a clean environment and the service's folder", async () => {
    const seen = await ask(["sh", "-c", "env | grep -v ^PATH=; pwd; exit 1"]); // a long PATH would fill the answer
    expect(seen.error).toContain("GREETING=hello");
    expect(seen.error).toContain(folder);
    expect(seen.error).not.toContain("VITEST");
  });

  it("says nothing of a service when the check itself cannot be run", async () => {
    const told = { code: "probe-not-started", hint: expect.stringContaining("opsmedic.yaml") };
    await expect(ask(["/no/such/program"])).rejects.toMatchObject({
      ...told,
      message: expect.stringContaining("ENOENT"),
    });
    await expect(ask([folder])).rejects.toMatchObject({
      ...told,
      message: expect.stringContaining("EACCES"),
    });
    await expect(ask([])).rejects.toMatchObject(told);
  });

  it("kills the whole group when the time is over, also who ignores SIGTERM", async () => {
    const script = "trap '' TERM INT HUP; sleep 600 & echo $$ $! > pids; while :; do sleep 1; done";
    const seen = await ask(["sh", "-c", script], { timeoutMs: 500 });
    expect(seen).toMatchObject({ ok: false, failure: "timeout" });
    const pids = pidsIn("pids");
    expect(pids).toHaveLength(2);
    await expect.poll(() => pids.filter(alive), { timeout: 5_000 }).toEqual([]);
  });

  it("kills a child that the command leaves behind with its output open", async () => {
    const seen = await ask(["sh", "-c", "sleep 600 & echo $! > stray; exit 0"]);
    expect(seen).toMatchObject({ ok: true });
    await expect.poll(() => pidsIn("stray").filter(alive), { timeout: 5_000 }).toEqual([]);
  });

  it("stops when its caller gives up", async () => {
    const seen = await ask(["sleep", "600"], { timeoutMs: 50_000 }, AbortSignal.timeout(100));
    expect(seen).toMatchObject({ ok: false, failure: "aborted" });
  });

  it("keeps only the end of a flood of output", async () => {
    const seen = await ask(["sh", "-c", "yes flood | head -c 20000000; echo the end; exit 1"], {
      timeoutMs: 30_000,
    });
    expect(seen.error).toContain("the end");
    expect(seen.error?.length).toBeLessThan(5_000);
  });
});

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "State:\tZ";
  }
}

function alive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(statusOf(pid));
}
