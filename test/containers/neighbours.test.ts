// Containers beside each other: the one at fault is healed, its victims and the engine itself are left alone.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { only } from "../../domain/signal.ts";
import { openScenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { openDockerProxy } from "../targets/docker-proxy.ts";
import { NEEDS_DATABASE, REFUSED, WEB } from "./programs.ts";
import { docker, openYard } from "./yard.ts";

/** The engine that ran before, by its process. */
const engine = (): string => {
  const pid = readFileSync("/var/run/docker.pid", "utf8").trim();
  return `${pid} since ${readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[21]}`;
};

describeWith("docker", "containers beside each other", () => {
  it("a killed database is healed by its own run, the web before it is not restarted", async () => {
    await using yard = openYard();
    const network = await yard.network("net");
    const { flags, url } = await yard.published(8080);
    const inNetwork = ["--network", network];
    const db = await yard.run("db", { program: WEB, flags: [...inNetwork, "--network-alias", "db"] });
    const web = await yard.run("web", { program: NEEDS_DATABASE, flags: [...flags, ...inNetwork] });
    await yard.answers(url);
    await using site = await openScenario({
      services: () => [
        { name: "db", runtime: { docker: { container: db } } },
        { name: "web", runtime: { docker: { container: web } }, health: [{ http: url }], dependsOn: ["db"] },
      ],
    });
    await site.settle("db");
    await site.settle("web");
    const [dbBefore, webBefore] = [await yard.inspect("db"), await yard.inspect("web")];
    const engineBefore = engine();

    await docker("kill", db);
    await using loop = site.watch();
    await yard.runsAnew("db", dbBefore);
    await yard.answers(url);
    await untilTrue("its run has ended", () => loop.runs.some((one) => one.service === "db"));

    expect(loop.runs.find((one) => one.service === "db")).toMatchObject({ outcome: "healed" });
    expect(await yard.inspect("web")).toEqual(webBefore);
    expect(engine()).toBe(engineBefore);
  });

  it("what a container writes is read line by line, without the bytes of Docker's frames", async () => {
    await using yard = openYard();
    const container = await yard.run("client", { program: REFUSED });
    await using site = await openScenario({
      services: () => [{ name: "client", runtime: { docker: { container } }, logs: ["docker"] }],
    });
    await site.sees("client", "rate-limited");
    const { window, findings } = await site.look("client");
    expect(findings).toMatchObject([{ kind: "rate-limited", facts: { host: "api.partner.example" } }]);
    const lines = only(window, "log").map((one) => one.text);
    const known =
      /^(ERROR GET https:\/\/api\.partner\.example\/v1 failed: 429 Too Many Requests – retry later|INFO für später ✓) #\d+$/;
    expect(lines.filter((one) => !known.test(one))).toEqual([]);
    expect(lines.some((one) => one.startsWith("INFO für später ✓"))).toBe(true);
  });

  it("an engine that does not answer is told, and nothing is started or restarted for it", async () => {
    await using yard = openYard();
    const { flags, url } = await yard.published(8080);
    const container = await yard.run("web", { program: WEB, flags });
    await yard.answers(url);
    await docker("kill", container);
    const [dead, engineBefore] = [await yard.inspect("web"), engine()];
    await using site = await openScenario({
      services: () => [{ name: "web", runtime: { docker: { container } }, health: [{ http: url }] }],
      dockerHost: "unix:///nowhere/docker.sock",
    });
    await site.sees("web", "unreachable");
    const run = await site.heal("web");
    expect(run?.outcome).not.toBe("healed");
    await expect(site.state("web")).rejects.toMatchObject({ code: "docker-unreachable" });
    expect(await yard.inspect("web")).toEqual(dead);
    expect(engine()).toBe(engineBefore);
  });

  it("a container that nobody sees any more after the fix is not called healed, and is told to a human", async () => {
    await using yard = openYard();
    const container = await yard.run("web", { program: WEB });
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-proxy-"));
    const socket = join(folder, "docker.sock");
    const proxy = await openDockerProxy(socket);
    await using site = await openScenario({
      services: () => [{ name: "web", runtime: { docker: { container } } }],
      dockerHost: `unix://${socket}`,
    });
    try {
      await site.settle("web");
      await docker("kill", container);
      await site.sees("web", "exited");
      const running = site.heal("web");
      await untilTrue("the start is validated", async () => {
        const [id] = site.engine.runner.running();
        const steps = id === undefined ? [] : await site.store.runs.steps(id);
        return steps.some((one) => one.node === "validate" && one.phase === "start");
      });
      await proxy.cut();
      const run = await running;
      expect(run?.outcome).not.toBe("healed");
      const { attempts } = await site.incident(run?.id);
      expect(attempts[0]?.validation).toMatchObject({
        outcome: "not-healed",
        summary: expect.stringContaining("It cannot be seen any more") as string,
      });
      expect(site.alerts()).toMatchObject([{ data: { service: "web" } }]);
    } finally {
      await proxy.cut();
      rmSync(folder, { recursive: true, force: true });
    }
    expect((await yard.inspect("web")).State.Running).toBe(true);
  });
});
