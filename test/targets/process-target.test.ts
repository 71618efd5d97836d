// Plain processes: the contract, and what only processes can get wrong.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
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
import { followProcessLog, lastLines } from "../../tools/process-log.ts";
import { tendLog } from "../../tools/process-log-care.ts";
import { processFacts } from "../../tools/process-table.ts";
import { makeProcessTarget } from "../../tools/process-target.ts";
import type { LogLine } from "../../tools/target.ts";
import { PROGRAM, type Site, targetContract } from "../contract/target.contract.ts";
import { ending } from "./ending.ts";

interface ProcessSite extends Site {
  supervisor: ProcessSupervisor;
  folder: string;
  runtime: ProcessRuntime;
}

const shop: Service = {
  name: "shop",
  health: [],
  metrics: [],
  logs: [],
  dependsOn: [],
  limits: { maxReplicas: 3 },
  protected: false,
  discovered: false,
};
const soon = { timeout: 20_000, interval: 50 };

/** A folder that takes the processes of its services along. */
function temporary() {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-target-"));
  return {
    folder,
    async [Symbol.asyncDispose]() {
      for (const { pid } of processesOf(`OPSMEDIC_RUN=${folder}/`)) process.kill(pid, "SIGKILL");
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** How a program of its own imports a file of ours. */
const address = (path: string): string => JSON.stringify(new URL(`../../${path}`, import.meta.url).href);

async function program(code: string): Promise<unknown> {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", code], { stdio: "ignore" });
  const [status, signal] = (await once(child, "exit")) as unknown[];
  return status ?? signal;
}

/** All processes that have a text in their environment. */
function processesOf(text: string): { pid: number; program: string }[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/environ`, "utf8").includes(text)) return [];
      const [program = ""] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      return [{ pid: Number(pid), program }];
    } catch {
      return []; // it has ended
    }
  });
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
  const service: Service = { ...shop, runtime };
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
    const place = site.supervisor.folderOf("shop");
    const file = join(place.path, "process-1");
    const written = readFileSync(file, "utf8");
    const stranger = spawn("sleep", ["60"], { detached: true });
    const [, ticks] = written.split(" ");
    writeFileSync(file, `${stranger.pid} ${ticks} ${stranger.pid} 0\n`);
    expect(site.supervisor.running("shop")).toBeUndefined();
    expect(await site.target.state()).toMatchObject({ status: "exited" });
    await site.supervisor.stop("shop");
    expect(() => site.supervisor.signal("shop", "SIGHUP")).toThrow("does not run");
    // After a boot the number and even the time of its start may be another's.
    const { startTicks } = processFacts(stranger.pid ?? 0) ?? {};
    writeFileSync(file, `${stranger.pid} ${startTicks} ${stranger.pid} 0 another-boot\n`);
    expect(site.supervisor.running("shop")).toBeUndefined();
    await site.supervisor.stop("shop");
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    writeFileSync(file, written);
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

  it("are started once when five opsmedics want them, two of which are killed while starting", async () => {
    await using place = temporary();
    const command = `require("node:fs").appendFileSync("starts", "x"); setInterval(() => {}, 1000)`;
    const runtime = {
      kind: "process",
      command: [process.execPath, "-e", command],
      cwd: place.folder,
      env: {},
    };
    const starter = (then: string): Promise<unknown> =>
      program(`
        import { makeProcessSupervisor } from ${address("tools/process-supervisor.ts")};
        import { systemClock } from ${address("domain/system-clock.ts")};
        const supervisor = makeProcessSupervisor({ folder: ${JSON.stringify(place.folder)}, clock: systemClock, baseEnv: {} });
        const started = supervisor.start("job", ${JSON.stringify(runtime)});
        ${then}
        await started;`);
    const killed = 'setTimeout(() => process.kill(process.pid, "SIGKILL"), 3);';
    const ends = await Promise.all([starter(killed), starter(""), starter(""), starter(killed), starter("")]);
    expect([ends[1], ends[2], ends[4]]).toEqual([0, 0, 0]);
    // One shim and one process stay; a shim that came too late goes away by itself.
    await vi.waitFor(() => {
      const programs = processesOf(`${place.folder}/job#`).map((one) => one.program);
      expect(programs.toSorted()).toEqual(["/bin/sh", process.execPath]);
      expect(readFileSync(join(place.folder, "starts"), "utf8")).toBe("x");
    }, soon);
    const supervisor = makeProcessSupervisor({ folder: place.folder, clock: systemClock, baseEnv: {} });
    expect(supervisor.running("job")).toBeDefined();
    await supervisor.stop("job");
  });

  it("take the rest of their group along when they are stopped, and when they crashed", async () => {
    await using place = temporary();
    const deafChild = `process.on("SIGTERM", () => {}); setInterval(() => {}, 1000);`;
    const command = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(deafChild)}]);
      require("node:fs").writeFileSync("child", String(child.pid));
      child.unref();
      setInterval(() => {}, 1000);`;
    const runtime: ProcessRuntime = {
      kind: "process",
      command: [process.execPath, "-e", command],
      cwd: place.folder,
      env: {},
    };
    const supervisor = makeProcessSupervisor({
      folder: place.folder,
      clock: systemClock,
      baseEnv: {},
      graceMs: 300,
    });
    const childFile = join(place.folder, "child");
    const childOf = async (): Promise<number> => {
      await vi.waitFor(() => expect(Number(readFileSync(childFile, "utf8"))).toBeGreaterThan(1), soon);
      return Number(readFileSync(childFile, "utf8"));
    };
    await supervisor.start("job", runtime);
    const left = await childOf();
    rmSync(childFile);
    process.kill(supervisor.pidOf("job")!, "SIGKILL");
    await vi.waitFor(() => expect(supervisor.folderOf("job").exitStatus()).toBe(137), soon);
    expect(processFacts(left)?.alive).toBe(true);
    await supervisor.start("job", runtime);
    await vi.waitFor(() => expect(processFacts(left)?.alive ?? false).toBe(false), soon);
    const second = await childOf();
    await supervisor.stop("job");
    await vi.waitFor(() => expect(processFacts(second)?.alive ?? false).toBe(false), soon);
    expect(supervisor.folderOf("job").exitStatus()).toBeDefined();
  });

  it("keep their log within its budget, and followers miss nothing of it", async () => {
    await using site = await openSite();
    const stop = new AbortController();
    const seen: string[] = [];
    const following = site.target.followLogs((line) => seen.push(line.text), { since: 0 }, stop.signal);
    const budget = 100_000;
    const tending = makeProcessEvents({
      names: () => ["shop"],
      supervisor: site.supervisor,
      clock: systemClock,
      maxLogBytes: budget,
    }).follow(() => undefined, stop.signal);
    await using beside = new AsyncDisposableStack();
    beside.use(ending(stop, following, tending));
    for (let round = 0; round < 3; round += 1) {
      const before = seen.filter((text) => text.startsWith("long:")).length;
      await site.tell("long");
      await vi.waitFor(
        () => expect(seen.filter((text) => text.startsWith("long:"))).toHaveLength(before + 1),
        soon,
      );
    }
    await vi.waitFor(() => expect(site.supervisor.logSize("shop")).toBeLessThan(budget), soon);
    const ticks = seen.filter((text) => text.startsWith("tick "));
    await vi.waitFor(
      () => expect(seen.filter((text) => text.startsWith("tick ")).length).toBeGreaterThan(ticks.length + 5),
      soon,
    );
    stop.abort();
    await Promise.all([following, tending]);
    const numbers = seen.flatMap((text) => (text.startsWith("tick ") ? [Number(text.slice(5))] : []));
    expect(numbers).toEqual(numbers.map((_one, index) => index));
    expect((await site.target.logs({ since: 0, limit: 100_000 })).length).toBeGreaterThan(0);
  });

  it("give old lines an old time, and leave them out when only new ones are wanted", async () => {
    await using place = temporary();
    const log = join(place.folder, "output.log");
    const write = async (text: string, at: number): Promise<void> => {
      appendFileSync(log, text);
      utimesSync(log, at / 1000, at / 1000);
      await tendLog(log, join(place.folder, "lock"), 1_000_000);
    };
    const now = systemClock.now();
    await write("an old error\n", now - 3_600_000);
    await write("a newer one\nand another\n", now - 60_000);
    await write("last words", now - 1_000);
    const lines = await lastLines(log, { since: 0, limit: 10 }, systemClock);
    expect(lines.map(({ at, text }) => [now - at, text])).toEqual([
      [3_600_000, "an old error"],
      [60_000, "a newer one"],
      [60_000, "and another"],
      [1_000, "last words"],
    ]);
    expect(await lastLines(log, { since: now - 600_000, limit: 2 }, systemClock)).toEqual(lines.slice(-2));
    const stop = new AbortController();
    const followed: LogLine[] = [];
    const options = { since: now - 600_000, clock: systemClock, signal: stop.signal };
    const following = followProcessLog(log, (line) => followed.push(line), options);
    await using beside = new AsyncDisposableStack();
    beside.use(ending(stop, following));
    await vi.waitFor(() => expect(followed).toEqual(lines.slice(1, 3)), soon);
    stop.abort();
    await following;
  });

  it("that get SIGTERM with their whole group and end well were stopped by their operator", async () => {
    await using place = temporary();
    const command = `process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)`;
    const runtime = {
      kind: "process",
      command: [process.execPath, "-e", command],
      cwd: place.folder,
      env: {},
    } as const;
    const supervisor = makeProcessSupervisor({ folder: place.folder, clock: systemClock, baseEnv: {} });
    const target = makeProcessTarget({ ...shop, runtime }, runtime, { supervisor, clock: systemClock });
    await target.start();
    await vi.waitFor(() => expect(supervisor.logSize("shop")).toBeGreaterThan(0), soon);
    process.kill(-supervisor.running("shop")!.groupPid, "SIGTERM");
    await expect.poll(() => target.state(), soon).toMatchObject({ status: "exited", exitCode: 0 });
    expect(await target.state()).toMatchObject({ stoppedByOperator: true });
    await target.start();
    expect(await target.state()).toMatchObject({ status: "running", restartCount: 1 });
    await supervisor.stop("shop");
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
    await using beside = new AsyncDisposableStack();
    beside.use(ending(stop, following));
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
