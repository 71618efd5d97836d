// Where services run: plain processes and containers, those that were found by their label among them, and what the
// runtimes announce of them.
import { join } from "node:path";
import type { Logger } from "pino";
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import { makeDiscoveredServices } from "../tools/discovered-services.ts";
import { openContainerCommands } from "../tools/docker-command.ts";
import { connectDocker } from "../tools/docker-engine.ts";
import { makeDockerEvents } from "../tools/docker-events.ts";
import { makeContainerHistory } from "../tools/docker-history.ts";
import { makeStoppedContainers } from "../tools/docker-stopped.ts";
import { makeOwnRestarts } from "../tools/own-restarts.ts";
import { makeProcessEvents } from "../tools/process-events.ts";
import { makeProcessSupervisor } from "../tools/process-supervisor.ts";
import type { RuntimeEvents } from "../tools/target.ts";
import { makeTargets, mergeEvents } from "../tools/targets.ts";
import type { Config } from "./config.ts";

/** What a reload changes, beside the policy. */
export interface InForce {
  services: readonly Service[];
}

export interface RuntimesParts {
  config: Pick<Config, "dataDir" | "discover" | "healing">;
  inForce: InForce;
  /** unix:///var/run/docker.sock or tcp://host:port. */
  dockerHost?: string;
  /** What services' processes get: PATH, HOME, LANG. */
  baseEnv: Readonly<Record<string, string>>;
  logger: Logger;
  clock: Clock;
}

const USUAL_LABEL = "opsmedic.enable";

export function makeRuntimes({ config, inForce, dockerHost, baseEnv, logger, clock }: RuntimesParts) {
  const { dataDir, discover } = config;
  const api = connectDocker(dockerHost);
  const label = discover.dockerLabel ?? USUAL_LABEL;
  const looksForContainers = discover.dockerLabel !== undefined;
  const discovered = makeDiscoveredServices({
    api,
    clock,
    settings: () => ({ label, configured: inForce.services, probeEveryMs: config.healing.watchMs }),
    onProblem: (problem) =>
      problem !== undefined && logger.debug({ problem: messageOf(problem) }, "discovery"),
  });
  const services = (): readonly Service[] => [...inForce.services, ...discovered.services()];
  const supervisor = makeProcessSupervisor({ folder: join(dataDir, "processes"), clock, baseEnv });
  const history = makeContainerHistory({ api, clock });
  const docker = {
    api,
    history,
    ownRestarts: makeOwnRestarts(join(dataDir, "restarts")),
    commands: openContainerCommands(join(dataDir, "commands")),
  };

  function onProblem(problem: unknown): void {
    // Where nothing of ours runs in a container, a machine without Docker is nothing to be told of.
    const level = inForce.services.some(inContainer) ? "warn" : "debug";
    if (problem !== undefined) logger[level]({ problem: messageOf(problem) }, "runtime events");
  }

  const events: RuntimeEvents = mergeEvents([
    makeProcessEvents({
      names: () =>
        services()
          .filter(isProcess)
          .map(({ name }) => name),
      supervisor,
      clock,
      onProblem,
    }),
    makeDockerEvents({
      api,
      clock,
      services,
      history,
      onProblem,
      ...(looksForContainers && { onContainersChanged: discovered.hurry }),
    }),
  ]);

  return {
    /** Those of the configuration, and those that were found. */
    services,
    supervisor,
    docker,
    discovered: looksForContainers ? discovered : undefined,
    targets: makeTargets({ services, processes: supervisor, docker, clock }),
    /** Containers that have ended. */
    containers: makeStoppedContainers({ api, services, label }),
    events,
    inContainers: (): boolean => services().some(inContainer),
  };
}

const isProcess = ({ runtime }: Service): boolean => runtime?.kind === "process";
const inContainer = ({ runtime }: Service): boolean => runtime !== undefined && runtime.kind !== "process";
