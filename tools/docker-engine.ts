// The connection to a Docker engine, and what its failures mean in an operator's words.
import { createRequire } from "node:module";
import type Docker from "dockerode";
import { HealError, messageOf } from "../domain/errors.ts";
import { withinLimit } from "./time-limit.ts";

/** The slice of dockerode that opsmedic uses. */
export type DockerApi = Pick<
  Docker,
  | "getContainer"
  | "getImage"
  | "listImages"
  | "loadImage"
  | "getNetwork"
  | "getVolume"
  | "listContainers"
  | "createContainer"
  | "getEvents"
  | "info"
  | "modem"
>;
export type Inspected = Docker.ContainerInspectInfo;

const DEFAULT_SOCKET = "/var/run/docker.sock";

/** With it come gRPC and SSH: 30 MB that a server which watches no containers never needs. */
const loadDocker = (): typeof Docker => createRequire(import.meta.url)("dockerode") as typeof Docker;

/**
 * Makes no connection yet, and loads the client when it is first asked: an engine that is not there fails the first
 * call, with HealError "docker-unreachable". `address` is written as in DOCKER_HOST (unix:///var/run/docker.sock,
 * tcp://host:2375); absent: the default socket. Throws HealError "docker-address" for what is neither.
 */
export function connectDocker(address?: string): DockerApi {
  const options = optionsOf(address === undefined || address === "" ? `unix://${DEFAULT_SOCKET}` : address);
  let client: DockerApi | undefined;
  return new Proxy({} as DockerApi, {
    get(_, name) {
      client ??= new (loadDocker())(options);
      const part: unknown = Reflect.get(client, name);
      return typeof part === "function" ? part.bind(client) : part;
    },
  });
}

function optionsOf(where: string): Docker.DockerOptions {
  // `host: undefined` as well: docker-modem would else prefer a DOCKER_HOST of the environment to this socket.
  if (where.startsWith("/")) return { socketPath: where, host: undefined };
  if (where.startsWith("unix://")) {
    return { socketPath: where.slice("unix://".length) || DEFAULT_SOCKET, host: undefined };
  }
  const url = URL.canParse(where) ? new URL(where) : undefined;
  if (url === undefined || !["tcp:", "http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw new HealError(`"${where}" is not the address of a Docker engine.`, {
      code: "docker-address",
      hint: "Write unix:///var/run/docker.sock or tcp://host:2375.",
    });
  }
  const secure = url.protocol === "https:" || url.port === "2376";
  return {
    host: url.hostname,
    port: url.port || (secure ? 2376 : 2375),
    protocol: secure ? "https" : "http",
  };
}

export function addressOf(api: DockerApi): string {
  const { socketPath, host, port } = api.modem as object as Partial<Record<string, string | number>>;
  return socketPath === undefined ? `${host ?? ""}:${port ?? ""}` : String(socketPath);
}

/**
 * One question to the engine, with a time limit (ms). Throws HealError "docker-unreachable" (retryable),
 * "container-missing" or "docker-refused"; an abort by the caller throws the caller's own reason.
 */
export async function askEngine<T>(
  api: DockerApi,
  what: string,
  { limitMs = 10_000, signal }: { limitMs?: number; signal?: AbortSignal | undefined },
  ask: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withinLimit(limitMs, signal, ask);
  } catch (error) {
    signal?.throwIfAborted();
    throw engineError(what, addressOf(api), error);
  }
}

/** The HTTP status of an engine's refusal; undefined when it was no refusal. */
export function statusOf(error: unknown): number | undefined {
  const source = error instanceof HealError ? error.cause : error;
  const status = (source as { statusCode?: unknown } | undefined)?.statusCode;
  return typeof status === "number" ? status : undefined;
}

export function isMissing(error: unknown): boolean {
  return error instanceof HealError && error.code === "container-missing";
}

export function engineError(what: string, address: string, cause: unknown): HealError {
  if (cause instanceof HealError && cause.code !== "timed-out") return cause;
  const status = statusOf(cause);
  // docker-modem writes "(HTTP code 409) unexpected - the reason ".
  const reason = messageOf(cause)
    .replace(/^\(HTTP code \d+\) [^-]* - /, "")
    .trim();
  if (status === 404 && /container/i.test(reason)) {
    return new HealError(`${what}: there is no such container (${reason}).`, {
      code: "container-missing",
      hint: "See `docker ps --all`; create it again with `docker compose up -d` or `docker run`.",
      cause,
    });
  }
  if (status !== undefined) {
    return new HealError(`${what}: Docker refused: ${reason}.`, {
      code: "docker-refused",
      retryable: status >= 500,
      cause,
    });
  }
  return new HealError(`${what}: no answer from Docker at ${address}: ${reason}.`, {
    code: "docker-unreachable",
    retryable: true,
    hint: unreachableHint(address, cause),
    cause,
  });
}

function unreachableHint(address: string, cause: unknown): string {
  const code = (cause as { code?: unknown }).code;
  if (code === "EACCES" || code === "EPERM") {
    return `This user may not use ${address}: add it to the group "docker", or give the container that group.`;
  }
  if (code === "ENOENT") {
    return `${address} does not exist: start Docker, mount its socket into opsmedic's container, or set DOCKER_HOST.`;
  }
  return `Check that the Docker engine runs and answers at ${address} (docker version).`;
}
