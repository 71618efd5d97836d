// What opsmedic cannot see any more is told, by the server as a whole: a log that is gone, an
// engine whose socket goes away. Nothing is done about it, and it is over when it can be seen again.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeHealthView } from "../../api/health-view.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { openYard } from "../containers/yard.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import { openServer, type OwnServer, sleeper } from "./own-server.ts";

/** Patience is not waited for: time passes when the test says so. */
function makeHasteClock() {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: systemClock.sleep,
    pass: (ms: number) => {
      ahead += ms;
    },
  };
}

const blind = (server: OwnServer, service: string) =>
  server.findingsOf(service).find((one) => one.kind === "source-down");
const alerts = (server: OwnServer) =>
  server.published.filter((one) => one.topic === "alert").map((one) => one.data["type"]);

async function openLogged() {
  const clock = makeHasteClock();
  const server = await openServer({
    clock,
    services: (folder) => {
      writeFileSync(join(folder, "app.log"), "INFO up\n");
      return [sleeper("shop", { logs: [{ file: join(folder, "app.log") }] })];
    },
  });
  await server.well("shop");
  return { server, clock, log: server.path("app.log") };
}

/** It was told, once; health shows it; nobody acted. */
async function isToldAndLeftAlone(server: OwnServer, level: "warning" | "unknown"): Promise<void> {
  await untilTrue("the alert went out", () => alerts(server).length > 0);
  expect(alerts(server)).toEqual(["source-down"]);
  expect(makeHealthView(server).services()).toMatchObject([{ service: "shop", level }]);
  const checked = await server.body.healer.check({
    services: ["shop"],
    dryRun: false,
    trigger: "api",
    reason: "test",
  });
  expect(checked).toMatchObject({ findings: [{ kind: "source-down" }], runIds: [] });
  expect(await server.runsOf("shop")).toEqual([]);
  expect(await server.store.incidents.list({ limit: 5 })).toEqual([]);
}

async function isOver(server: OwnServer): Promise<void> {
  await server.well("shop");
  await untilTrue("its end was told", () => alerts(server).length > 1);
  expect(alerts(server)).toEqual(["source-down", "source-back"]);
  expect(await server.runsOf("shop")).toEqual([]);
}

describe("a log file", () => {
  it("that was removed is a finding until it is back", async () => {
    const { server, clock, log } = await openLogged();
    await using _ = server;
    rmSync(log);
    await untilTrue("it is missed", () => down(server).length > 0);
    expect(blind(server, "shop"), "a log may be rotated").toBeUndefined();
    clock.pass(60_000);
    await untilTrue("it is told", () => blind(server, "shop") !== undefined);
    expect(blind(server, "shop")).toMatchObject({ severity: "warning" });
    expect(blind(server, "shop")?.summary).toMatch(/ENOENT: no such file.*Check the path under logs/);
    await isToldAndLeftAlone(server, "warning");

    writeFileSync(log, "INFO up again\n");
    await isOver(server);
    await untilTrue("it is read again", () =>
      server.engine.monitor.window("shop").some((one) => one.kind === "log" && one.text.includes("up again")),
    );
  });
});

describeWith("docker", "an engine", () => {
  it("whose socket goes away is a finding of each of its services until it is back", async () => {
    await using yard = openYard();
    const container = await yard.run("web", { program: "setInterval(() => {}, 1000)" });
    await using engine = await openDetour();
    await using server = await openServer({
      services: () => [{ name: "shop", runtime: { docker: { container } }, logs: ["docker"] }],
      dockerHost: `unix://${engine.socket}`,
    });
    await server.well("shop");

    await engine.goAway();
    await untilTrue("it is told", () => blind(server, "shop") !== undefined);
    expect(blind(server, "shop")?.summary).toMatch(
      /^Not seen of shop: .*state \(.*no answer from Docker at /,
    );
    expect(JSON.stringify(blind(server, "shop")?.facts)).toContain("start Docker, mount its socket");
    await isToldAndLeftAlone(server, "unknown"); // nothing else is known of it

    await engine.comeBack();
    await isOver(server);
    expect((await yard.inspect("web")).RestartCount).toBe(0);
  });
});

/** A socket that leads to the real engine's, and can be taken away. */
async function openDetour() {
  const socket = join(mkdtempSync(join(tmpdir(), "opsmedic-detour-")), "docker.sock");
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect("/var/run/docker.sock");
    for (const one of [near, far]) {
      open.add(one);
      one
        .on("error", () => undefined)
        .on("close", () => {
          open.delete(one);
          near.destroy();
          far.destroy();
        });
    }
    near.pipe(far).pipe(near);
  });
  const comeBack = () => new Promise<void>((resolve) => server.listen(socket, resolve));
  const goAway = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const one of open) one.destroy();
    await closed;
  };
  await comeBack();
  return {
    socket,
    comeBack,
    goAway,
    async [Symbol.asyncDispose]() {
      if (server.listening) await goAway();
    },
  };
}

/** What was reported to be down, also before it counts. */
function down({ engine }: OwnServer): string[] {
  const last = new Map<string, boolean>();
  for (const one of engine.monitor.window("shop")) if (one.kind === "source") last.set(one.source, one.ok);
  return [...last].filter(([, ok]) => !ok).map(([source]) => source);
}
