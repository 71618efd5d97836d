// Looks for containers (Docker's list) and for well-known ports that listen on this machine.
import { connect } from "node:net";
import { messageOf } from "../../../domain/errors.ts";
import { replicaIn } from "../../../tools/docker-binding.ts";
import type { Found, FoundContainer, FoundPort } from "./found.ts";

const DOCKER_MS = 5_000;
const PORT_MS = 300;
const WELL_KNOWN: readonly FoundPort[] = [
  { port: 5432, kind: "postgres" },
  { port: 3306, kind: "mysql" },
  { port: 6379, kind: "redis" },
  { port: 80, kind: "http" },
  { port: 3000, kind: "http" },
  { port: 8000, kind: "http" },
  { port: 8080, kind: "http" },
];

/** The part of a container's listing that is read (Docker Engine API, GET /containers/json). */
export interface ListedContainer {
  Names: string[];
  Image: string;
  Labels: Record<string, string>;
  Ports: { PublicPort?: number; PrivatePort: number; Type: string }[];
}

export interface Surroundings {
  listContainers(signal: AbortSignal): Promise<ListedContainer[]>;
  listens(port: number, signal: AbortSignal): Promise<boolean>;
}

/** Never throws: what cannot be looked at becomes a note. */
export async function findServices(
  signal: AbortSignal,
  surroundings: Surroundings = thisMachine,
): Promise<Found> {
  const notes: string[] = [];
  const listed = await surroundings.listContainers(signal).catch((error: unknown) => {
    notes.push(`Docker was not asked: ${messageOf(error)}`);
    return [];
  });
  const containers = distinct(
    listed.filter((one) => !replicaIn({ name: nameOf(one), labels: one.Labels })).map(toContainer),
  );
  const taken = new Set(containers.flatMap(({ ports }) => ports.map(({ host }) => host)));
  const free = WELL_KNOWN.filter(({ port }) => !taken.has(port));
  const answers = await Promise.all(free.map(({ port }) => surroundings.listens(port, signal)));
  return { containers, ports: free.filter((_, at) => answers[at]), notes };
}

/** Replicas of one compose service are one service. */
function distinct(containers: readonly FoundContainer[]): FoundContainer[] {
  const byService = new Map(containers.map((one) => [identity(one), one]));
  return [...byService.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function identity({ name, compose }: FoundContainer): string {
  return compose ? `${compose.project}/${compose.service}` : `=${name}`;
}

const nameOf = ({ Names: names }: ListedContainer): string => (names[0] ?? "").replace(/^\//, "");

function toContainer(listed: ListedContainer): FoundContainer {
  const { Image, Labels, Ports } = listed;
  const project = Labels["com.docker.compose.project"];
  const service = Labels["com.docker.compose.service"];
  const folder = Labels["com.docker.compose.project.working_dir"];
  const needs = needsOf(Labels["com.docker.compose.depends_on"]);
  return {
    name: nameOf(listed),
    image: Image,
    ...(project && service && { compose: { project, service, needs, ...(folder && { folder }) } }),
    ports: Ports.flatMap(({ PublicPort, PrivatePort, Type }) =>
      PublicPort !== undefined && Type === "tcp" ? [{ host: PublicPort, container: PrivatePort }] : [],
    ),
  };
}

/** "db:service_healthy:false,cache:service_started:false" */
function needsOf(label: string | undefined): string[] {
  return (label ?? "").split(",").flatMap((one) => one.split(":")[0] || []);
}

const thisMachine: Surroundings = {
  async listContainers(signal) {
    const { default: Docker } = await import("dockerode");
    return new Docker().listContainers({
      abortSignal: AbortSignal.any([signal, AbortSignal.timeout(DOCKER_MS)]),
    });
  },
  listens: (port, signal) =>
    new Promise((resolve) => {
      const socket = connect({ host: "127.0.0.1", port, signal, timeout: PORT_MS });
      const done = (answer: boolean) => {
        socket.destroy();
        resolve(answer);
      };
      socket
        .once("connect", () => done(true))
        .once("timeout", () => done(false))
        .once("error", () => done(false));
    }),
};
