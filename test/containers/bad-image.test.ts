// A bad image is rolled out over a good one, by docker compose: the container goes back to the image with which it was
// well, compose still knows it, its data stays, and the container of the roll-out can be had back.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { z } from "zod";
import { makeRestore } from "../../api/restore.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { keptAside } from "../../tools/docker-kept-aside.ts";
import { bringBack, removeKept, replaceContainer } from "../../tools/docker-replaced.ts";
import { makeSetAside } from "../../tools/set-aside.ts";
import { openScenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { WEB } from "./programs.ts";
import { docker, inspect, openYard } from "./yard.ts";

const BROKEN = `require("node:fs").appendFileSync("/starts", "x"); console.error("ERROR the new version cannot start"); process.exit(1);`;
const run = promisify(execFile);

/** An image of this program under a tag; older ones keep their id only. */
async function build(tag: string, program: string, label: string): Promise<string> {
  const id = await docker("create", "--label", "opsmedic.test=containers", "node:24-bookworm-slim");
  try {
    const command = `CMD ${JSON.stringify(["node", "-e", program])}`;
    const changes = ["--change", command, "--change", `ENV VERSION=${label}`, "--change", "VOLUME /data"];
    return await docker("commit", ...changes, "--change", `LABEL version=${label}`, id, tag);
  } finally {
    await docker("rm", id);
  }
}

/** A moment after it was made. Nobody else's replacement is that old, or is harmed: theirs are younger. */
async function madeAt(container: string): Promise<number> {
  return Date.parse(await docker("inspect", "-f", "{{.Created}}", container)) + 1_000;
}

const commandOf = (container: string): Promise<string> =>
  docker("inspect", "-f", "{{json .Config.Entrypoint}} {{json .Config.Cmd}}", container);

const psSchema = z.object({ Name: z.string(), Service: z.string(), State: z.string() });

async function openProject({ replicas = 1 } = {}) {
  const yard = openYard();
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-images-"));
  const tag = `${yard.project}/web:latest`;
  const { flags, url } = await yard.published(8080);
  const images = [await build(tag, WEB, "one")];
  const [key = "", value = ""] = yard.label.split("=");
  const web = {
    image: tag,
    init: true,
    ...(replicas === 1 && { ports: [flags[1]] }),
    deploy: { replicas },
    labels: { "opsmedic.test": "containers", [key]: value },
    environment: { COLOUR: "blue" },
    networks: { default: { aliases: ["shop"] } },
    restart: "no",
  };
  const describe = (more: object) =>
    writeFileSync(join(folder, "compose.yaml"), JSON.stringify({ services: { web: { ...web, ...more } } }));
  describe({});
  const compose = async (...args: string[]) =>
    (await run("docker", ["compose", "-p", yard.project, "-f", join(folder, "compose.yaml"), ...args]))
      .stdout;
  await compose("up", "-d");
  if (replicas === 1) await yard.answers(url);
  return {
    yard,
    url,
    tag,
    images,
    compose,
    describe,
    folder,
    container: `${yard.project}-web-1`,
    running: async () =>
      (await compose("ps", "--format", "json"))
        .split("\n")
        .filter(Boolean)
        .map((line) => psSchema.parse(JSON.parse(line))),
    async [Symbol.asyncDispose]() {
      await yard[Symbol.asyncDispose]();
      await compose("down", "-v", "-t", "1");
      for (const image of images) await docker("rmi", "-f", image).catch(() => "");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describeWith("docker", "a bad image that was rolled out", () => {
  it("is taken back to the one with which it was well, as one of its compose project", async () => {
    await using project = await openProject();
    const { yard, url, tag, images, compose, container } = project;
    await docker("exec", container, "sh", "-c", "echo precious > /data/kept");
    await using site = await openScenario({
      services: () => [
        {
          name: "web",
          runtime: { compose: { project: yard.project, service: "web" } },
          health: [{ http: url, timeout: "1s" }],
        },
      ],
    });
    await untilTrue("its image is known to be good", async () => {
      await site.settle("web");
      return (await site.store.settings.get("good-image:web")) !== undefined;
    });
    images.push(await build(tag, BROKEN, "two"));
    await compose("up", "-d");
    const rolledOut = await inspect(container);
    await site.sees("web", "exited");

    const run = await site.heal("web");

    const incident = await site.incident(run?.id);
    expect(run).toMatchObject({ outcome: "healed" });
    expect(incident).toMatchObject({
      plan: {
        playbook: "crash-after-deploy",
        actions: [{ action: "roll-back-image", params: { to: images[0], from: images[1] } }],
      },
      verdict: { decision: "allow" },
    });
    await yard.answers(url);
    expect(await project.running()).toEqual([{ Name: container, Service: "web", State: "running" }]);
    const shown = async (command: string) => docker("exec", container, "sh", "-c", command);
    expect(await shown("cat /data/kept; echo $VERSION $COLOUR")).toBe("precious\none blue");
    const now = await inspect(container);
    expect(now.Config.Labels).toMatchObject({ version: "one", "com.docker.compose.image": images[0] });

    // The one of the roll-out can be had back, with what it had written.
    expect(await yard.all()).toHaveLength(1);
    const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "ada" });
    expect(restored).toMatchObject({ restored: true });
    const [back, ...others] = await yard.all();
    expect(others).toEqual([]);
    expect(back).toMatchObject({ Name: `/${container}`, HostConfig: rolledOut.HostConfig });
    expect(back?.Config).toEqual(rolledOut.Config);
    expect(await docker("inspect", "-f", "{{.Image}}", container)).toBe(images[1]);
    await docker("cp", `${container}:/starts`, project.folder);
    expect(readFileSync(join(project.folder, "starts"), "utf8")).toMatch(/^x+$/);

    // And a roll-out by hand goes on as ever.
    await docker("tag", images[0] ?? "", tag);
    await compose("up", "-d");
    await yard.answers(url);
  });

  it("is taken back in every container of the service, and the next roll-out by compose finds nothing in its way", async () => {
    await using project = await openProject({ replicas: 2 });
    const { yard, tag, images, compose } = project;
    await using site = await openScenario({
      services: () => [{ name: "web", runtime: { compose: { project: yard.project, service: "web" } } }],
    });
    await untilTrue("its image is known to be good", async () => {
      await site.settle("web");
      return (await site.store.settings.get("good-image:web")) !== undefined;
    });
    images.push(await build(tag, BROKEN, "two"));
    await compose("up", "-d");
    await site.sees("web", "exited");

    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });

    const both = ["1", "2"].map((number) => `${yard.project}-web-${number}`);
    const imagesOfBoth = () => docker("inspect", "-f", "{{.State.Status}} {{.Image}}", ...both);
    expect((await imagesOfBoth()).split("\n")).toEqual(both.map(() => `running ${images[0]}`));

    images.push(await build(tag, WEB, "three"));
    await compose("up", "-d");
    expect((await imagesOfBoth()).split("\n")).toEqual(both.map(() => `running ${images[2]}`));
    expect(await yard.all()).toHaveLength(2);
  });

  it.each([
    {
      change: { command: ["node", "-e", BROKEN] },
      playbook: "crash-after-deploy",
      what: "with which it ends at once",
    },
    { change: { entrypoint: ["no-such-program"] }, playbook: "bad-command", what: "that is not there" },
  ])("a command $what, of the same image, is taken back, too", async ({ change, playbook }) => {
    await using project = await openProject();
    const { yard, url, compose, container, images } = project;
    await using site = await openScenario({
      services: () => [
        {
          name: "web",
          runtime: { compose: { project: yard.project, service: "web" } },
          health: [{ http: url, timeout: "1s" }],
        },
      ],
    });
    await untilTrue("its command is known to be good", async () => {
      await site.settle("web");
      return (await site.store.settings.get("good-image:web")) !== undefined;
    });
    const good = await commandOf(container);
    project.describe(change);
    await compose("up", "-d").catch(() => "the engine cannot start it");
    const rolledOut = await commandOf(container);
    await site.sees("web", "exited");

    const run = await site.heal("web");

    const incident = await site.incident(run?.id);
    expect(incident).toMatchObject({
      plan: {
        playbook,
        actions: [{ action: "roll-back-image", params: { from: images[0], to: images[0] } }],
      },
      verdict: { decision: "allow" },
    });
    expect(run).toMatchObject({ outcome: "healed" });
    await yard.answers(url);
    expect(await commandOf(container)).toEqual(good);
    const { findings } = await site.look("web");
    expect(findings).toMatchObject([{ kind: "not-as-configured", severity: "info" }]);

    const restored = await makeRestore(site)(incident.backupId ?? "", { dryRun: false, by: "ada" });
    expect(restored).toMatchObject({ restored: true });
    expect(await commandOf(container)).toBe(rolledOut);
    expect(await yard.all()).toHaveLength(1);

    project.describe({ command: ["node", "-e", WEB] });
    await compose("up", "-d");
    await yard.answers(url);
    expect((await site.look("web")).findings).toEqual([]);
  });

  it("is kept until the repair has proved itself, and then no longer", async () => {
    await using project = await openProject();
    const { container, images, tag, yard, url } = project;
    const api = connectDocker();
    images.push(await build(tag, BROKEN, "two"));
    const before = await inspect(container);
    const wanted = { original: before.Id, name: container, imageId: images[0] ?? "" };
    await replaceContainer(api, wanted);
    await replaceContainer(api, wanted);
    await yard.answers(url);
    expect(await yard.all()).toHaveLength(2);
    expect(await removeKept(api, Date.now() - 60_000)).not.toContain(
      `${container}-opsmedic-before-${before.Id.slice(0, 12)}`,
    );
    expect(await removeKept(api, await madeAt(container))).toContain(
      `${container}-opsmedic-before-${before.Id.slice(0, 12)}`,
    );
    expect(await yard.all()).toHaveLength(1);
  });

  it.each([
    { kept: "under a name of its own", labels: [], rounds: [7, 8, 9, 11, 13] },
    {
      kept: "as a copy, since compose would take it for one of its own",
      labels: ["--label", "com.docker.compose.project=of-this-test"],
      rounds: [7, 9, 11, 12, 14],
    },
  ])("is whole, whatever moment a replacement is killed in, kept $kept", async ({ labels, rounds }) => {
    await using yard = openYard();
    const { flags, url } = await yard.published(8080);
    const good = await build(`${yard.project}/web:good`, WEB, "good");
    const folder = mkdtempSync(join(tmpdir(), "opsmedic-kept-"));
    try {
      const part = `10.214.${process.pid % 250}`;
      const front = await yard.network("front", "--subnet", `${part}.0/24`);
      const back = await yard.network("back");
      const place = ["--network", front, "--ip", `${part}.50`, "--network-alias", "shop"];
      const container = await yard.run("web", {
        program: WEB,
        flags: [...flags, ...place, ...labels, "--restart", "always"],
      });
      await docker("network", "connect", "--alias", "store", back, container);
      await yard.answers(url);
      const before = await inspect(container);
      const as = {
        name: container,
        restartPolicy: { Name: "always", MaximumRetryCount: 0 },
        ran: true,
      };
      const api = connectDocker();
      // From after the new one was made to before it is started: each request that changes something.
      const copiesIn = makeSetAside(folder);
      let id = before.Id;
      for (const [round, request] of rounds.entries()) {
        const [archive, original] = [copiesIn.newId(), { ...as, id }];
        const wanted = { original: id, name: container, imageId: good };
        expect(await killedAt(request, { wanted, original, folder, archive })).toBe("SIGKILL");
        const copies = await copiesIn.open(archive, { create: true });
        const aside = copies && keptAside(api, copies, original);
        const finishes = round % 2 === 0;
        if (finishes) await replaceContainer(api, wanted, undefined, aside);
        // In each of its networks, under its names and its own address.
        const places = [`${back}  store`, `${front} ${part}.50 shop`];
        expect(finishes ? await placesOf(container) : places).toEqual(places);
        const present = (await yard.all()).find((one) => one.Name === `/${container}`);
        expect(finishes && (present?.Id === id || present?.State.Running !== true)).toBe(false);
        await bringBack(api, original, undefined, aside);
        await bringBack(api, original, undefined, aside);
        await yard.answers(url);
        const now = await yard.all();
        expect(now.map((one) => one.Name)).toEqual([`/${container}`]);
        expect(now[0]?.Config).toEqual(before.Config);
        const isTheVery = now[0]?.Id === id;
        expect(isTheVery || (labels.length > 0 && (await aside?.isBack()))).toBe(true);
        id = now[0]?.Id ?? "";
        expect(await docker("inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", container)).toBe("always");
      }
      // Somebody prunes stopped containers: what runs instead must not be given up for one that is gone.
      const [wanted, original] = [
        { original: id, name: container, imageId: good },
        { ...as, id },
      ];
      await replaceContainer(api, wanted);
      await docker("rm", id);
      await expect(bringBack(api, original)).rejects.toMatchObject({ code: "original-gone" });
      expect(await inspect(container)).toMatchObject({ State: { Running: true } });
    } finally {
      await yard[Symbol.asyncDispose]();
      await docker("rmi", "-f", good);
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Network, address that was asked for, names that were. */
async function placesOf(container: string): Promise<string[]> {
  const [info] = z
    .array(
      z.object({
        Id: z.string(),
        Config: z.object({ Hostname: z.string() }),
        NetworkSettings: z.object({ Networks: z.record(z.string(), placeSchema) }),
      }),
    )
    .parse(JSON.parse(await docker("inspect", container)));
  return Object.entries(info?.NetworkSettings.Networks ?? {})
    .map(([network, { IPAMConfig, Aliases }]) => {
      const names = (Aliases ?? []).filter(
        (one) => info?.Id.startsWith(one) !== true && info?.Config.Hostname !== one,
      );
      return `${network} ${IPAMConfig?.IPv4Address ?? ""} ${names.join(" ")}`;
    })
    .toSorted();
}

const placeSchema = z.object({
  IPAMConfig: z.object({ IPv4Address: z.string().optional() }).nullable(),
  Aliases: z.array(z.string()).nullable(),
});

const killed = `
  const http = process.getBuiltinModule("node:http");
  const [, tools, at, given] = process.argv;
  const { wanted, original, folder, archive } = JSON.parse(given);
  const { connectDocker } = await import(tools + "docker-engine.ts");
  const { replaceContainer } = await import(tools + "docker-replaced.ts");
  const { keptAside } = await import(tools + "docker-kept-aside.ts");
  const { makeSetAside } = await import(tools + "set-aside.ts");
  const copies = await makeSetAside(folder).open(archive, { create: true });
  const api = connectDocker();
  const request = http.request;
  let count = 0;
  http.request = (...asked) => {
    count += 1;
    if (count === Number(at)) process.kill(process.pid, "SIGKILL");
    return request(...asked);
  };
  await replaceContainer(api, wanted, undefined, keptAside(api, copies, original));`;
const tools = new URL("../../tools/", import.meta.url).pathname;

/** Before its n-th request to the engine; how the process ended. */
async function killedAt(request: number, given: object): Promise<unknown> {
  const child = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    killed,
    tools,
    String(request),
    JSON.stringify(given),
  ]);
  const [, signal] = (await once(child, "exit")) as [number | null, unknown];
  return signal;
}
