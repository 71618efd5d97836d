// Labels like ours on somebody else's containers: an image that was made of a replica (docker commit) has them, and so has
// what a tool makes like one. Only what has our name, too, is ours; everything else is neither counted nor touched.
import { describe, expect, it } from "vitest";
import { inspect, isOf, replicaIn } from "../../tools/docker-binding.ts";
import { bringBack, originalOf, replaceContainer } from "../../tools/docker-replaced.ts";
import { describeWith } from "../services-available.ts";
import { docker, IMAGE, openDockerSite } from "./docker-site.ts";

const MB = 1024 * 1024;
const ours = (more: Record<string, string> = {}): Record<string, string> => ({
  "opsmedic.replica-of": "shop",
  "opsmedic.managed": "true",
  "opsmedic.replica": "2",
  ...more,
});

describe("a replica", () => {
  it.each([
    ["has our labels and the original's name with its number", "web-opsmedic-2", ours(), "web"],
    ["may have any original", "a-opsmedic-2-opsmedic-3", ours({ "opsmedic.replica": "3" }), "a-opsmedic-2"],
    ["is none by its labels alone", "web-2", ours(), undefined],
    ["is none by its name alone", "web-opsmedic-2", {}, undefined],
    ["is none with another number", "web-opsmedic-3", ours(), undefined],
    ["is none without a number", "web-opsmedic-NaN", ours({ "opsmedic.replica": "x" }), undefined],
    ["is never the first", "web-opsmedic-1", ours({ "opsmedic.replica": "1" }), undefined],
    ["is none that we do not manage", "web-opsmedic-2", ours({ "opsmedic.managed": "" }), undefined],
    [
      "is none of a compose project, whose labels we leave out",
      "web-opsmedic-2",
      ours({ "com.docker.compose.project": "shop" }),
      undefined,
    ],
  ])("%s", (_what, name, labels, original) => {
    expect(replicaIn({ name, labels })?.original).toBe(original);
  });

  it("is not what a service runs in, and what merely has its labels is", () => {
    const compose = { "com.docker.compose.project": "shop", "com.docker.compose.service": "web" };
    const inCompose = { kind: "compose", project: "shop", service: "web" } as const;
    expect(isOf(inCompose, { id: "1", name: "shop-web-1", labels: ours(compose) })).toBe(true);
    const alone = { kind: "docker", container: "web" } as const;
    expect(isOf(alone, { id: "1", name: "web", labels: ours() })).toBe(true);
    expect(isOf(alone, { id: "1", name: "web-opsmedic-2", labels: ours() })).toBe(false);
  });
});

/** Runs beside; gone with the test. */
async function openStranger(name: string, labels: Record<string, string>) {
  const flags = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
  const test = ["--label", "opsmedic.test=targets"];
  const id = await docker("run", "-d", "--init", "--name", name, ...test, ...flags, IMAGE, "sleep", "600");
  const state = "{{.Id}} {{.Name}} {{.State.Running}} {{.State.StartedAt}} {{.HostConfig.Memory}}";
  const now = () => docker("inspect", "-f", state, id);
  const before = await now();
  return {
    isUntouched: async () => expect(await now()).toBe(before),
    [Symbol.asyncDispose]: async () => void (await docker("rm", "-f", id)),
  };
}

describeWith("docker", "a container that merely has labels of ours", () => {
  it("is no replica: neither counted nor limited, restarted or removed", async () => {
    await using site = await openDockerSite();
    const labels = ours({ "opsmedic.replica-of": site.name });
    await using copy = await openStranger(`copy-of-${site.name}`, labels);
    // Another opsmedic watches a service of the same name, in another container.
    await using theirs = await openStranger(`their-${site.name}-opsmedic-2`, labels);
    expect(await site.target.state()).toMatchObject({ replicas: 1 });
    expect(await site.target.copies?.list()).toEqual([]);

    await site.target.scale(2);
    expect(await site.target.state()).toMatchObject({ replicas: 2 });
    expect(await site.target.copies?.list()).toMatchObject([{ number: 2, status: "running" }]);
    await site.target.setMemoryLimit?.(256 * MB);
    await site.target.copies?.restart(2);
    await site.target.scale(1);

    expect(await docker("ps", "-aq", "--filter", `name=^${site.name}-opsmedic-2$`)).toBe("");
    for (const one of [copy, theirs]) await one.isUntouched();
  });

  it("has not replaced anything: neither started, renamed nor removed", async () => {
    await using site = await openDockerSite();
    const info = await inspect(site.api, site.name);
    if (!info) throw new Error("it is gone");
    const labels = { "opsmedic.replaces": info.Id, "opsmedic.managed": "true" };
    await using stranger = await openStranger(`copy-of-${site.name}`, labels);

    await replaceContainer(site.api, { original: info.Id, name: site.name, imageId: info.Image });

    const replacement = await inspect(site.api, site.name);
    expect(replacement).toMatchObject({ State: { Running: true }, Config: { Labels: labels } });
    expect(replacement?.Id).not.toBe(info.Id);
    await stranger.isUntouched();

    await bringBack(site.api, originalOf(info));

    expect(await inspect(site.api, site.name)).toMatchObject({ Id: info.Id, State: { Running: true } });
    expect(await inspect(site.api, replacement?.Id ?? "")).toBeUndefined();
    await stranger.isUntouched();
  });
});
