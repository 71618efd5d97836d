// A plain process that the kernel really kills for its memory. Needs root and a memory cgroup to put it in.
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { endedByOom } from "../../tools/process-oom.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import { makeProcessTarget } from "../../tools/process-target.ts";
import { serviceFor } from "./docker-site.ts";

/** Version 1 of cgroups has a folder for memory; version 2 lets the root's children have it where it is switched on. */
function makeCgroup(name: string, bytes: number): string | undefined {
  const places = [
    { parent: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
    { parent: "/sys/fs/cgroup", limit: "memory.max" },
  ];
  for (const { parent, limit } of places) {
    const folder = join(parent, name);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      writeFileSync(join(folder, limit), String(bytes));
      return folder;
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}

const EAT = `const eaten = []; setInterval(() => eaten.push(Buffer.alloc(20e6, 1)), 5);`;
const soon = { timeout: 30_000, interval: 50 };

it("an OOM kill of a process is told from a kill -9", async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-oom-"));
  const cgroup = makeCgroup(basename(folder), 150 * 1024 * 1024);
  if (cgroup === undefined) {
    rmSync(folder, { recursive: true });
    skip("no memory cgroup can be made here");
    return;
  }
  const enter = `echo $$ >${cgroup}/cgroup.procs; exec "$0" -e "$1"`;
  const runtime = {
    kind: "process",
    command: ["sh", "-c", enter, process.execPath, EAT],
    cwd: folder,
    env: {},
  } as const;
  const supervisor = makeProcessSupervisor({
    folder,
    clock: systemClock,
    baseEnv: { PATH: "/usr/bin:/bin" },
  });
  const service = { ...serviceFor("eater", { kind: "docker", container: "none" }), runtime };
  const target = makeProcessTarget(service, runtime, { supervisor, clock: systemClock });
  await target.start();
  await expect.poll(() => target.state(), soon).toMatchObject({ status: "exited", exitCode: 137 });
  expect(await target.state()).toMatchObject({ oomKilled: true, stoppedByOperator: false });
  const calm = { ...runtime, command: ["sleep", "600"] };
  await supervisor.start("eater", calm);
  process.kill(supervisor.pidOf("eater") ?? 0, "SIGKILL");
  await expect.poll(() => target.state(), soon).toMatchObject({ status: "exited", exitCode: 137 });
  expect(await target.state()).toMatchObject({ oomKilled: false, stoppedByOperator: false });
  rmdirSync(cgroup);
  rmSync(folder, { recursive: true, force: true });
});

it("a kill while nothing on the machine ran out of memory is no OOM kill", () => {
  const record = { pid: 4_000_000, startTicks: "1", groupPid: 2, startedAt: 1, starts: 1, oomKills: 3 };
  const exit = { code: 137, at: 2, oomKills: 3, told: "none" };
  expect(endedByOom(record, exit)).toBe(false);
  expect(endedByOom(record, { ...exit, code: 1, oomKills: 4 })).toBe(false);
});
