// One door to all targets, whatever they run on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Service } from "../../domain/service.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { openContainerCommands } from "../../tools/docker-command.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { makeContainerHistory } from "../../tools/docker-history.ts";
import { makeOwnRestarts } from "../../tools/own-restarts.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import type { RuntimeEvents } from "../../tools/target.ts";
import { makeTargets, mergeEvents } from "../../tools/targets.ts";
import { serviceFor } from "./docker-site.ts";

const clock = systemClock;

describe("targets", () => {
  let folder: string;
  let services: Service[];
  const inDocker = serviceFor("web", { kind: "docker", container: "web" });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "opsmedic-targets-"));
    const command = ["sleep", "600"];
    services = [
      inDocker,
      { ...inDocker, name: "job", runtime: { kind: "process", command, cwd: folder, env: {} } },
      (({ runtime: _none, ...rest }) => ({ ...rest, name: "partner" }))(inDocker),
    ];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const processes = () => makeProcessSupervisor({ folder, clock, baseEnv: {} });

  it("are of the runtime that the configuration names, and none where nothing of ours runs", () => {
    const api = connectDocker("/nowhere.sock");
    const docker = {
      api,
      history: makeContainerHistory({ api, clock }),
      ownRestarts: makeOwnRestarts(folder),
      commands: openContainerCommands(folder),
    };
    const targets = makeTargets({ services: () => services, clock, processes: processes(), docker });
    expect(targets.of("web")).toMatchObject({ service: "web", kind: "docker" });
    expect(targets.of("job")).toMatchObject({ service: "job", kind: "process" });
    expect(targets.of("partner")).toBeUndefined();
    expect(targets.of("unknown")).toBeUndefined();
  });

  it("stay the same while the configuration does, and follow its changes", () => {
    const targets = makeTargets({ services: () => services, clock, processes: processes() });
    const before = targets.of("job");
    expect(targets.of("job")).toBe(before);
    services = services.map((one) => ({ ...one }));
    expect(targets.of("job")).not.toBe(before);
    services = [];
    expect(targets.of("job")).toBeUndefined();
  });

  it("in containers say what is missing without Docker; processes do not mind", async () => {
    const targets = makeTargets({ services: () => services, clock, processes: processes() });
    await expect(targets.of("web")?.state()).rejects.toMatchObject({
      code: "docker-unreachable",
      hint: expect.stringContaining("DOCKER_HOST"),
    });
    expect(await targets.of("job")?.state()).toMatchObject({ status: "absent" });
  });
});

/** Announces one event, and goes on until it is told to end. */
const source = (name: string): RuntimeEvents => ({
  async follow(onEvent, signal) {
    onEvent({ kind: "event", service: name, at: 1, event: "die" });
    await clock.sleep(60_000, signal).catch(() => undefined);
  },
});

describe("events of several runtimes", () => {
  it("come as one stream that ends when all have ended", async () => {
    const stop = new AbortController();
    const seen: string[] = [];
    const following = mergeEvents([source("a"), source("b")]).follow((one) => {
      seen.push(one.service);
      if (seen.length === 2) stop.abort();
    }, stop.signal);
    await following;
    expect(seen).toEqual(["a", "b"]);
  });
});
