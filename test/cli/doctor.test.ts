// doctor: each check with a well and an ill machine.
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HealError } from "../../domain/errors.ts";
import { examine } from "../../api/cli/doctor/examine.ts";
import { clockCheck, diskCheck, gitCheck, nodeCheck } from "../../api/cli/doctor/machine-checks.ts";
import { runChecks } from "../../api/cli/doctor/run-checks.ts";
import { postgresCheck, postgresTime, redisCheck } from "../../api/cli/doctor/server-checks.ts";
import { storeLockCheck } from "../../api/cli/doctor/data-checks.ts";
import { lockStore } from "../../knowledge/store-lock.ts";
import { answersStatus, type Protocol, says, startModelServer } from "../fakes/model-server.ts";
import { startLoki } from "../fakes/loki-server.ts";
import { startPostgres } from "../knowledge/postgres-server.ts";
import { startRedis } from "../observation/servers.ts";
import { describeWith } from "../services-available.ts";
import { announceServer } from "../../api/cli/server-file.ts";
import { fakeOperations } from "./fake-operations.ts";
import { runCli } from "./run-cli.ts";

let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "opsmedic-doctor-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const nothing = fakeOperations().operations;
const signal = AbortSignal.timeout(60_000);

const doctor = (status: "fail" | "warn") => ({ doctor: async () => [{ name: "x", status, text: "y" }] });

const clock = (theirs: number | undefined) =>
  clockCheck(() => 1_000_000, [{ name: "the database", now: async () => theirs }]);

describe("doctor", () => {
  it("exits with 3 where something must be mended, and not for a warning", async () => {
    expect(await runCli(["doctor"], nothing, doctor("fail"))).toMatchObject({ code: 3 });
    expect(await runCli(["doctor"], nothing, doctor("warn"))).toMatchObject({ code: 0 });
  });

  it.each<Protocol>(["openai", "ollama"])(
    "asks a model of %s one question, and says what is missing",
    async (provider) => {
      await using server = await startModelServer(says('{"ok":true}', { in: 30, out: 6 }));
      const about = async (more = "") => {
        const model = `{ provider: ${provider}, model: small, baseUrl: "${server.url(provider)}"${more} }`;
        await writeFile(join(cwd, "opsmedic.yaml"), `services: []\nmodel: ${model}\n`);
        const results = await examine({ cwd, signal, variables: { PATH: "/usr/bin:/bin" } });
        return results.find((one) => one.name === "model");
      };
      expect(await about()).toMatchObject({
        status: "ok",
        text: expect.stringMatching(/small answered .* 36 tokens/),
      });
      server.behave(says("Hello!"));
      expect(await about()).toMatchObject({
        status: "fail",
        advice: expect.stringMatching(/not in the JSON/),
      });
      server.behave(answersStatus(401));
      expect(await about()).toMatchObject({
        status: "fail",
        text: expect.stringMatching(/401.*model\.apiKey/),
      });
      server.behave(answersStatus(404));
      expect(await about()).toMatchObject({
        status: "fail",
        text: expect.stringMatching(/404.*ollama pull/),
      });
    },
  );

  it("works without a configuration, and shows the complaints of a wrong one", async () => {
    const statuses = async () =>
      Object.fromEntries(
        (await examine({ cwd, signal, variables: { PATH: "/usr/bin:/bin" } })).map((one) => [one.name, one]),
      );
    expect(await statuses()).toMatchObject({
      node: { status: "ok" },
      git: { status: "ok" },
      configuration: { status: "fail" },
      "data folder": { status: "ok" },
    });
    await writeFile(join(cwd, "opsmedic.yaml"), "servces: []\n");
    expect(await statuses()).toMatchObject({
      configuration: { advice: expect.stringContaining('opsmedic.yaml:1:1 Unrecognized key: "servces"') },
    });
    await writeFile(join(cwd, "opsmedic.yaml"), "services: []\n");
    expect(await statuses()).toMatchObject({ configuration: { status: "ok" } });
  });

  it("asks each log source, and says what to do about one that refuses", async () => {
    await using loki = await startLoki({ tenant: "shop" });
    loki.write([{ at: BigInt(Date.now() - 30_000) * 1_000_000n, stream: { app: "shop" }, line: "up" }]);
    const source = (more: string) => `  - { type: loki, url: "${loki.url}", query: '{app="shop"}'${more} }`;
    const lines = ["services: []", "logs:", source(", tenant: shop"), source(", tenant: other")];
    await writeFile(join(cwd, "opsmedic.yaml"), lines.join("\n"));
    const results = await examine({ cwd, signal, variables: { PATH: "/usr/bin:/bin" } });
    expect(results.filter(({ name }) => name === "log source")).toMatchObject([
      {
        status: "ok",
        text: expect.stringMatching(/^loki .* shop .*: 1 lines in the last 2 minutes$/) as unknown,
      },
      { status: "fail", advice: expect.stringContaining("Check the key") as unknown },
    ]);
  });

  it("says which folders, programs and log files of services are not there", async () => {
    const about = async (services: string) => {
      await writeFile(join(cwd, "opsmedic.yaml"), `services:\n${services}`);
      const results = await examine({ cwd, signal, variables: { PATH: "/usr/bin:/bin" } });
      return results.filter(({ name }) => name === "watched services");
    };
    await writeFile(join(cwd, "app.log"), "up\n");
    await writeFile(join(cwd, "run.sh"), "#!/bin/sh\n", { mode: 0o700 });
    const well = `runtime: { process: { command: ./run.sh } }, logs: [runtime, { file: "*.log" }], files: { root: . }`;
    expect(await about(`  - { name: web, ${well} }\n`)).toMatchObject([{ status: "ok" }]);

    const ill = [
      "  - { name: a, runtime: { process: { command: ./run.sh, cwd: nowhere } } }",
      "  - { name: b, runtime: { process: { command: no-such-program } }, files: { root: gone } }",
      "  - { name: c, logs: [{ file: later.log }] }",
    ];
    expect(await about(ill.join("\n"))).toMatchObject([
      { status: "fail", text: `a: there is no folder ${cwd}/nowhere` },
      { status: "fail", text: "b: there is no program no-such-program" },
      { status: "fail", text: `b: there is no folder ${cwd}/gone` },
      { status: "warn", text: `c: there is no log file ${cwd}/later.log` },
    ]);
  });

  it("a check that throws has failed, with its message", async () => {
    const check = {
      name: "x",
      run: () => Promise.reject(new HealError("gone", { code: "gone", hint: "bring it back" })),
    };
    expect(await runChecks([check], signal)).toEqual([
      { name: "x", status: "fail", text: "gone", advice: "bring it back" },
    ]);
  });

  it("a check that hangs fails in time", async () => {
    const check = { name: "x", run: () => new Promise<never>(() => undefined) };
    const [result] = await runChecks([check], AbortSignal.abort(new Error("time is over")));
    expect(result).toEqual({ name: "x", status: "fail", text: "time is over" });
  });

  it("judges versions, clocks and space", async () => {
    const GIB = 1_024 ** 3;
    const results = await runChecks(
      [
        nodeCheck("v22.18.0"),
        nodeCheck("v20.20.2"),
        gitCheck(join(cwd, "no-git"), {}),
        clock(1_000_400),
        clock(1_030_000),
        clock(undefined),
        diskCheck(cwd, async () => 5 * GIB),
        diskCheck(cwd, async () => GIB / 2),
        diskCheck(cwd, async () => GIB / 10),
      ],
      signal,
    );
    expect(results.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "node ok",
      "node fail",
      "git fail",
      "clock ok",
      "clock fail",
      "clock ok",
      "disk space ok",
      "disk space warn",
      "disk space fail",
    ]);
    expect(results[4]?.text).toBe("30 s behind the database");
  });

  it("a database or queue that does not answer is a failure with a way out", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    const results = await runChecks(
      [postgresCheck(`postgres://u@127.0.0.1:${port}/x`), redisCheck(`redis://127.0.0.1:${port}`)],
      signal,
    );
    expect(results).toMatchObject([
      { name: "postgresql", status: "fail", text: expect.stringContaining("ECONNREFUSED") },
      { name: "redis", status: "fail", text: expect.stringContaining("ECONNREFUSED") },
    ]);
  });
});

