// A container that has ended: by itself it is brought back, by its operator it stays down. Docker's announcement is
// what the server goes by here, since it looks by itself once in two minutes only.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { describeWith } from "../services-available.ts";
import { WEB } from "./programs.ts";
import { openServer } from "./server.ts";
import { docker, inspect, openYard, type Yard } from "./yard.ts";

async function openWeb(yard: Yard) {
  const { flags, url } = await yard.published(8080);
  const container = await yard.run("web", { program: WEB, flags });
  await yard.answers(url);
  const service = {
    name: "web",
    runtime: { docker: { container } },
    health: [{ http: url, timeout: "1s" }],
  };
  return { container, url, service };
}

/** compose.yaml of one service, in a folder of its own. */
function composeFile(yard: Yard): string {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-compose-"));
  const labels = [yard.label, yard.testLabel];
  const web = { image: yard.image, init: true, labels, command: ["node", "-e", WEB] };
  writeFileSync(join(folder, "compose.yaml"), JSON.stringify({ services: { web } }));
  return folder;
}

describeWith("docker", "a container that has ended", () => {
  it("is started again after a kill, as soon as Docker announces its end", async () => {
    await using yard = openYard();
    const { service, container, url } = await openWeb(yard);
    await using server = await openServer({ services: [service] });
    await server.settled("web");
    const before = await yard.inspect("web");

    await docker("kill", container);

    await yard.runsAnew("web", before);
    await yard.answers(url);
    expect(await server.endedRun("web")).toMatchObject({ trigger: "watch", outcome: "healed" });
    expect((await server.runsOf("web")).map((one) => one.outcome)).toEqual(["healed"]);
    expect(await server.store.incidents.list({ service: "web", limit: 10 })).toMatchObject([
      { status: "RESOLVED" },
    ]);
  });

  it("is started again after it ended by itself, though with code 0", async () => {
    await using yard = openYard();
    const { flags, url } = await yard.published(8080);
    const container = await yard.run("web", {
      program: `${WEB} process.on("SIGUSR2", () => process.exit(0))`,
      flags,
    });
    await yard.answers(url);
    await using server = await openServer({
      services: [{ name: "web", runtime: { docker: { container } }, health: [{ http: url }] }],
    });
    await server.settled("web");
    const before = await yard.inspect("web");
    await docker("kill", "-s", "USR2", container);
    await yard.runsAnew("web", before);
    expect(await server.endedRun("web")).toMatchObject({ outcome: "healed" });
  });

  it("is left alone when its operator stopped it, also by a later check", async () => {
    await using yard = openYard();
    const { service, container } = await openWeb(yard);
    await using server = await openServer({ services: [service] });
    await server.settled("web");

    await docker("stop", container);
    const stopped = await yard.inspect("web");
    await server.tells("web", "stopped-by-operator", "info");
    expect(await server.check("web")).toMatchObject({ outcome: "healthy" });
    expect(await yard.inspect("web")).toEqual(stopped);
    expect(await server.store.incidents.list({ service: "web", limit: 10 })).toEqual([]);
  });

  it("of compose: is started after a kill, and left alone after `compose stop`", async () => {
    await using yard = openYard();
    const folder = composeFile(yard);
    const compose = (...args: string[]) =>
      docker("compose", "-p", yard.project, "-f", join(folder, "compose.yaml"), ...args);
    try {
      await compose("up", "-d");
      const id = await compose("ps", "-q", "web");
      await using server = await openServer({
        services: [{ name: "web", runtime: { compose: { project: yard.project, service: "web" } } }],
      });
      await server.settled("web");
      await docker("kill", id);
      expect(await server.endedRun("web")).toMatchObject({ outcome: "healed" });
      expect((await inspect(id)).State.Running).toBe(true);

      await compose("stop");
      const stopped = await inspect(id);
      await server.tells("web", "stopped-by-operator", "info");
      expect(await server.check("web")).toMatchObject({ outcome: "healthy" });
      expect(stopped.State.Running).toBe(false);
      expect(await inspect(id)).toEqual(stopped);
    } finally {
      await compose("down", "--volumes");
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
