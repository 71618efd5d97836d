// Replicas in a network of their own, and a service of a compose project that is created again.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { openContainerCommands } from "../../tools/docker-command.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { makeContainerHistory } from "../../tools/docker-history.ts";
import { makeDockerTarget } from "../../tools/docker-target.ts";
import { restart } from "../../tools/actions/restart.ts";
import { makeOwnRestarts } from "../../tools/own-restarts.ts";
import { describeWith } from "../services-available.ts";
import { docker, freshName, IMAGE, openDockerSite, serviceFor } from "./docker-site.ts";

const never = new AbortController().signal;
const soon = { timeout: 30_000, interval: 100 };
const LOOKUP = (name: string): string =>
  `require("node:dns").lookup("${name}", { all: true, family: 4 }, (error, found) => console.log(error ? 0 : found.length))`;

async function withNetwork<T>(work: (network: string) => Promise<T>): Promise<T> {
  const network = freshName();
  await docker("network", "create", "--label", "opsmedic.test=targets", network);
  try {
    return await work(network);
  } finally {
    await docker("network", "rm", network);
  }
}

describeWith("docker", "replicas of a container", () => {
  it("answer to the same names, publish no ports and copy no compose labels", () =>
    withNetwork(async (network) => {
      const labels = ["--label", "com.docker.compose.project=x", "--label", "traefik.enable=true"];
      const net = ["--network", network, "--network-alias", "web", "-p", "127.0.0.1::3000"];
      await using site = await openDockerSite({ flags: [...net, ...labels, "-e", "COLOUR=blue"] });
      await site.target.scale(2);
      const lookup = (name: string) => docker("exec", site.name, "node", "-e", LOOKUP(name));
      await expect.poll(() => lookup("web"), soon).toBe("2");
      expect(await lookup(site.name)).toBe("2");
      const [replica] = JSON.parse(await docker("inspect", `${site.name}-opsmedic-2`)) as [
        {
          HostConfig: { PortBindings: object };
          Config: { Labels: Record<string, string>; Env: string[]; Hostname: string };
        },
      ];
      expect(replica.HostConfig.PortBindings).toEqual({});
      expect(replica.Config.Env).toContain("COLOUR=blue");
      expect(replica.Config.Labels).toMatchObject({
        "opsmedic.replica-of": site.name,
        "opsmedic.managed": "true",
        "traefik.enable": "true",
      });
      expect(replica.Config.Labels).not.toHaveProperty("com.docker.compose.project");
      await site.target.scale(1);
      expect(await lookup("web")).toBe("1");
    }));

  it("leave a stranger of the same name alone", async () => {
    await using site = await openDockerSite();
    const stranger = `${site.name}-opsmedic-2`;
    const command = [IMAGE, "sleep", "600"];
    await docker("run", "-d", "--init", "--name", stranger, "--label", "opsmedic.test=targets", ...command);
    try {
      await expect(site.target.scale(2)).rejects.toMatchObject({ code: "docker-refused" });
      await site.target.scale(1);
      expect(await docker("inspect", "-f", "{{.State.Running}}", stranger)).toBe("true");
    } finally {
      await docker("rm", "-f", stranger);
    }
  });

  it("are brought up again when they were half made", async () => {
    await using site = await openDockerSite();
    await site.target.scale(3);
    await docker("kill", `${site.name}-opsmedic-2`);
    await docker("rm", "-f", `${site.name}-opsmedic-3`);
    await expect.poll(() => site.target.state(), soon).toMatchObject({ replicas: 1 });
    await site.target.scale(3);
    expect(await site.target.state()).toMatchObject({ replicas: 3 });
  });

  it("are restarted one first, and the others and the original only when it stays up", async () => {
    await using site = await openDockerSite();
    await site.target.scale(3);
    const context = { service: site.service, target: site.target, files: undefined, signal: never };
    const captured = await restart.capture({}, context);
    expect((await restart.verify({}, captured, context)).ok).toBe(false);

    expect(await restart.apply({}, captured, context)).toBe("restarted one of 3 first, then the others");

    expect(await restart.verify({}, captured, context)).toMatchObject({ ok: true });
    const copies = (await site.target.copies?.list()) ?? [];
    const original = await site.target.state();
    const [first = 0, second = 0] = copies.map((one) => one.startedAt);
    expect(copies.map((one) => one.status)).toEqual(["running", "running"]);
    expect(second - first, "the first was watched for a while").toBeGreaterThan(3_000);
    expect(original.startedAt).toBeGreaterThan(second);
    // Done twice, nothing happens: the world tells.
    await restart.apply({}, captured, context);
    expect(await site.target.copies?.list()).toEqual(copies);
  });

  it("are left as they are, the original too, when the first does not come up again", async () => {
    const once =
      'const fs = require("fs"); if (fs.existsSync("/once")) process.exit(7); fs.writeFileSync("/once", ""); setInterval(() => 0, 1000);';
    await using site = await openDockerSite({ program: once });
    await expect.poll(() => docker("exec", site.name, "ls", "/once"), soon).toBe("/once");
    await site.target.scale(3);
    await expect.poll(() => docker("exec", `${site.name}-opsmedic-3`, "ls", "/once"), soon).toBe("/once");
    const context = { service: site.service, target: site.target, files: undefined, signal: never };
    const before = { original: await site.target.state(), copies: await site.target.copies?.list() };
    const captured = await restart.capture({}, context);
    await expect(restart.apply({}, captured, context)).rejects.toMatchObject({ code: "canary-failed" });
    expect((await site.target.state()).instance).toBe(before.original.instance);
    const [canary, other] = (await site.target.copies?.list()) ?? [];
    expect(canary?.status).toBe("exited");
    expect(other).toEqual(before.copies?.[1]);
  });

  it("stay within the limit of the configuration", async () => {
    await using site = await openDockerSite();
    for (const replicas of [0, 4, 1.5]) {
      await expect(site.target.scale(replicas)).rejects.toMatchObject({ code: "replicas-out-of-range" });
    }
  });
});

