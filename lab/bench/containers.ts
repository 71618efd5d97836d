// Containers to kill, where a Docker engine answers and an image is there already; nothing is downloaded.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { connectDocker } from "../../tools/docker-engine.ts";

const LABEL = "opsmedic.test=bench";
/** Any small image with `sleep` does. */
const IMAGES = ["node:24-bookworm-slim", "redis:8", "busybox", "debian:12-slim"];

async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)("docker", args, { timeout: 60_000 })).stdout.trim();
}

/** An image of this machine; undefined where there is none, or no engine. */
export async function localImage(): Promise<string | undefined> {
  for (const image of IMAGES) {
    const found = await docker("image", "inspect", "--format", "{{.Id}}", image).catch(() => undefined);
    if (found !== undefined) return image;
  }
  return undefined;
}

export interface Container {
  name: string;
  /** What docker kill does, without the time of its command line: SIGKILL, as from the out-of-memory killer. */
  kill(): Promise<void>;
  /** Of the present instance, as the engine recorded it; Unix ms. */
  startedAt(): Promise<number>;
}

/** Disposing removes them. */
export async function startContainers(
  image: string,
  group: string,
  count: number,
): Promise<{ all: Container[]; label: string } & AsyncDisposable> {
  const label = `opsmedic.bench=${group}-${process.pid}`;
  const names = Array.from(
    { length: count },
    (_, index) => `opsmedic-bench-${group}-${process.pid}-${index}`,
  );
  const remove = async (): Promise<void> => {
    await docker("rm", "--force", ...names).catch(() => undefined);
  };
  try {
    for (const name of names) {
      const labels = ["--label", LABEL, "--label", label];
      await docker("run", "-d", "--name", name, ...labels, "--entrypoint", "sleep", image, "1000000");
    }
  } catch (error) {
    await remove();
    throw error;
  }
  return { all: names.map(containerOf), label, [Symbol.asyncDispose]: remove };
}

function containerOf(name: string): Container {
  const container = connectDocker().getContainer(name);
  return {
    name,
    kill: async () => {
      await container.kill();
    },
    startedAt: async () => preciseTime((await container.inspect()).State.StartedAt),
  };
}

/** RFC 3339 with nanoseconds. */
function preciseTime(text: string): number {
  const fraction = /\.(\d+)Z$/.exec(text)?.[1] ?? "0";
  return Date.parse(text.replace(/\.\d+Z$/, "Z")) + Number(`0.${fraction}`) * 1_000;
}
