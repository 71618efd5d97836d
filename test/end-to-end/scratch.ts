// A folder with an opsmedic.yaml of its own, small programs to watch, and the real command line in it; no server.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../domain/system-clock.ts";
import { makeProcessSupervisor } from "../../tools/process-supervisor.ts";
import { type Folder, makeKnown } from "./known-folder.ts";

const bin = fileURLToPath(new URL("../../bin/opsmedic.js", import.meta.url));

export interface Ended {
  code: number | null;
  out: string;
  err: string;
}

export type Scratch = Awaited<ReturnType<typeof makeScratch>>;

/** `config` is the text of its opsmedic.yaml, without one where undefined. */
export async function makeScratch(
  config: string | undefined,
  programs: Record<string, string> = {},
  kind: Folder = "known",
) {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-scratch-"));
  if (kind === "known") await makeKnown(folder);
  for (const [name, text] of Object.entries(programs)) await writeFile(join(folder, name), text);
  if (config !== undefined) await writeFile(join(folder, "opsmedic.yaml"), config);
  const supervisor = makeProcessSupervisor({
    folder: join(folder, ".opsmedic/processes"),
    clock: systemClock,
    baseEnv: {},
  });
  const env: Record<string, string> = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? "",
    OPSMEDIC_LISTEN: "127.0.0.1:0",
  };
  const started = new Set<string>();

  return {
    folder,
    env,
    pidOf: (service: string): number | undefined => supervisor.pidOf(service),
    /** `opsmedic <words>`; services named here are stopped at the end. */
    run: (...words: string[]): Promise<Ended> =>
      new Promise((resolve) => {
        const child = execFile(process.execPath, [bin, ...words], { cwd: folder, env }, (_, out, err) =>
          resolve({ code: child.exitCode, out, err }),
        );
      }),
    mayRun: (...services: string[]): void => services.forEach((one) => started.add(one)),
    async [Symbol.asyncDispose]() {
      for (const one of started) await supervisor.stop(one);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** Listens after a while, as real services do; /die ends it as a crash would. */
export const slowStarter = (port: number): string => `
  import { createServer } from "node:http";
  const answer = (request, response) => {
    if (request.url === "/die") process.exit(3);
    response.end("ok");
  };
  setTimeout(() => createServer(answer).listen(${port}, "127.0.0.1"), 1200);
`;