describeWith("docker", "a service of a compose project", () => {
  it("is found again after it was created anew, and its stop is its operator's", async () => {
    const project = freshName();
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-compose-"));
    const file = join(folder, "compose.yaml");
    const program = `process.on("SIGTERM", () => process.exit(0)); console.log("up"); setInterval(() => {}, 1000)`;
    const shop = { image: IMAGE, init: true, labels: { "opsmedic.test": "targets" } };
    writeFileSync(
      file,
      JSON.stringify({ services: { shop: { ...shop, command: ["node", "-e", program] } } }),
    );
    const compose = (...args: string[]) => docker("compose", "-p", project, "-f", file, ...args);
    const api = connectDocker();
    const runtime = { kind: "compose", project, service: "shop" } as const;
    const target = makeDockerTarget(serviceFor("shop", runtime), runtime, {
      api,
      clock: systemClock,
      history: makeContainerHistory({ api, clock: systemClock }),
      ownRestarts: makeOwnRestarts(join(folder, "restarts")),
      commands: openContainerCommands(join(folder, "commands")),
    });
    const lines: string[] = [];
    const stop = new AbortController();
    const following = target.followLogs(({ text }) => lines.push(text), { since: 0 }, stop.signal);
    try {
      expect(await target.state()).toMatchObject({ status: "absent" });
      await compose("up", "-d");
      const first = await target.state();
      expect(first).toMatchObject({ status: "running" });
      await expect.poll(() => lines, soon).toEqual(["up"]);
      await compose("up", "-d", "--force-recreate", "-t", "1");
      const second = await target.state();
      expect(second).toMatchObject({ status: "running" });
      expect(second.instance.split(":")[0]).not.toBe(first.instance.split(":")[0]);
      await expect.poll(() => lines, soon).toEqual(["up", "up"]);
      await compose("kill");
      await expect
        .poll(() => target.state(), soon)
        .toMatchObject({ status: "exited", stoppedByOperator: false });
      await target.start();
      await expect.poll(() => lines, soon).toEqual(["up", "up", "up"]);
      await compose("stop");
      expect(await target.state()).toMatchObject({ status: "exited", exitCode: 0, stoppedByOperator: true });
    } finally {
      stop.abort();
      await following;
      await compose("down", "-t", "1");
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
