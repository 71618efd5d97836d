// Plain processes: the contract, and what only processes can get wrong.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import type { Service } from "../../domain/service.ts";
import type { EventSignal } from "../../domain/signal.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeProcessEvents } from "../../tools/process-events.ts";
import {
  makeProcessSupervisor,
  type ProcessRuntime,
  type ProcessSupervisor,
} from "../../tools/process-supervisor.ts";
import { makeProcessTarget } from "../../tools/process-target.ts";
import { PROGRAM, type Site, targetContract } from "../contract/target.contract.ts";

interface ProcessSite extends Site {
  supervisor: ProcessSupervisor;
  folder: string;
  runtime: ProcessRuntime;
}

async function openSite(): Promise<ProcessSite> {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-target-"));
  const control = join(folder, "control");
  const supervisor = makeProcessSupervisor({
    folder,
    clock: systemClock,
    baseEnv: { PATH: process.env["PATH"] ?? "" },
  });
  const runtime: ProcessRuntime = {
    kind: "process",
    command: [process.execPath, "-e", PROGRAM],
    cwd: folder,
    env: { CONTROL: control },
  };
  const service: Service = {
    name: "shop",
    runtime,
    health: [],
    metrics: [],
    logs: [],
    dependsOn: [],
    limits: { maxReplicas: 3 },
    protected: false,
    discovered: false,
  };
  const target = makeProcessTarget(service, runtime, { supervisor, clock: systemClock });
  await target.start();
  await expect
    .poll(async () => (await target.logs({ since: 0, limit: 10 })).length, { timeout: 20_000 })
    .toBeGreaterThan(0);
  return {
    target,
    supervisor,
    folder,
    runtime,
    tell: async (command) => writeFileSync(control, command),
    kill: async () => {
      process.kill(supervisor.pidOf("shop") ?? 0, "SIGKILL");
    },
    operatorStop: () => supervisor.stop("shop"),
    async cutOffRestart() {
      supervisor.folderOf("shop").setWish("stopping");
      process.kill(supervisor.pidOf("shop") ?? 0, "SIGTERM");
      await vi.waitFor(() => expect(supervisor.running("shop")).toBeUndefined(), { timeout: 10_000 });
    },
    async [Symbol.asyncDispose]() {
      for (const name of ["shop", "shop.2", "shop.3"]) await supervisor.stop(name);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

targetContract("a plain process", openSite);

describe("plain processes", () => {
  it("count a SIGTERM that we did not send as the operator's", async () => {
    await using site = await openSite();
    process.kill(site.supervisor.pidOf("shop") ?? 0, "SIGTERM");
    await expect
      .poll(() => site.target.state(), { timeout: 10_000 })
      .toMatchObject({ status: "exited", exitCode: 143, stoppedByOperator: true });
  });

  it("survive the end of whoever started them, with their exit status", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-target-"));
    const starter = `
      import { makeProcessSupervisor } from ${JSON.stringify(new URL("../../tools/process-supervisor.ts", import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL("../../domain/system-clock.ts", import.meta.url).href)};
      const supervisor = makeProcessSupervisor({ folder: ${JSON.stringify(folder)}, clock: systemClock, baseEnv: {} });
      await supervisor.start("job", { kind: "process", command: [process.execPath, "-e", "setTimeout(() => process.exit(9), 1500)"], cwd: "/", env: {} });
      process.kill(process.pid, "SIGKILL");`;
    const ended = Promise.withResolvers<NodeJS.Signals | null>();
    spawn(process.execPath, ["--input-type=module-typescript", "-e", starter], { stdio: "ignore" }).on(
      "exit",
      (_code, signal) => ended.resolve(signal),
    );
    expect(await ended.promise).toBe("SIGKILL");
    const supervisor = makeProcessSupervisor({ folder, clock: systemClock, baseEnv: {} });
    expect(supervisor.running("job")).toBeDefined();
    await vi.waitFor(() => expect(supervisor.folderOf("job").exitStatus()).toBe(9), { timeout: 10_000 });
    expect(supervisor.running("job")).toBeUndefined();
    rmSync(folder, { recursive: true, force: true });
  });

  it("are never taken for another process with the same pid", async () => {
    await using site = await openSite();
    const record = site.supervisor.folderOf("shop").record();
    const stranger = spawn("sleep", ["60"]);
    site.supervisor.folderOf("shop").keepRecord({ ...record!, pid: stranger.pid!, groupPid: stranger.pid! });
    expect(site.supervisor.running("shop")).toBeUndefined();
    await site.supervisor.stop("shop");
    expect(stranger.exitCode).toBeNull();
    expect(process.kill(stranger.pid!, 0)).toBe(true);
    site.supervisor.folderOf("shop").keepRecord(record!);
    stranger.kill("SIGKILL");
  });

  it("are started once when two opsmedics want them at the same time", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-target-"));
    const command = [
      process.execPath,
      "-e",
      `require("node:fs").appendFileSync("starts", "x"); setInterval(() => {}, 1000)`,
    ];
    const runtime: ProcessRuntime = { kind: "process", command, cwd: folder, env: {} };
    const [one, two] = [1, 2].map(() => makeProcessSupervisor({ folder, clock: systemClock, baseEnv: {} }));
    await Promise.all([one!.start("job", runtime), two!.start("job", runtime), one!.start("job", runtime)]);
    expect(one!.running("job")).toEqual(two!.running("job"));
    expect(one!.running("job")?.starts).toBe(1);
    await one!.stop("job");
    rmSync(folder, { recursive: true, force: true });
  });

  it("announce their death with the exit code", async () => {
    await using site = await openSite();
    const stop = new AbortController();
    const events: EventSignal[] = [];
    const following = makeProcessEvents({
      names: () => ["shop"],
      supervisor: site.supervisor,
      clock: systemClock,
    }).follow((event) => events.push(event), stop.signal);
    await site.tell("crash");
    await vi.waitFor(() => expect(events).toMatchObject([{ event: "die", exitCode: 7, service: "shop" }]), {
      timeout: 10_000,
    });
    await site.target.restart();
    await vi.waitFor(() => expect(events.map((one) => one.event)).toContain("start"), { timeout: 10_000 });
    stop.abort();
    await following;
  });

  it("get their own settings and nothing of opsmedic's environment", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-target-"));
    process.env["OPSMEDIC_TEST_SECRET"] = "hidden";
    const supervisor = makeProcessSupervisor({ folder, clock: systemClock, baseEnv: { LANG: "C" } });
    await supervisor.start("job", {
      kind: "process",
      command: [process.execPath, "-p", "JSON.stringify(process.env)"],
      cwd: "/",
      env: { A: "1" },
    });
    await vi.waitFor(() => expect(supervisor.folderOf("job").exitStatus()).toBe(0), { timeout: 10_000 });
    const { readFileSync } = await import("node:fs");
    const env = JSON.parse(readFileSync(supervisor.folderOf("job").log, "utf8")) as Record<string, string>;
    expect(env).toMatchObject({ A: "1", LANG: "C" });
    expect(JSON.stringify(env)).not.toContain("hidden");
    delete process.env["OPSMEDIC_TEST_SECRET"];
    rmSync(folder, { recursive: true, force: true });
  });

  it("that cannot be started say why", async () => {
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-target-"));
    const supervisor = makeProcessSupervisor({ folder, clock: systemClock, baseEnv: {} });
    const runtime: ProcessRuntime = { kind: "process", command: ["node"], cwd: "/no/such/folder", env: {} };
    await expect(supervisor.start("job", runtime)).rejects.toMatchObject({
      code: "cannot-start",
      hint: expect.stringContaining("cwd"),
    });
    rmSync(folder, { recursive: true, force: true });
  });
});
