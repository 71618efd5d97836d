// What only containers can do: be killed for their memory, be unhealthy, have a terminal, be limited, be missing.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, it } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { openContainerCommands } from "../../tools/docker-command.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { makeContainerHistory } from "../../tools/docker-history.ts";
import { makeDockerTarget } from "../../tools/docker-target.ts";
import { makeOwnRestarts } from "../../tools/own-restarts.ts";
import type { LogLine, Target } from "../../tools/target.ts";
import { freePort } from "../scenarios/surroundings.ts";
import { describeWith } from "../services-available.ts";
import { docker, type DockerSite, freshName, openDockerSite, serviceFor } from "./docker-site.ts";
import { ending } from "./ending.ts";

/** Eats memory until it is killed; once only. */
const EATER = `
const { existsSync, writeFileSync } = require("node:fs");
setInterval(() => {}, 1000);
if (!existsSync("/control/eaten")) {
  writeFileSync("/control/eaten", "");
  const eaten = [];
  setInterval(() => eaten.push(Buffer.alloc(20e6, 1)), 5);
}`;
const MIB = 1024 * 1024;

// oxlint-disable-next-line vitest/require-awaited-expect-poll -- awaited where it is used
const until = <T>(look: () => Promise<T>) => expect.poll(look, { timeout: 30_000, interval: 100 });
const texts = (lines: readonly LogLine[]): string[] => lines.map((one) => one.text);

function targetOf({ api, folder }: DockerSite, container: string): Target {
  const runtime = { kind: "docker", container } as const;
  const history = makeContainerHistory({ api, clock: systemClock });
  const ownRestarts = makeOwnRestarts(join(folder, "others"));
  return makeDockerTarget(serviceFor(container, runtime), runtime, {
    api,
    clock: systemClock,
    history,
    ownRestarts,
    commands: openContainerCommands(join(folder, "commands")),
  });
}

