// Docker's announcements over a connection that is cut in the middle.
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import type { EventSignal } from "../../domain/signal.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { makeDockerEvents } from "../../tools/docker-events.ts";
import { makeContainerHistory } from "../../tools/docker-history.ts";
import { describeWith } from "../services-available.ts";
import { ENGINE, openDockerProxy } from "./docker-proxy.ts";
import { docker, type DockerSite, openDockerSite } from "./docker-site.ts";

function follow(site: DockerSite, socket: string) {
  const api = connectDocker(socket);
  const events: EventSignal[] = [];
  const problems: unknown[] = [];
  const stop = new AbortController();
  const following = makeDockerEvents({
    api,
    clock: systemClock,
    services: () => [site.service],
    history: makeContainerHistory({ api, clock: systemClock }),
    onProblem: (problem) => problems.push(problem),
    retry: { firstMs: 50, mostMs: 200 },
  }).follow((event) => events.push(event), stop.signal);
  const names = (): string[] => events.map((one) => one.event);
  const end = async (): Promise<void> => {
    stop.abort();
    await following;
  };
  return { events, problems, names, end };
}

const soon = { timeout: 20_000, interval: 50 };

/** Events before the engine has answered for the first time come by `since`, so nothing has to be waited for. */
describeWith("docker", "Docker's events", () => {
  it("tell a crash with its exit code, a kill, a stop and a start", async () => {
    await using site = await openDockerSite();
    const seen = follow(site, ENGINE);
    await site.tell("crash");
    await vi.waitFor(
      () => expect(seen.events).toMatchObject([{ event: "die", exitCode: 7, service: site.name }]),
      soon,
    );
    const { at = 0 } = seen.events[0] ?? {};
    await site.target.start();
    // A signal before the program listens for it would end it.
    const started = async () => (await site.target.logs({ since: at, limit: 100 })).map((one) => one.text);
    await expect.poll(started, soon).toContain("started");
    await site.target.reload("SIGHUP");
    await expect.poll(started, soon).toContain("reloaded");
    await site.kill();
    await site.target.start();
    await site.operatorStop();
    await vi.waitFor(() => expect(seen.names()).toContain("stop"), soon);
    expect(seen.names()).toEqual(["die", "start", "kill", "die", "start", "kill", "die", "stop"]);
    await seen.end();
  });

  it("are caught up on after the connection was cut, and none is told twice", async () => {
    await using site = await openDockerSite();
    const socket = join(site.folder, "proxy.sock");
    const proxy = await openDockerProxy(socket);
    const seen = follow(site, socket);
    await docker("restart", "-t", "1", site.name);
    await vi.waitFor(() => expect(seen.names()).toContain("start"), soon);
    await proxy.cut();
    await vi.waitFor(() => expect(seen.problems).toMatchObject([{ code: "docker-unreachable" }]), soon);
    const before = seen.events.length;
    await site.kill();
    await site.target.start();
    expect(seen.events).toHaveLength(before);
    await proxy.listen();
    await vi.waitFor(() => expect(seen.names().slice(before)).toEqual(["kill", "die", "start"]), soon);
    expect(seen.problems).toMatchObject([{ code: "docker-unreachable" }, undefined]);
    await docker("kill", "-s", "KILL", site.name);
    await vi.waitFor(
      () => expect(seen.names().slice(before)).toEqual(["kill", "die", "start", "kill", "die"]),
      soon,
    );
    await seen.end();
    await proxy.cut();
  });

  it("tell health but not the flood of its checks, and nothing of other containers", async () => {
    const health = ["--health-cmd", "false", "--health-interval", "200ms", "--health-retries", "1"];
    await using site = await openDockerSite({ flags: health });
    await using stranger = await openDockerSite();
    const seen = follow(site, ENGINE);
    await stranger.kill();
    await docker("restart", "-t", "1", site.name);
    await vi.waitFor(() => expect(seen.names()).toContain("unhealthy"), soon);
    await seen.end();
    expect(new Set(seen.events.map((one) => one.service))).toEqual(new Set([site.name]));
  });
});
