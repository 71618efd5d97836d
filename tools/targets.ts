// All targets by service name, and what their runtimes announce as one stream.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Service } from "../domain/service.ts";
import type { ContainerCommands } from "./docker-command.ts";
import { type DockerApi } from "./docker-engine.ts";
import type { ContainerHistory } from "./docker-history.ts";
import { makeDockerTarget } from "./docker-target.ts";
import type { OwnRestarts } from "./own-restarts.ts";
import type { ProcessSupervisor } from "./process-supervisor.ts";
import { makeProcessTarget } from "./process-target.ts";
import type { RuntimeEvents, Target, Targets } from "./target.ts";

export interface TargetsParts {
  /** Configured and discovered ones, as they are now. */
  services: () => readonly Service[];
  clock: Clock;
  processes: ProcessSupervisor;
  /** Absent: services in containers answer every call with HealError "docker-unreachable". */
  docker?: {
    api: DockerApi;
    history: ContainerHistory;
    ownRestarts: OwnRestarts;
    commands: ContainerCommands;
  };
}

/** A target lives as long as its service is configured unchanged, since it remembers its last CPU sample. */
export function makeTargets({ services, clock, processes, docker }: TargetsParts): Targets {
  const made = new WeakMap<Service, Target>();

  function make(service: Service): Target | undefined {
    const { runtime } = service;
    if (runtime === undefined) return undefined;
    if (runtime.kind === "process") {
      return makeProcessTarget(service, runtime, { supervisor: processes, clock });
    }
    return docker ? makeDockerTarget(service, runtime, { ...docker, clock }) : withoutDocker(service);
  }

  return {
    of(name) {
      const service = services().find((one) => one.name === name);
      if (!service) return undefined;
      const target = made.get(service) ?? make(service);
      if (target) made.set(service, target);
      return target;
    },
  };
}

/** Several sources of events as one; ends when all have ended. */
export function mergeEvents(sources: readonly RuntimeEvents[]): RuntimeEvents {
  return {
    async follow(onEvent, signal) {
      await Promise.all(sources.map((one) => one.follow(onEvent, signal)));
    },
  };
}

function withoutDocker({ name }: Service): Target {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new HealError(`${name} runs in a container, and opsmedic was started without Docker.`, {
        code: "docker-unreachable",
        hint: "Set DOCKER_HOST, or mount /var/run/docker.sock into opsmedic's container.",
      }),
    );
  return {
    service: name,
    kind: "docker",
    state: refuse,
    use: refuse,
    logs: refuse,
    followLogs: refuse,
    start: refuse,
    restart: refuse,
    reload: refuse,
    scale: refuse,
    setMemoryLimit: refuse,
    describe: refuse,
  };
}
