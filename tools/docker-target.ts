// A container, or a service of a compose project, as a Target.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Service } from "../domain/service.ts";
import { type DockerRuntime, inspectService, replicasOf } from "./docker-containers.ts";
import type { ContainerInfo, Engine } from "./docker-engine.ts";
import { followLogs, readLogs } from "./docker-logs.ts";
import { addReplica } from "./docker-replica.ts";
import { endingOf } from "./docker-stopped-by.ts";
import { makeUseReader } from "./docker-use.ts";
import type { ServiceState, Target } from "./target.ts";

export interface DockerTargetParts {
  engine: Engine;
  clock: Clock;
  /** Between SIGTERM and SIGKILL, seconds. */
  graceSeconds?: number;
}

const ABSENT: ServiceState = {
  status: "absent",
  health: "none",
  instance: "",
  oomKilled: false,
  restartCount: 0,
  stoppedByOperator: false,
  replicas: 0,
};

export function makeDockerTarget(
  service: Service,
  runtime: DockerRuntime,
  { engine, clock, graceSeconds = 5 }: DockerTargetParts,
): Target {
  const inspect = (signal?: AbortSignal): Promise<ContainerInfo> => inspectService(engine, runtime, signal);
  const readUse = makeUseReader({ engine, clock });
  const container = (info: ContainerInfo) => engine.docker.getContainer(info.Id);

  async function state(signal?: AbortSignal): Promise<ServiceState> {
    const info = await inspect(signal).catch((error: unknown) => {
      if (error instanceof HealError && error.code === "container-missing") return undefined;
      throw error;
    });
    if (!info) return ABSENT;
    const up = info.State.Running || info.State.Restarting;
    const ending = up ? undefined : await endingOf(engine, info, signal);
    const replicas = up
      ? (await replicasOf(engine, service.name, signal)).filter((one) => one.running).length + 1
      : 0;
    return stateOf(info, { replicas, ...ending });
  }

  return {
    service: service.name,
    kind: "docker",
    state,
    async use(signal) {
      const info = await inspect(signal);
      return info.State.Running ? readUse(info, signal) : undefined;
    },
    logs: (options, signal) => readLogs({ engine, inspect, clock }, options, signal),
    followLogs: (onLine, options, signal) => followLogs({ engine, inspect, clock }, onLine, options, signal),
    async start(signal) {
      const info = await inspect(signal);
      if (info.State.Running) return;
      await engine.call(
        `start ${service.name}`,
        (abortSignal) => container(info).start({ abortSignal }),
        signal,
      );
    },
    // The engine does stop and start as one call and ends it even when the caller is gone.
    async restart(signal) {
      const info = await inspect(signal);
      await engine.call(
        `restart ${service.name}`,
        (abortSignal) => container(info).restart({ t: graceSeconds, abortSignal }),
        signal,
      );
    },
    async reload(name, signal) {
      const info = await inspect(signal);
      await engine.call(
        `signal ${service.name}`,
        (abortSignal) => container(info).kill({ signal: name, abortSignal }),
        signal,
      );
    },
    async scale(replicas, signal) {
      const highest = Math.max(service.limits.maxReplicas, 1);
      const ours = await replicasOf(engine, service.name, signal);
      if (replicas < 1 || replicas > Math.max(highest, ours.length + 1))
        throw outOfRange(service.name, highest, replicas);
      const info = await inspect(signal);
      for (let count = ours.length + 1; count < replicas; count += 1) {
        await addReplica(
          engine,
          service.name,
          info,
          (ours.at(-1)?.number ?? 1) + count - ours.length,
          signal,
        );
      }
      for (const surplus of ours.slice(replicas - 1)) {
        await engine.call(
          "remove",
          (abortSignal) => engine.docker.getContainer(surplus.id).remove({ force: true, abortSignal }),
          signal,
        );
      }
    },
    async setMemoryLimit(bytes, signal) {
      if (bytes === undefined) {
        throw new HealError("Docker cannot lift a memory limit of a container that exists.", {
          code: "not-supported",
        });
      }
      const info = await inspect(signal);
      const { Memory: memory = 0, MemorySwap: swap = 0 } = info.HostConfig;
      // A limit above the swap limit is refused, so both move together and the room for swapping stays the same.
      const room = swap > 0 ? swap - memory : bytes;
      const update = { Memory: bytes, MemorySwap: swap === -1 ? -1 : bytes + room };
      await engine.call(
        `memory of ${service.name}`,
        (abortSignal) => container(info).update({ ...update, abortSignal }),
        signal,
      );
    },
    async describe(signal) {
      const info = await inspect(signal);
      const replicas = await replicasOf(engine, service.name, signal);
      return description(info, replicas.length + 1);
    },
  };
}

function stateOf(
  info: ContainerInfo,
  {
    replicas,
    byOperator = false,
    outOfMemory = false,
  }: { replicas: number; byOperator?: boolean; outOfMemory?: boolean },
): ServiceState {
  const { State, RestartCount } = info;
  const up = State.Running || State.Restarting;
  const startedAt = Date.parse(State.StartedAt);
  const finishedAt = Date.parse(State.FinishedAt);
  return {
    status: statusOf(info),
    health: healthOf(State.Health?.Status),
    instance: `${info.Id.slice(0, 12)}:${State.StartedAt}`,
    oomKilled: State.OOMKilled || outOfMemory,
    restartCount: RestartCount,
    stoppedByOperator: byOperator,
    replicas,
    ...(startedAt > 0 && { startedAt }),
    ...(!up && finishedAt > 0 && { finishedAt, exitCode: State.ExitCode }),
  };
}

function statusOf({ State }: ContainerInfo): ServiceState["status"] {
  if (State.Paused) return "paused";
  if (State.Restarting) return "restarting";
  if (State.Running) return "running";
  return State.Status === "created" ? "created" : "exited";
}

function healthOf(status: string | undefined): ServiceState["health"] {
  return status === "healthy" || status === "unhealthy" || status === "starting" ? status : "none";
}

function description(info: ContainerInfo, replicas: number): JsonObject {
  const { Memory = 0, MemorySwap = 0, NanoCpus = 0, RestartPolicy } = info.HostConfig;
  return {
    kind: "docker",
    id: info.Id,
    name: info.Name.replace(/^\//, ""),
    image: info.Config.Image,
    imageId: info.Image,
    command: [info.Config.Entrypoint ?? [], info.Config.Cmd ?? []].flat(),
    labels: info.Config.Labels,
    memoryLimitBytes: Memory === 0 ? null : Memory,
    memorySwapBytes: MemorySwap,
    nanoCpus: NanoCpus,
    restartPolicy: RestartPolicy?.Name ?? "",
    startedAt: info.State.StartedAt,
    replicas,
  };
}

function outOfRange(name: string, highest: number, replicas: number): HealError {
  return new HealError(`${name} may have 1 to ${highest} replicas, not ${replicas}.`, {
    code: "replicas-out-of-range",
    hint: "Raise limits.maxReplicas in the configuration.",
  });
}
