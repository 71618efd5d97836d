// The Docker engine as the targets use it: every call bounded in time, every failure in words that help.
import Docker from "dockerode";
import { HealError, messageOf } from "../domain/errors.ts";

export type Engine = ReturnType<typeof makeEngine>;
export type ContainerInfo = Docker.ContainerInspectInfo;

const CALL_LIMIT_MS = 15_000;
const DEFAULT_SOCKET = "/var/run/docker.sock";

/** `address` as the docker command reads it: unix:///path or tcp://host:port. */
export function makeEngine(address: string = `unix://${DEFAULT_SOCKET}`) {
  const docker = new Docker(optionsOf(address));

  /** Runs one call; 404 and 409 stay recognisable by code. */
  async function call<T>(
    what: string,
    work: (abortSignal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const limit = AbortSignal.timeout(CALL_LIMIT_MS);
    try {
      return await work(signal ? AbortSignal.any([signal, limit]) : limit);
    } catch (error) {
      signal?.throwIfAborted();
      throw inWords(error, what, address, limit.aborted);
    }
  }

  return { docker, call, address };
}

function optionsOf(address: string): Docker.DockerOptions {
  const url = new URL(address);
  if (url.protocol === "unix:") return { socketPath: url.pathname };
  return {
    host: url.hostname,
    port: Number(url.port || 2375),
    protocol: url.protocol === "https:" ? "https" : "http",
  };
}

function inWords(error: unknown, what: string, address: string, timedOut: boolean): HealError {
  const { code, statusCode } = error as { code?: string; statusCode?: number };
  if (statusCode === 404) {
    return new HealError(`Docker knows no such container (${what}).`, {
      code: "container-missing",
      cause: error,
    });
  }
  if (statusCode !== undefined) {
    return new HealError(`Docker refused: ${what}: ${messageOf(error)}`, {
      code: statusCode === 409 ? "docker-conflict" : "docker-refused",
      retryable: statusCode >= 500,
      cause: error,
    });
  }
  return new HealError(
    `Docker could not be asked at ${address} (${what}): ${timedOut ? "no answer in time" : messageOf(error)}.`,
    {
      code: "docker-unreachable",
      retryable: true,
      hint:
        code === "EACCES"
          ? "This user may not open the socket: add it to the group docker, or run opsmedic as a user who may."
          : "Is the engine running, and is the socket's path right (DOCKER_HOST)?",
      cause: error,
    },
  );
}
