// Where a configuration comes from: search order, variables, secret files, overrides, the environment's schema.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  configFromObject,
  loadConfig,
  parseConfig,
  readEnvironment,
  type Variables,
} from "../../api/config.ts";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "opsmedic-load-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const named = (name: string) => `services: [{ name: ${name} }]\n`;
const parse = (text: string, variables: Variables = {}) =>
  parseConfig(text, { file: null, shown: "opsmedic.yaml", baseDir: cwd, variables });

const redis = (url: string, variables: Variables) => {
  const [service] = parse(`services: [{ name: a, redis: { url: ${url} } }]\n`, variables).services;
  return service?.database?.url;
};

describe("finding the file", () => {
  it("prefers -c, then $OPSMEDIC_CONFIG, then ./opsmedic.yaml", async () => {
    await writeFile(join(cwd, "opsmedic.yaml"), named("here"));
    await writeFile(join(cwd, "env.yaml"), named("env"));
    await writeFile(join(cwd, "flag.yaml"), named("flag"));
    const names = (options: { path?: string; variables: Variables }) =>
      loadConfig({ cwd, ...options }).services.map(({ name }) => name);

    expect(names({ variables: {} })).toEqual(["here"]);
    expect(names({ variables: { OPSMEDIC_CONFIG: "env.yaml" } })).toEqual(["env"]);
    expect(names({ path: "flag.yaml", variables: { OPSMEDIC_CONFIG: "env.yaml" } })).toEqual(["flag"]);
  });

  it("does not fall back when the named file is missing", async () => {
    await writeFile(join(cwd, "opsmedic.yaml"), named("here"));
    expect(() => loadConfig({ cwd, path: "gone.yaml", variables: {} })).toThrow(
      expect.objectContaining({ code: "config-not-found", message: expect.stringContaining("gone.yaml") }),
    );
  });

  it("takes relative paths from the file's folder, and names the file as the reader would", async () => {
    await mkdir(join(cwd, "ops"));
    await writeFile(join(cwd, "ops/opsmedic.yaml"), "services: [{ name: a, files: { root: ../a } }]\n");
    const config = loadConfig({ cwd, path: "ops/opsmedic.yaml", variables: {} });
    expect(config.services[0]?.files?.root).toBe(join(cwd, "a"));
    expect(config.dataDir).toBe(join(cwd, "ops/.opsmedic"));

    await writeFile(join(cwd, "ops/opsmedic.yaml"), "services: 1\n");
    expect(() => loadConfig({ cwd, path: "ops/opsmedic.yaml", variables: {} })).toThrow(
      /^ops\/opsmedic\.yaml:1:11 services /,
    );
  });
});

describe("references", () => {
  it("takes the default where a variable is unset or empty", () => {
    expect(redis('"${R:-redis://d}"', {})).toBe("redis://d");
    expect(redis('"${R:-redis://d}"', { R: "" })).toBe("redis://d");
    expect(redis('"redis://${H}:${P:-1}"', { H: "h" })).toBe("redis://h:1");
  });

  it("never lets a variable add structure", () => {
    const [service, ...more] = parse('services: [{ name: a, health: [{ exec: "${R}" }] }]\n', {
      R: "a, protected: false }, { name: b",
    }).services;
    expect(more).toEqual([]);
    expect(service?.health[0]).toMatchObject({
      command: ["a,", "protected:", "false", "},", "{", "name:", "b"],
    });
  });

  it("keeps $${ as a plain ${, and numbers only where the value is not quoted", () => {
    const [service] = parse(
      'services:\n  - name: a\n    runtime: { process: { command: x, env: { A: "$${HOME}" } } }\n    limits:\n      maxReplicas: ${N}\n',
      { N: "2" },
    ).services;
    expect(service?.runtime).toMatchObject({ env: { A: "${HOME}" } });
    expect(service?.limits.maxReplicas).toBe(2);
  });

  it("reads file: only for secrets, and leaves a process's own variables alone", async () => {
    await writeFile(join(cwd, "token"), "0123456789abcdef0\r\n");
    const config = parse(
      'server: { adminToken: "file:./token" }\nservices: [{ name: a, runtime: { process: { command: x, env: { url: "file:./dev.db" } } } }]\n',
    );
    expect(config.server.adminToken).toBe("0123456789abcdef0");
    expect(config.services[0]?.runtime).toMatchObject({ env: { url: "file:./dev.db" } });
  });

  it("follows anchors and merge keys", () => {
    const [, b] = parse(
      "services:\n  - &base { name: a, limits: { maxMemory: 1g } }\n  - { <<: *base, name: b }\n",
    ).services;
    expect(b?.limits.maxMemoryBytes).toBe(1_073_741_824);
  });
});

