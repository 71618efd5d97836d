// A PostgreSQL with pgvector in a container, as the compose file has it, where a Docker engine answers and the image is
// there already; nothing is downloaded.
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";

const IMAGE = "pgvector/pgvector:pg17";
const UP_WITHIN_MS = 60_000;

async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)("docker", args, { timeout: 60_000 })).stdout.trim();
}

export interface PgvectorServer extends AsyncDisposable {
  /** "127.0.0.1:49153" */
  address: string;
  /** Of its empty database, as its superuser. */
  url: string;
  /** The same without the engine's proxy between, which copies every byte once more. */
  direct: string;
}

/** Disposing removes it. undefined: there is no engine, or no image. */
export async function startPgvector(): Promise<PgvectorServer | undefined> {
  const found = await docker("image", "inspect", "--format", "{{.Id}}", IMAGE).catch(() => undefined);
  if (found === undefined) return undefined;
  const options = ["--rm", "--label", "opsmedic.test=pgvector", "-e", "POSTGRES_HOST_AUTH_METHOD=trust"];
  const container = await docker("run", "-d", ...options, "-p", "127.0.0.1::5432", IMAGE);
  const remove = async (): Promise<void> => {
    await docker("rm", "--force", container).catch(() => undefined);
  };
  try {
    const address = await docker("port", container, "5432/tcp");
    const url = `postgres://postgres@${address}/postgres`;
    // The image starts a first server for its own setup, which listens on no port.
    for (const until = Date.now() + UP_WITHIN_MS; !(await answers(url)); await sleep(200))
      if (Date.now() > until) throw new Error(`${IMAGE} did not answer within ${UP_WITHIN_MS} ms`);
    const inside = await docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", container);
    const direct = `postgres://postgres@${inside}:5432/postgres`;
    return { address, url, direct, [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