async function lookAtLock() {
  return (await runChecks([storeLockCheck(cwd)], signal))[0];
}

describe("the store's lock", () => {
  it("names the process that holds it, and the server that announced itself", async () => {
    expect(await lookAtLock()).toMatchObject({ status: "ok", text: "free" });
    const lock = await lockStore(join(cwd, "store.lock"));
    expect(await lookAtLock()).toMatchObject({ status: "warn", text: `held by process ${process.pid}` });

    await announceServer(cwd, { url: "http://127.0.0.1:1", pid: process.pid });
    expect(await lookAtLock()).toMatchObject({
      status: "ok",
      text: expect.stringContaining("a server runs"),
    });
    await lock.release();
  });
});

describeWith("postgres", "doctor with a real PostgreSQL", () => {
  it("reads its version and its clock", async () => {
    await using server = await startPostgres();
    const url = await server.createDatabase("doctor");
    const [database, time, otherTime] = await runChecks(
      [
        postgresCheck(url),
        clockCheck(() => Date.now(), [postgresTime(url)]),
        clockCheck(() => Date.now() + 60_000, [postgresTime(url)]),
      ],
      signal,
    );
    expect(database).toMatchObject({ text: expect.stringMatching(/^version 1\d, (without )?pgvector/) });
    expect(time).toMatchObject({ status: "ok", text: "agrees with the database" });
    expect(otherTime).toMatchObject({
      status: "fail",
      text: expect.stringContaining("ahead of the database"),
    });
  });
});

function docker(...words: string[]): string {
  return execFileSync("docker", words, { encoding: "utf8" }).trim();
}

describeWith("docker", "doctor with pgvector", () => {
  it("is content", async () => {
    const settings = [
      "--label",
      "opsmedic.test=cli",
      "-e",
      "POSTGRES_HOST_AUTH_METHOD=trust",
      "-p",
      "127.0.0.1::5432",
    ];
    const id = docker("run", "-d", "--rm", ...settings, "pgvector/pgvector:pg17");
    try {
      const address = docker("port", id, "5432/tcp").split("\n")[0] ?? "";
      const look = async () =>
        (await runChecks([postgresCheck(`postgres://postgres@${address}/postgres`)], signal))[0];
      await expect
        .poll(look, { timeout: 50_000, interval: 500 })
        .toMatchObject({ status: "ok", text: expect.stringMatching(/^version 17, pgvector \d/) });
    } finally {
      docker("rm", "-f", "-v", id);
    }
  });
});

describeWith("redis", "doctor with a real Redis", () => {
  it("warns where the queue could lose jobs", async () => {
    const safe = await startRedis();
    const evicting = await startRedis("--maxmemory-policy", "allkeys-lru");
    try {
      const checks = [safe, evicting].map(({ port }) => redisCheck(`redis://127.0.0.1:${port}`));
      expect(await runChecks(checks, signal)).toMatchObject([
        { status: "ok" },
        { status: "warn", text: expect.stringContaining("maxmemory-policy allkeys-lru") },
      ]);
    } finally {
      await Promise.all([safe.stop(), evicting.stop()]);
    }
  });
});
