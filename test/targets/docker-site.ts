// A real container to break, and everything of opsmedic that looks at it. Needs a Docker engine and the image
// node:24-bookworm-slim.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import type { Service } from "../../domain/service.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { openContainerCommands } from "../../tools/docker-command.ts";
import type { DockerRuntime } from "../../tools/docker-binding.ts";
import { connectDocker, type DockerApi } from "../../tools/docker-engine.ts";
import { makeContainerHistory } from "../../tools/docker-history.ts";
import { makeDockerTarget } from "../../tools/docker-target.ts";
import { makeOwnRestarts, type OwnRestarts } from "../../tools/own-restarts.ts";
import { PROGRAM, type Site } from "../contract/target.contract.ts";

export const IMAGE = "node:24-bookworm-slim";
const TEST_LABEL = "opsmedic.test=targets";

const run = promisify(execFile);

/** The docker command, as an operator uses it. Returns what it prints. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim();
}

export interface DockerSite extends Site {
  name: string;
  /** In the container: /control. */
  folder: string;
  service: Service;
  api: DockerApi;
  ownRestarts: OwnRestarts;
}

export interface SiteOptions {
  /** Of `docker run`. */
  flags?: readonly string[];
  program?: string;
  maxReplicas?: number;
  runtime?: (name: string) => DockerRuntime;
  api?: DockerApi;
}

export function serviceFor(name: string, runtime: DockerRuntime, maxReplicas = 3): Service {
  return {
    name,
    runtime,
    health: [],
    metrics: [],
    logs: [{ kind: "runtime" }],
    dependsOn: [],
    limits: { maxReplicas },
    protected: false,
    discovered: false,
  };
}

export const freshName = (): string => `opsmedic-test-${randomUUID().slice(0, 8)}`;

export async function openDockerSite(options: SiteOptions = {}): Promise<DockerSite> {
  const { flags = [], program = PROGRAM, api = connectDocker() } = options;
  const name = freshName();
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-docker-"));
  const runtime = options.runtime?.(name) ?? { kind: "docker", container: name };
  const service = serviceFor(name, runtime, options.maxReplicas);
  const ownRestarts = makeOwnRestarts(join(folder, "restarts"));
  const mount = ["-v", `${folder}:/control`, "-e", "CONTROL=/control/command"];
  const command = [IMAGE, "node", "-e", program];
  await docker("run", "-d", "--init", "--name", name, "--label", TEST_LABEL, ...mount, ...flags, ...command);
  const history = makeContainerHistory({ api, clock: systemClock });
  const commands = openContainerCommands(join(folder, "commands"));
  const target = makeDockerTarget(service, runtime, {
    api,
    clock: systemClock,
    history,
    ownRestarts,
    commands,
  });
  const site: DockerSite = {
    name,
    folder,
    service,
    api,
    target,
    ownRestarts,
    async tell(what) {
      writeFileSync(join(folder, "command.new"), what);
      renameSync(join(folder, "command.new"), join(folder, "command"));
    },
    kill: async () => {
      await docker("kill", "-s", "KILL", name);
    },
    operatorStop: async () => {
      await docker("stop", name);
    },
    async cutOffRestart() {
      ownRestarts.begin(name, (await target.state()).instance);
      await docker("stop", name);
    },
    async [Symbol.asyncDispose]() {
      const replicas = await docker("ps", "-aq", "--filter", `label=opsmedic.replica-of=${name}`);
      await docker("rm", "-f", "-v", name, ...replicas.split("\n").filter(Boolean)).catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  if (program === PROGRAM) await hasStarted(site);
  return site;
}

async function hasStarted({ target }: DockerSite): Promise<void> {
  await expect
    .poll(async () => (await target.logs({ since: 0, limit: 10 })).length, { timeout: 30_000 })
    .toBeGreaterThan(0);
}
