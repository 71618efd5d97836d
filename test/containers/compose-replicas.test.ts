// A service that compose runs several times: the container that is worst off speaks for it, and is the one that is repaired.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { openScenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { WEB } from "./programs.ts";
import { docker, inspect, openYard } from "./yard.ts";

const run = promisify(execFile);
const SAYS_NAME = `${WEB} console.log("I am " + require("node:os").hostname());`;
const STARTED = "{{.State.StartedAt}}";

async function openTwo() {
  const yard = openYard();
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-two-"));
  const [key = "", value = ""] = yard.label.split("=");
  const web = {
    image: yard.image,
    init: true,
    command: ["node", "-e", SAYS_NAME],
    labels: { "opsmedic.test": "containers", [key]: value },
    healthcheck: { test: ["CMD-SHELL", "test ! -e /tmp/sick"], interval: "1s", retries: 2 },
    deploy: { replicas: 2 },
    restart: "no",
  };
  writeFileSync(join(folder, "compose.yaml"), JSON.stringify({ services: { web } }));
  const compose = async (...args: string[]) =>
    (await run("docker", ["compose", "-p", yard.project, "-f", join(folder, "compose.yaml"), ...args]))
      .stdout;
  await compose("up", "-d", "--wait");
  return {
    yard,
    one: `${yard.project}-web-1`,
    two: `${yard.project}-web-2`,
    service: { name: "web", runtime: { compose: { project: yard.project, service: "web" } } },
    async [Symbol.asyncDispose]() {
      await compose("down", "-v", "-t", "1");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeWith("docker", "a service that compose runs twice", () => {
  it("is not well while one of them is down, and that one is started", async () => {
    await using two = await openTwo();
    await using site = await openScenario({ services: () => [two.service] });
    await site.settle("web");
    expect(await site.targets.of("web")?.state()).toMatchObject({ status: "running", replicas: 2 });
    const before = await inspect(two.one);
    await docker("kill", two.two);
    await site.sees("web", "exited");

    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });

    expect((await inspect(two.two)).State.Running).toBe(true);
    expect((await inspect(two.one)).State.StartedAt, "nobody touched the other").toBe(before.State.StartedAt);

    await Promise.all([docker("kill", two.one), docker("kill", two.two)]);
    await site.targets.of("web")?.start();
    expect(await site.targets.of("web")?.state(), "both are up again").toMatchObject({ replicas: 2 });
  });

  it("is restarted where it is ill, read whole, and leaves stopped what somebody has stopped", async () => {
    await using two = await openTwo();
    await using site = await openScenario({ services: () => [two.service] });
    const target = site.targets.of("web");
    const said = (await target?.logs({ since: 0, limit: 50 }))?.filter(({ text }) => text.startsWith("I am"));
    expect(new Set(said?.map(({ text }) => text)).size, "both logs").toBe(2);
    const followed = new Set<string>();
    const stop = new AbortController();
    const follows = target?.followLogs(({ text }) => followed.add(text), { since: 0 }, stop.signal);
    await untilTrue("both are followed", async () => followed.size === 3); // "up", and two names
    stop.abort();
    await follows;

    const [first, second] = [await docker("inspect", "-f", STARTED, two.one), await inspect(two.two)];
    await docker("exec", two.two, "touch", "/tmp/sick");
    await untilTrue("the second is ill", async () => (await target?.state())?.health === "unhealthy");
    await target?.restart();
    expect((await inspect(two.two)).State.StartedAt).not.toBe(second.State.StartedAt);
    expect(await docker("inspect", "-f", STARTED, two.one)).toBe(first);

    await docker("stop", "--time", "1", two.one);
    expect(await target?.state()).toMatchObject({ status: "running", replicas: 1 });
    await docker("kill", two.two);
    expect(await target?.state()).toMatchObject({ status: "exited", stoppedByOperator: false });
    await target?.start();
    expect(await target?.state()).toMatchObject({ status: "running", replicas: 1 });
    expect((await inspect(two.one)).State.Running, "its operator wants it down").toBe(false);
  });

  it("is renewed one after the other where none is worse than the other", async () => {
    await using two = await openTwo();
    await using site = await openScenario({ services: () => [two.service] });
    const target = site.targets.of("web");
    const copies = await target?.copies?.list();
    expect(copies).toMatchObject([{ number: 2, status: "running" }]);
    const before = await inspect(two.two);
    await target?.copies?.restart(2);
    expect((await inspect(two.two)).State.StartedAt).not.toBe(before.State.StartedAt);
    await target?.setMemoryLimit(256 * 1024 * 1024);
    for (const name of [two.one, two.two])
      expect((await inspect(name)).HostConfig.Memory).toBe(256 * 1024 * 1024);
    expect(await target?.use()).toMatchObject({ memoryLimitBytes: 256 * 1024 * 1024 });
  });
});
