// Services found by label: what counts, what is left out, and what is said about it.
import { expect, it, describe, vi } from "vitest";
import type { Service } from "../../domain/service.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeDiscoveredServices } from "../../tools/discovered-services.ts";
import { servicesFrom } from "../../tools/discovery.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { describeWith } from "../services-available.ts";
import { docker, freshName, openDockerSite, serviceFor } from "./docker-site.ts";

const settings = { label: "opsmedic.enable", configured: [] as Service[], probeEveryMs: 5_000 };
const container = (name: string, labels: Record<string, string> = {}) => ({
  Id: `${name}-id`,
  Names: [`/${name}`],
  Labels: { "opsmedic.enable": "true", ...labels },
});
const composed = (name: string, service: string, more: Record<string, string> = {}) =>
  container(name, {
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": service,
    ...more,
  });

describe("services by label", () => {
  it("are named by label, compose service or container, in this order", () => {
    const found = servicesFrom(
      [container("a"), composed("shop-web-1", "web"), container("c", { "opsmedic.name": "cart" })],
      settings,
    );
    expect(found.problems).toEqual([]);
    expect(found.services).toMatchObject([
      { name: "a", runtime: { kind: "docker", container: "a" }, discovered: true },
      { name: "cart", runtime: { kind: "docker", container: "c" } },
      { name: "web", runtime: { kind: "compose", project: "shop", service: "web" } },
    ]);
  });

  it("get a probe and dependencies from their labels", () => {
    const labels = { "opsmedic.http": "http://127.0.0.1:8080/healthz", "opsmedic.depends-on": "db, cache" };
    expect(servicesFrom([container("a", labels)], settings).services[0]).toMatchObject({
      health: [{ kind: "http", url: "http://127.0.0.1:8080/healthz", everyMs: 5_000 }],
      dependsOn: ["db", "cache"],
    });
  });

  it("are not made of replicas, one-off containers, a service's second container, or what is configured", () => {
    const configured = [serviceFor("checkout", { kind: "docker", container: "checkout-1" })];
    const found = servicesFrom(
      [
        container("checkout-1"),
        container("a-opsmedic-2", {
          "opsmedic.replica-of": "a",
          "opsmedic.managed": "true",
          "opsmedic.replica": "2",
        }),
        composed("shop-web-run-1", "web", { "com.docker.compose.oneoff": "True" }),
        composed("shop-web-1", "web"),
        composed("shop-web-2", "web"),
      ],
      { ...settings, configured },
    );
    expect(found.problems).toEqual([]);
    expect(found.services.map((one) => one.name)).toEqual(["web"]);
  });

  it("say what they do not understand, and go on", () => {
    const configured = [serviceFor("cart", { kind: "docker", container: "other" })];
    const found = servicesFrom(
      [
        container("a", { "opsmedic.http": "file:///etc/passwd", "opsmedic.depends-on": "db,../x" }),
        container("b", { "opsmedic.name": "../../etc" }),
        container("c", { "opsmedic.name": "cart" }),
      ],
      { ...settings, configured },
    );
    expect(found.services).toMatchObject([{ name: "a", health: [], dependsOn: ["db"] }]);
    expect(found.problems).toHaveLength(4);
  });
});

describeWith("docker", "discovery on a Docker engine", () => {
  it("finds a container that comes later, keeps it over a crash, and lets it go", async () => {
    const api = connectDocker();
    const label = `opsmedic.enable-${freshName()}`;
    const changes: string[] = [];
    const discovered = makeDiscoveredServices({
      api,
      clock: systemClock,
      settings: () => ({ ...settings, label }),
      everyMs: 600_000,
      onChange: ({ added, removed }) => {
        changes.push(...added.map((one) => `+${one.name}`), ...removed.map((one) => `-${one.name}`));
      },
    });
    const stop = new AbortController();
    const running = discovered.run(stop.signal);
    const hurriedUntil = (check: () => void) =>
      vi.waitFor(
        () => {
          discovered.hurry();
          check();
        },
        { timeout: 20_000, interval: 100 },
      );
    let name: string;
    {
      await using site = await openDockerSite({ flags: ["--label", `${label}=true`] });
      name = site.name;
      await hurriedUntil(() => expect(changes).toEqual([`+${name}`]));
      const [service] = discovered.services();
      await docker("kill", name);
      await discovered.refresh();
      expect(discovered.services()[0]).toBe(service);
    }
    await hurriedUntil(() => expect(changes).toEqual([`+${name}`, `-${name}`]));
    stop.abort();
    await running;
  });
});
