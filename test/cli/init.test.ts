// init: from what runs here to a first configuration.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { draftConfig } from "../../api/cli/init/draft.ts";
import { findServices } from "../../api/cli/init/find-services.ts";
import type { Found } from "../../api/cli/init/found.ts";
import { parseConfig } from "../../api/config.ts";
import { describeWith } from "../services-available.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli } from "./run-cli.ts";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "opsmedic-init-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const nothing = fakeOperations().operations;
const signal = AbortSignal.timeout(60_000);

const found: Found = {
  containers: [
    {
      name: "shop-web-1",
      image: "web:1\nservices: []",
      compose: { project: "shop", service: "web" },
      ports: [{ host: 8080, container: 80 }],
    },
    { name: "cache", image: "redis:8", ports: [{ host: 16379, container: 6379 }] },
    { name: "cache", image: 'odd "name"', ports: [] },
    { name: "true", image: "x", ports: [] },
  ],
  ports: [
    { port: 5432, kind: "postgres" },
    { port: 3000, kind: "http" },
  ],
  notes: ["Docker was slow"],
};

const listed = (number: number) => ({
  Names: [`/shop-web-${number}`],
  Image: "web",
  Labels: {
    "com.docker.compose.project": "shop",
    "com.docker.compose.service": "web",
    "com.docker.compose.depends_on": "db:service_healthy:false,cache:service_started:false",
  },
  Ports: [
    { PrivatePort: 80, PublicPort: 8080, Type: "tcp" },
    { PrivatePort: 81, Type: "tcp" },
  ],
});

const compose = (service: string) => ({ kind: "compose", project: "shop", service });

const listens = async (port: number) => port === 8080 || port === 5432;

const quiet = async (): Promise<Found> => ({ ...found, notes: [] });

const refused = () => Promise.reject(new Error("permission denied"));

