// Which container a service is, asked anew for every call: a container that was recreated is the same service.
import { HealError } from "../domain/errors.ts";
import type { Runtime } from "../domain/service.ts";
import type { ContainerInfo, Engine } from "./docker-engine.ts";

export type DockerRuntime = Extract<Runtime, { kind: "docker" | "compose" }>;

export const REPLICA_OF = "opsmedic.replica-of";
export const MANAGED = "opsmedic.managed";
export const COMPOSE_PROJECT = "com.docker.compose.project";
export const COMPOSE_SERVICE = "com.docker.compose.service";
const COMPOSE_NUMBER = "com.docker.compose.container-number";

/** HealError "container-missing" when there is none. A replica of ours is never taken for the original. */
export async function inspectService(
  engine: Engine,
  runtime: DockerRuntime,
  signal?: AbortSignal,
): Promise<ContainerInfo> {
  const id = runtime.kind === "docker" ? runtime.container : await composeContainer(engine, runtime, signal);
  return engine.call(
    `inspect ${id}`,
    (abortSignal) => engine.docker.getContainer(id).inspect({ abortSignal }),
    signal,
  );
}

async function composeContainer(
  engine: Engine,
  runtime: Extract<DockerRuntime, { kind: "compose" }>,
  signal?: AbortSignal,
): Promise<string> {
  const label = [`${COMPOSE_PROJECT}=${runtime.project}`, `${COMPOSE_SERVICE}=${runtime.service}`];
  const found = await engine.call(
    "list",
    (abortSignal) => engine.docker.listContainers({ all: true, filters: { label }, abortSignal }),
    signal,
  );
  const [first] = found
    .filter((one) => one.Labels[REPLICA_OF] === undefined)
    .sort((a, b) => Number(a.Labels[COMPOSE_NUMBER]) - Number(b.Labels[COMPOSE_NUMBER]));
  if (first) return first.Id;
  throw new HealError(
    `Compose project ${runtime.project} has no container of the service ${runtime.service}.`,
    {
      code: "container-missing",
      hint: `Create it with: docker compose -p ${runtime.project} up -d ${runtime.service}`,
    },
  );
}

/** Our own replicas of a service, oldest first. */
export async function replicasOf(
  engine: Engine,
  service: string,
  signal?: AbortSignal,
): Promise<{ id: string; running: boolean; number: number }[]> {
  const filters = { label: [`${REPLICA_OF}=${service}`, `${MANAGED}=true`] };
  const found = await engine.call(
    "list",
    (abortSignal) => engine.docker.listContainers({ all: true, filters, abortSignal }),
    signal,
  );
  return found
    .map((one) => ({
      id: one.Id,
      running: one.State === "running",
      number: Number(one.Labels["opsmedic.replica"] ?? 0),
    }))
    .sort((a, b) => a.number - b.number);
}
