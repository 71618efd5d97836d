// Which container is the service? Found anew at every call, since a container may be created again at any time,
// and checked, so that an action can never reach one that merely looks alike.
import type { Runtime } from "../domain/service.ts";
import { askEngine, type DockerApi, type Inspected, isMissing } from "./docker-engine.ts";

export type DockerRuntime = Extract<Runtime, { kind: "docker" | "compose" }>;

export const REPLICA_OF = "opsmedic.replica-of";
export const MANAGED = "opsmedic.managed";
export const REPLICA_NUMBER = "opsmedic.replica";
export const COMPOSE_PROJECT = "com.docker.compose.project";
export const COMPOSE_SERVICE = "com.docker.compose.service";
const COMPOSE_NUMBER = "com.docker.compose.container-number";
const COMPOSE_ONEOFF = "com.docker.compose.oneoff";

/** None: it does not exist now. Several: compose runs so many of a kind; by their numbers. */
export async function findContainers(
  api: DockerApi,
  runtime: DockerRuntime,
  signal?: AbortSignal,
): Promise<Inspected[]> {
  const names =
    runtime.kind === "docker" ? [runtime.container] : await composeContainers(api, runtime, signal);
  const found = await Promise.all(names.map((name) => inspect(api, name, signal)));
  return found.flatMap((one, place) => (one && isMeant(one, names[place] ?? "") ? one : []));
}

export async function inspect(
  api: DockerApi,
  name: string,
  signal?: AbortSignal,
): Promise<Inspected | undefined> {
  try {
    return await askEngine(api, `Looking at container ${name}`, { signal }, (abortSignal) =>
      api.getContainer(name).inspect({ abortSignal }),
    );
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** The engine also takes the beginning of an id for a name; only a long one is surely meant so. */
function isMeant(found: Inspected, name: string): boolean {
  return found.Name === `/${name}` || (/^[0-9a-f]{12,64}$/.test(name) && found.Id.startsWith(name));
}

async function composeContainers(
  api: DockerApi,
  { project, service }: Extract<DockerRuntime, { kind: "compose" }>,
  signal?: AbortSignal,
): Promise<string[]> {
  const label = [`${COMPOSE_PROJECT}=${project}`, `${COMPOSE_SERVICE}=${service}`];
  const all = await askEngine(
    api,
    `Looking for ${service} of compose project ${project}`,
    { signal },
    (abortSignal) => api.listContainers({ all: true, filters: { label }, abortSignal }),
  );
  // While compose recreates a container, the old and the new one have the same number: the newer one counts.
  const served = all
    .filter((one) => isServed({ name: listedName(one), labels: one.Labels }))
    .toSorted((a, b) => numberOf(a.Labels) - numberOf(b.Labels) || b.Created - a.Created);
  const newest = new Map(served.toReversed().map((one) => [numberOf(one.Labels), one.Id]));
  return [...new Set(served.map((one) => numberOf(one.Labels)))].flatMap(
    (number) => newest.get(number) ?? [],
  );
}

/** Of a container among those of its compose service; 1 for any other. */
export const numberOf = (labels: Readonly<Record<string, string>>): number =>
  Number(labels[COMPOSE_NUMBER] ?? 1);

/** What a list, an inspection and an event all tell of a container. */
export interface Named {
  name: string;
  labels: Readonly<Record<string, string>>;
}

/** The name under which a replica is made. */
export const replicaName = (original: string, number: number): string => `${original}-opsmedic-${number}`;

/**
 * Pure: which replica this is, if opsmedic has made it. Labels alone tell nothing: an image that was made of a replica
 * (docker commit) and copies by other tools carry them, too. A name is there once, and compose labels ours never have.
 */
export function replicaIn({ name, labels }: Named): { original: string; number: number } | undefined {
  if (labels[REPLICA_OF] === undefined || labels[MANAGED] !== "true") return undefined;
  if (labels[COMPOSE_PROJECT] !== undefined) return undefined;
  const number = Number(labels[REPLICA_NUMBER]);
  const ending = replicaName("", number);
  if (!Number.isInteger(number) || number < 2 || !name.endsWith(ending)) return undefined;
  return { original: name.slice(0, -ending.length), number };
}

/** Older links give a container further names, with a "/" in them. */
export function listedName({ Names: names, Id: id }: { Names: readonly string[]; Id: string }): string {
  return names.map((one) => one.slice(1)).find((one) => !one.includes("/")) ?? id;
}

/** `docker compose run` makes one-off containers of the same service; those and our replicas are not it. */
function isServed(one: Named): boolean {
  return one.labels[COMPOSE_ONEOFF]?.toLowerCase() !== "true" && replicaIn(one) === undefined;
}

/** Whether a container with this name, id and labels is the service's: the same rules for an event's attributes. */
export function isOf(runtime: DockerRuntime, { id, name, labels }: Named & { id: string }): boolean {
  if (!isServed({ name, labels })) return false;
  if (runtime.kind === "compose") {
    return labels[COMPOSE_PROJECT] === runtime.project && labels[COMPOSE_SERVICE] === runtime.service;
  }
  return (
    name === runtime.container ||
    (/^[0-9a-f]{12,64}$/.test(runtime.container) && id.startsWith(runtime.container))
  );
}

export function nameOf(runtime: DockerRuntime): string {
  return runtime.kind === "docker" ? runtime.container : `${runtime.project}/${runtime.service}`;
}