describe("init", () => {
  it("writes a configuration that is valid, whatever things are called", () => {
    const config = parseConfig(draftConfig(found), {
      file: null,
      shown: "draft",
      baseDir: cwd,
      variables: {},
    });
    expect(config.services.map(({ name, runtime, database }) => [name, runtime, database])).toEqual([
      ["web", { kind: "compose", project: "shop", service: "web" }, undefined],
      ["cache", { kind: "docker", container: "cache" }, redisAt("redis://127.0.0.1:16379")],
      ["cache-2", { kind: "docker", container: "cache" }, undefined],
      ["true", { kind: "docker", container: "true" }, undefined],
      ["postgres-5432", undefined, undefined],
      ["http-3000", undefined, undefined],
    ]);
    expect(config.policy.mode).toBe("approve");
  });

  it("writes it with --yes, beside its schema, and never overwrites", async () => {
    const change = { cwd, findServices: async () => found };
    expect(await runCli(["init", "--yes"], nothing, change)).toMatchObject({
      code: 0,
      err: "Looking for containers and local services …\n▲ Docker was slow\n",
    });
    const text = await readFile(join(cwd, "opsmedic.yaml"), "utf8");
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/opsmedic\.schema\.json\n/);
    expect(JSON.parse(await readFile(join(cwd, "opsmedic.schema.json"), "utf8"))).toMatchObject({
      required: ["services"],
    });

    expect(await runCli(["init", "--yes"], nothing, change)).toMatchObject({ code: 2 });
    expect(await readFile(join(cwd, "opsmedic.yaml"), "utf8")).toBe(text);
  });

  it("asks nobody where nobody is: --yes or --dry-run", async () => {
    const change = { cwd, findServices: async () => found };
    expect(await runCli(["init"], nothing, change)).toMatchObject({
      code: 2,
      err: expect.stringContaining("--yes"),
    });
    const dry = await runCli(["init", "--dry-run"], nothing, change);
    expect(dry).toMatchObject({ code: 0, out: draftConfig(found) });
    await expect(stat(join(cwd, "opsmedic.yaml"))).rejects.toThrow("ENOENT");
  });

  it("knows from the compose file what does not run yet, by the names that Docker Compose will give", async () => {
    await writeFile(
      join(cwd, "compose.yaml"),
      `name: shop
services:
  web: { image: nginx, ports: ["8080:80"] }
  api: { build: ., ports: ["127.0.0.1:3000:3000/tcp", "9000-9005:9000", "53:53/udp"], depends_on: [web] }
  cache: { image: "redis:8", ports: [{ published: "\${CACHE_PORT:-1}", target: 6379 }] }
  job: { ports: ["\${JOB_PORT:-9999}:8080"], depends_on: { api: { condition: service_started }, cache: {} } }
`,
    );
    await writeFile(join(cwd, ".env"), "CACHE_PORT=16379\n");
    const { err, code } = await runCli(["init", "--yes"], nothing, { cwd, findServices: quiet });
    expect({ err, code }).toEqual({
      err: "Looking for containers and local services …\ncompose.yaml: 3 services that did not run just now\n",
      code: 0,
    });
    const { services } = parseConfig(await readFile(join(cwd, "opsmedic.yaml"), "utf8"), {
      file: null,
      shown: "opsmedic.yaml",
      baseDir: cwd,
      variables: {},
    });
    const told = services.slice(4).map((one) => [one.name, one.runtime, one.database?.url ?? one.health]);
    expect(told).toEqual([
      ["api", compose("api"), [expect.objectContaining({ url: "http://127.0.0.1:3000/" })]],
      ["cache-3", compose("cache"), "redis://127.0.0.1:16379"],
      ["job", compose("job"), [expect.objectContaining({ url: "http://127.0.0.1:9999/" })]],
      ["postgres-5432", undefined, expect.anything()],
    ]);
    expect(services.slice(4, 7).map((one) => one.dependsOn)).toEqual([["web"], [], ["api", "cache-3"]]);
  });

  it("leaves out a compose file that makes no sense, and shows what runs where a configuration is there", async () => {
    const change = { cwd, findServices: async () => ({ containers: [], ports: [], notes: [] }) };
    await writeFile(join(cwd, "docker-compose.yml"), "services: [broken");
    const { out } = await runCli(["init", "--yes"], nothing, change);
    expect(out).toContain("Wrote opsmedic.yaml with 0 services.\nNothing was found here: name your services");
    expect(await runCli(["init", "--yes"], nothing, change)).toMatchObject({
      code: 2,
      err: expect.stringContaining("--dry-run"),
    });
    expect(await runCli(["init", "--dry-run"], nothing, change)).toMatchObject({ code: 0 });
  });

  it("joins replicas, leaves out ports of containers, and notes what it could not ask", async () => {
    expect(
      await findServices(signal, { listContainers: async () => [listed(1), listed(2)], listens }),
    ).toMatchObject({
      containers: [
        {
          compose: { project: "shop", service: "web", needs: ["db", "cache"] },
          ports: [{ host: 8080, container: 80 }],
        },
      ],
      ports: [{ port: 5432, kind: "postgres" }],
    });
    expect(await findServices(signal, { listContainers: refused, listens })).toMatchObject({
      containers: [],
      notes: ["Docker was not asked: permission denied"],
    });
  });
});

function docker(words: string[]): string {
  return execFileSync("docker", words, { encoding: "utf8" }).trim();
}

describeWith("docker", "init with a real engine", () => {
  it("finds a container by its compose labels and its published port", async () => {
    const labels = [
      "opsmedic.test=cli",
      "com.docker.compose.project=clitest",
      "com.docker.compose.service=web",
    ];
    const settings = [...labels.flatMap((one) => ["--label", one]), "-p", "127.0.0.1::8080"];
    const id = docker(["run", "-d", "--rm", ...settings, "node:24-bookworm-slim", "sleep", "300"]);
    try {
      const port = Number(docker(["port", id, "8080/tcp"]).split("\n")[0]?.split(":").at(-1));
      const { containers, notes } = await findServices(signal);
      expect(notes).toEqual([]);
      expect(containers.filter(({ compose }) => compose?.project === "clitest")).toMatchObject([
        {
          compose: { service: "web" },
          image: "node:24-bookworm-slim",
          ports: [{ host: port, container: 8080 }],
        },
      ]);
    } finally {
      docker(["rm", "-f", id]);
    }
  });
});

function redisAt(url: string): object {
  return { kind: "redis", url, maxClients: 10_000, protectClients: [], endSubscribers: [] };
}
