// Containers that ask to be watched, by label: `opsmedic.enable=true`. Optional: opsmedic.name, opsmedic.http
// (an address to probe), opsmedic.depends-on (names, with commas between). Labels are data: what is not well-formed
// is reported and left out.
import type Docker from "dockerode";
import type { Probe, Service } from "../domain/service.ts";
import { COMPOSE_PROJECT, COMPOSE_SERVICE, type DockerRuntime, isOf, replicaIn } from "./docker-binding.ts";
import { isKept } from "./docker-replaced.ts";
import { askEngine, type DockerApi } from "./docker-engine.ts";

export interface Discovered {
  services: Service[];
  /** One sentence each: labels that were not understood, names taken twice. */
  problems: string[];
}

export interface DiscoverySettings {
  /** "opsmedic.enable", or what the configuration says. */
  label: string;
  /** Of the configuration: they keep their names and containers. */
  configured: readonly Service[];
  /** Between two probes, ms. */
  probeEveryMs: number;
}

/** Same rule as for names in the configuration. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/;
const PROBE_TIMEOUT_MS = 2_000;
const MOST_DEPENDENCIES = 50;

/** Running or not: a container that has crashed is still there. Throws what askEngine throws. */
export async function discover(
  api: DockerApi,
  settings: DiscoverySettings,
  signal?: AbortSignal,
): Promise<Discovered> {
  const found = await askEngine(api, "Looking for containers with our label", { signal }, (abortSignal) =>
    api.listContainers({ all: true, filters: { label: [`${settings.label}=true`] }, abortSignal }),
  );
  return servicesFrom(found, settings);
}

type Listed = Pick<Docker.ContainerInfo, "Id" | "Names" | "Labels">;

/** Pure: which services these containers are. */
export function servicesFrom(
  containers: readonly Listed[],
  { configured, probeEveryMs }: DiscoverySettings,
): Discovered {
  const services: Service[] = [];
  const problems: string[] = [];
  for (const container of containers.toSorted((a, b) => (containerName(a) < containerName(b) ? -1 : 1))) {
    const labels = container.Labels;
    const known = [...configured, ...services];
    if (replicaIn(identityOf(container)) || isKept(containerName(container))) continue;
    if (known.some((one) => covers(one, container))) continue;
    const name = labels["opsmedic.name"] ?? labels[COMPOSE_SERVICE] ?? containerName(container);
    const runtime = runtimeOf(container);
    // Covers one-off containers of `docker compose run`: not even its own runtime takes them for the service.
    if (!isOf(runtime, identityOf(container))) continue;
    if (!NAME.test(name)) {
      problems.push(
        `container ${containerName(container)}: "${name.slice(0, 80)}" cannot be a service's name`,
      );
    } else if (known.some((one) => one.name === name)) {
      problems.push(`container ${containerName(container)}: there is a service "${name}" already`);
    } else {
      services.push({
        name,
        runtime,
        health: probesFrom(labels, probeEveryMs, container, problems),
        metrics: [],
        logs: [{ kind: "runtime" }],
        dependsOn: dependenciesFrom(labels, container, problems),
        limits: { maxReplicas: 1 },
        protected: false,
        discovered: true,
      });
    }
  }
  return { services, problems };
}

const containerName = ({ Names, Id }: Listed): string => Names[0]?.replace(/^\//, "") ?? Id.slice(0, 12);

const identityOf = (container: Listed) => ({
  id: container.Id,
  name: containerName(container),
  labels: container.Labels,
});

function covers({ runtime }: Service, container: Listed): boolean {
  return runtime !== undefined && runtime.kind !== "process" && isOf(runtime, identityOf(container));
}

/** By compose project and service where there is one: it outlives the container. */
function runtimeOf(container: Listed): DockerRuntime {
  const [project, service] = [container.Labels[COMPOSE_PROJECT], container.Labels[COMPOSE_SERVICE]];
  return project !== undefined && service !== undefined
    ? { kind: "compose", project, service }
    : { kind: "docker", container: containerName(container) };
}

function probesFrom(
  labels: Listed["Labels"],
  everyMs: number,
  container: Listed,
  problems: string[],
): Probe[] {
  const text = labels["opsmedic.http"];
  if (text === undefined) return [];
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") {
    return [{ kind: "http", url: url.href, everyMs, timeoutMs: PROBE_TIMEOUT_MS, expect: {} }];
  }
  problems.push(`container ${containerName(container)}: opsmedic.http is not an http address`);
  return [];
}

function dependenciesFrom(labels: Listed["Labels"], container: Listed, problems: string[]): string[] {
  const names = (labels["opsmedic.depends-on"] ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "")
    .slice(0, MOST_DEPENDENCIES);
  const good = names.filter((name) => NAME.test(name));
  if (good.length < names.length) {
    problems.push(`container ${containerName(container)}: opsmedic.depends-on holds what is no name`);
  }
  return good;
}