describeWith("docker", "a container", () => {
  it("killed for its memory is told from one that was killed", async () => {
    await using site = await openDockerSite({
      program: EATER,
      flags: ["--memory", "100m", "--memory-swap", "100m"],
    });
    await until(() => site.target.state()).toMatchObject({
      status: "exited",
      exitCode: 137,
      oomKilled: true,
      stoppedByOperator: false,
    });
    await site.target.start();
    expect(await site.target.state()).toMatchObject({ status: "running", oomKilled: false });
    await site.kill();
    await until(() => site.target.state()).toMatchObject({
      status: "exited",
      exitCode: 137,
      oomKilled: false,
    });
  });

  it("killed for its memory and restarted by the engine keeps the word until we restart it", async () => {
    const flags = ["--memory", "100m", "--memory-swap", "100m", "--restart", "on-failure"];
    await using site = await openDockerSite({ program: EATER, flags });
    await until(() => site.target.state()).toMatchObject({
      status: "running",
      restartCount: 1,
      oomKilled: true,
    });
    await site.target.restart();
    expect(await site.target.state()).toMatchObject({ status: "running", oomKilled: false });
  });

  it("tells its health", async () => {
    const health = [
      "--health-cmd",
      "test -f /control/ok",
      "--health-interval",
      "1s",
      "--health-retries",
      "1",
    ];
    await using site = await openDockerSite({ flags: [...health] });
    expect((await site.target.state()).health).toMatch(/starting|unhealthy/);
    await until(() => site.target.state()).toMatchObject({ status: "running", health: "unhealthy" });
    writeFileSync(join(site.folder, "ok"), "");
    await until(() => site.target.state()).toMatchObject({ health: "healthy" });
    await site.kill();
    await until(() => site.target.state()).toMatchObject({ status: "exited", health: "none" });
  });

  it("with a terminal gives whole lines without frames or inner times", async () => {
    await using site = await openDockerSite({ flags: ["--tty"] });
    const stop = new AbortController();
    const followed: LogLine[] = [];
    const following = site.target.followLogs((line) => followed.push(line), { since: 0 }, stop.signal);
    await using beside = new AsyncDisposableStack();
    beside.use(ending(stop, following));
    await site.tell("long");
    const long = `long:${"x".repeat(100_000)}`;
    await until(async () => texts(await site.target.logs({ since: 0, limit: 1_000 }))).toContain(long);
    await until(async () => texts(followed)).toEqual(
      expect.arrayContaining(["started", long, "on stderr: ünïcødé ✓"]),
    );
    stop.abort();
    await following;
    expect(texts(followed).filter((text) => text === long)).toHaveLength(1);
    expect(followed.every((line) => line.at > Date.now() - 600_000)).toBe(true);
  });

  it("gives its last lines, in order, and those since a time", async () => {
    await using site = await openDockerSite();
    await until(async () => texts(await site.target.logs({ since: 0, limit: 1_000 }))).toContain("tick 20");
    await docker("stop", site.name);
    const all = await site.target.logs({ since: 0, limit: 10_000 });
    expect(texts(all)[0]).toBe("started");
    expect(all.map((one) => one.at)).toEqual(all.map((one) => one.at).toSorted((a, b) => a - b));
    expect(await site.target.logs({ since: 0, limit: 5 })).toEqual(all.slice(-5));
    const middle = all[10]?.at ?? 0;
    expect(await site.target.logs({ since: middle, limit: 10_000 })).toEqual(
      all.filter((one) => one.at >= middle),
    );
  });

  it("that ends itself with 0 is a fault, one that is stopped and ends with 0 is not", async () => {
    const flags = ["--restart", "no"];
    await using own = await openDockerSite({ program: "setTimeout(() => process.exit(0), 200)", flags });
    await until(() => own.target.state()).toMatchObject({ status: "exited", exitCode: 0 });
    expect(await own.target.state()).toMatchObject({ stoppedByOperator: false });
    const calm = `process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)`;
    await using stopped = await openDockerSite({ program: calm, flags });
    await until(async () => texts(await stopped.target.logs({ since: 0, limit: 1 }))).toEqual(["up"]);
    await stopped.operatorStop();
    expect(await stopped.target.state()).toMatchObject({ exitCode: 0, stoppedByOperator: true });
  });

  it("that was stopped, and whose next start fails, is wanted again", async () => {
    const port = await freePort();
    await using site = await openDockerSite({ flags: ["-p", `127.0.0.1:${port}:3000`] });
    await site.operatorStop();
    expect(await site.target.state()).toMatchObject({ status: "exited", stoppedByOperator: true });
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    try {
      await expect(docker("start", site.name)).rejects.toThrow(/already/);
      expect(await site.target.state()).toMatchObject({
        status: "exited",
        stoppedByOperator: false,
        startError: expect.stringMatching(/already/) as string,
      });
    } finally {
      other.close();
    }
  });

  it("that ignores its stop and is killed by it was stopped all the same", async () => {
    const deaf = `process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)`;
    await using site = await openDockerSite({ program: deaf });
    await until(async () => texts(await site.target.logs({ since: 0, limit: 1 }))).toEqual(["up"]);
    await docker("stop", "-t", "1", site.name);
    expect(await site.target.state()).toMatchObject({ exitCode: 137, stoppedByOperator: true });
  });

  it("changes its memory limit up, down and away", async () => {
    await using site = await openDockerSite({ flags: ["--memory", "128m"] });
    expect(await site.target.use()).toMatchObject({ memoryLimitBytes: 128 * MIB });
    await site.target.setMemoryLimit(400 * MIB);
    expect(await site.target.use()).toMatchObject({ memoryLimitBytes: 400 * MIB });
    expect(await docker("inspect", "-f", "{{.HostConfig.Memory}}", site.name)).toBe(String(400 * MIB));
    await site.target.setMemoryLimit(96 * MIB);
    expect(await site.target.describe()).toMatchObject({ memoryLimitBytes: 96 * MIB });
    await site.target.setMemoryLimit(undefined);
    expect(await site.target.use()).not.toHaveProperty("memoryLimitBytes");
    expect(await site.target.describe()).toMatchObject({ memoryLimitBytes: null });
    expect(await site.target.state()).toMatchObject({ status: "running", restartCount: 0 });
  });

  it("describes itself without the values of its environment", async () => {
    await using site = await openDockerSite({ flags: ["-e", "SHOP_PASSWORD=correct-horse"] });
    const description = JSON.stringify(await site.target.describe());
    expect(description).toContain("SHOP_PASSWORD");
    expect(description).not.toContain("correct-horse");
  });

  it("that is paused runs on after a start and after a restart", async () => {
    await using site = await openDockerSite();
    await docker("pause", site.name);
    expect(await site.target.state()).toMatchObject({ status: "paused" });
    await site.target.start();
    expect(await site.target.state()).toMatchObject({ status: "running" });
    await docker("pause", site.name);
    await site.target.restart();
    expect(await site.target.state()).toMatchObject({ status: "running" });
  });

  it("is never mistaken for one whose id begins with the configured name", async () => {
    await using site = await openDockerSite();
    const id = await docker("inspect", "-f", "{{.Id}}", site.name);
    const stranger = targetOf(site, id.slice(0, 6));
    expect(await stranger.state()).toMatchObject({ status: "absent" });
    await expect(stranger.restart()).rejects.toMatchObject({ code: "container-missing" });
    expect(await site.target.state()).toMatchObject({ status: "running" });
    expect(await targetOf(site, id.slice(0, 12)).state()).toMatchObject({ status: "running" });
  });

  it("that is missing is absent, and cannot be acted on", async () => {
    await using site = await openDockerSite();
    const missing = targetOf(site, freshName());
    expect(await missing.state()).toMatchObject({ status: "absent", replicas: 0 });
    expect(await missing.use()).toBeUndefined();
    expect(await missing.logs({ since: 0, limit: 10 })).toEqual([]);
    for (const act of [() => missing.start(), () => missing.reload("SIGHUP"), () => missing.scale(2)]) {
      await expect(act()).rejects.toMatchObject({ code: "container-missing", hint: expect.any(String) });
    }
  });

  it("cannot be seen where no engine answers, and the error says what would help", async () => {
    const api = connectDocker("unix:///nowhere/docker.sock");
    const runtime = { kind: "docker", container: "shop" } as const;
    const target = makeDockerTarget(serviceFor("shop", runtime), runtime, {
      api,
      clock: systemClock,
      history: makeContainerHistory({ api, clock: systemClock }),
      ownRestarts: makeOwnRestarts("/nowhere"),
      commands: openContainerCommands("/nowhere"),
    });
    await expect(target.state()).rejects.toMatchObject({
      code: "docker-unreachable",
      retryable: true,
      message: expect.stringContaining("/nowhere/docker.sock"),
      hint: expect.stringContaining("does not exist"),
    });
  });
});
