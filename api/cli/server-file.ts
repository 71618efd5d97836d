// How a running server tells the command line of the same machine where it is: <dataDir>/server.json with its
// address and process, and <dataDir>/admin-token, readable by its owner alone.
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HealError } from "../../domain/errors.ts";

export interface ServerPlace {
  url: string;
  pid: number;
}

/** Announces the server; the answer takes the announcement away again, if it is still this process's. */
export async function announceServer(dataDir: string, place: ServerPlace): Promise<() => Promise<void>> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeWhole(join(dataDir, "server.json"), `${JSON.stringify(place)}\n`);
  return async () => {
    if ((await readPlace(dataDir))?.pid === place.pid)
      await rm(join(dataDir, "server.json"), { force: true });
  };
}

/** The server of this data folder, if its process is alive. */
export async function runningServer(dataDir: string): Promise<ServerPlace | undefined> {
  const place = await readPlace(dataDir);
  return place !== undefined && isAlive(place.pid) ? place : undefined;
}

export async function writeAdminToken(dataDir: string, token: string): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeWhole(join(dataDir, "admin-token"), `${token}\n`);
}

/** undefined where there is none; a file that others may read is refused (HealError "token-exposed"). */
export async function readAdminToken(dataDir: string): Promise<string | undefined> {
  const file = join(dataDir, "admin-token");
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  if ((found.mode & 0o077) !== 0) {
    throw new HealError(`${file} can be read by others`, {
      code: "token-exposed",
      hint: `chmod 600 ${file}`,
    });
  }
  const token = (await readFile(file, "utf8")).trim();
  return token === "" ? undefined : token;
}

async function readPlace(dataDir: string): Promise<ServerPlace | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(join(dataDir, "server.json"), "utf8"));
    return isPlace(read) ? read : undefined;
  } catch {
    return undefined;
  }
}

function isPlace(value: unknown): value is ServerPlace {
  if (typeof value !== "object" || value === null || !("url" in value) || !("pid" in value)) return false;
  const { url, pid } = value;
  return typeof url === "string" && /^https?:\/\//.test(url) && Number.isInteger(pid) && Number(pid) > 0;
}

/** A process that belongs to somebody else is alive too. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Readers see the old content or the new, never a half. */
async function writeWhole(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, text, { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, file);
}