describe("what wins", () => {
  it("overrides win over the file, key by key", () => {
    const config = parseConfig("services: []\nhealing: { mode: approve, validate: { for: 60s } }\n", {
      file: null,
      shown: "opsmedic.yaml",
      baseDir: cwd,
      variables: {},
      overrides: { healing: { validate: { for: "3s" } }, server: { listen: "127.0.0.1:0" } },
    });
    expect(config.policy).toMatchObject({ mode: "approve", validate: { forMs: 3_000 } });
    expect(config.server.port).toBe(0);
  });

  it("an override is checked like the file", () => {
    expect(() =>
      parseConfig("services: []\n", {
        file: null,
        shown: "opsmedic.yaml",
        baseDir: cwd,
        variables: {},
        overrides: { healing: { gate: { allow: 50 } } },
      }),
    ).toThrow(/healing\.gate\.allow Too small/);
  });

  it("takes the usual variables where the file says nothing, and the file where it says empty", () => {
    const variables = {
      DATABASE_URL: "postgres://h/x",
      REDIS_URL: "redis://h",
      OPSMEDIC_ADMIN_TOKEN: "t".repeat(16),
    };
    expect(parse("services: []\n", variables)).toMatchObject({
      storage: { url: "postgres://h/x" },
      queue: { url: "redis://h" },
      server: { adminToken: "t".repeat(16) },
    });
    const config = parse('services: []\nstorage: { url: "" }\nqueue: { url: "" }\n', variables);
    expect(config.storage).toEqual({});
    expect(config.queue).toEqual({});
  });

  it.each([
    ["127.0.0.1:1", "http://127.0.0.1:1"],
    ["0.0.0.0:1", "http://127.0.0.1:1"],
    ["[::]:1", "http://127.0.0.1:1"],
    ["[::1]:1", "http://[::1]:1"],
  ])("listening on %s is reached at %s", (listen, url) => {
    expect(parse(`services: []\nserver: { listen: "${listen}" }\n`).server.publicUrl).toBe(url);
  });

  it("an object is checked too, without places", () => {
    expect(() => configFromObject({ services: [{ nam: "a" }] }, { baseDir: cwd })).toThrow(
      'configuration services[0].name Required: expected string\nconfiguration services[0] Unrecognized key: "nam"; did you mean "name"?',
    );
  });
});

describe("the environment", () => {
  it("names every wrong variable at once, and counts an empty one as unset", () => {
    expect(readEnvironment({ OPSMEDIC_URL: "", PATH: "/bin" })).toEqual({ PATH: "/bin" });
    expect(() => readEnvironment({ OPSMEDIC_URL: "ftp://x", OPSMEDIC_LOG_LEVEL: "loud" })).toThrow(
      /OPSMEDIC_URL must be .*\n.*OPSMEDIC_LOG_LEVEL must be /,
    );
  });

  it.each([
    ["OPSMEDIC_LISTEN", "8686"],
    ["OPSMEDIC_LISTEN", "127.0.0.1:99999"],
    ["OPSMEDIC_DEMO_PORT", "0"],
    ["OPSMEDIC_DEMO_PORT", "65530"],
    ["OPSMEDIC_DEMO_PORT", "web"],
  ])("refuses %s=%s", (name, value) => {
    expect(() => readEnvironment({ [name]: value })).toThrow(`environment: ${name} must be `);
  });

  it("OPSMEDIC_LISTEN wins over server.listen", () => {
    const write = { server: { listen: "127.0.0.1:1234" }, services: [] };
    const server = (variables: Record<string, string>) =>
      configFromObject(write, { baseDir: cwd, variables }).server;
    expect(server({ OPSMEDIC_LISTEN: "[::1]:4321" })).toMatchObject({
      host: "::1",
      port: 4_321,
      publicUrl: "http://[::1]:4321",
    });
    expect(server({ OPSMEDIC_LISTEN: "" })).toMatchObject({ host: "127.0.0.1", port: 1_234 });
    expect(readEnvironment({ OPSMEDIC_DEMO_PORT: "20000" })).toEqual({ OPSMEDIC_DEMO_PORT: 20_000 });
  });
});
