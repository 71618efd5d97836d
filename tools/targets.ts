// All targets by service name. A target is made for a service that is configured or labelled; for every other
// name there is none, so nothing else can be addressed.
import type { Clock } from "../domain/clock.ts";
import type { Service } from "../domain/service.ts";
import type { Engine } from "./docker-engine.ts";
import { makeDockerTarget } from "./docker-target.ts";
import type { ProcessSupervisor } from "./process-supervisor.ts";
import { makeProcessTarget } from "./process-target.ts";
import type { RuntimeEvents, Target, Targets } from "./target.ts";

export interface TargetsParts {
  services: () => readonly Service[];
  engine: Engine;
  supervisor: ProcessSupervisor;
  clock: Clock;
}

export function makeTargets({ services, engine, supervisor, clock }: TargetsParts): Targets {
  const made = new Map<Service, Target>();

  function make(service: Service): Target | undefined {
    const { runtime } = service;
    if (!runtime) return undefined;
    return runtime.kind === "process"
      ? makeProcessTarget(service, runtime, { supervisor, clock })
      : makeDockerTarget(service, runtime, { engine, clock });
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

/** Several runtimes' announcements as one. */
export function mergeEvents(...sources: readonly RuntimeEvents[]): RuntimeEvents {
  return {
    async follow(onEvent, signal) {
      await Promise.all(sources.map((one) => one.follow(onEvent, signal)));
    },
  };
}
