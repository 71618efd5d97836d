// A yard of real containers for one test: run, broken and looked at by the docker command, as an operator would,
// and gone at the end. Needs a Docker engine and the image node:24-bookworm-slim.
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { z } from "zod";
import { untilTrue } from "../scenarios/site.ts";
import { freePort } from "../scenarios/surroundings.ts";

const IMAGE = "node:24-bookworm-slim";
const TEST_LABEL = "opsmedic.test=containers";
const run = promisify(execFile);

/** What it prints. */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run("docker", args, { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}

export interface ContainerOptions {
  /** Node runs it. */
  program: string;
  /** Of `docker run`. */
  flags?: readonly string[];
}

const inspectSchema = z.object({
  Id: z.string(),
  Name: z.string(),
  RestartCount: z.number(),
  State: z.object({
    Status: z.string(),
    Running: z.boolean(),
    StartedAt: z.string(),
    ExitCode: z.number(),
    Health: z.object({ Status: z.string() }).optional(),
  }),
  HostConfig: z.object({ Memory: z.number(), MemorySwap: z.number() }),
  Config: z.object({ Labels: z.record(z.string(), z.string()) }),
});
export type Inspected = z.infer<typeof inspectSchema>;

export async function inspect(container: string): Promise<Inspected> {
  const [found] = z.array(inspectSchema).parse(JSON.parse(await docker("inspect", container)));
  if (!found) throw new Error(`there is no container ${container}`);
  return found;
}

export type Yard = ReturnType<typeof openYard>;

export function openYard() {
  const yard = `opsmedic-test-${randomUUID().slice(0, 8)}`;
  const networks: string[] = [];
  const name = (role: string): string => `${yard}-${role}`;
  /** Not one of ours, so that it stays on replicas. */
  const label = `yard=${yard}`;
  const ofYard = async (): Promise<string[]> =>
    (await docker("ps", "-aq", "--no-trunc", "--filter", `label=${label}`)).split("\n").filter(Boolean);

  return {
    name,
    /** The project of `docker compose -p`. */
    project: yard,
    label,
    testLabel: TEST_LABEL,
    image: IMAGE,
    async run(role: string, { program, flags = [] }: ContainerOptions): Promise<string> {
      const labels = ["--label", TEST_LABEL, "--label", label];
      await docker(
        "run",
        "-d",
        "--init",
        "--name",
        name(role),
        ...labels,
        ...flags,
        IMAGE,
        "node",
        "-e",
        program,
      );
      return name(role);
    },
    /** As `docker run` wants it, and where it is then found: the port stays the same over restarts. */
    async published(port: number): Promise<{ flags: string[]; url: string }> {
      const free = await freePort();
      return { flags: ["-p", `127.0.0.1:${free}:${port}`], url: `http://127.0.0.1:${free}/` };
    },
    async network(role: string, ...flags: string[]): Promise<string> {
      await docker("network", "create", "--label", TEST_LABEL, ...flags, name(role));
      networks.push(name(role));
      return name(role);
    },
    inspect: (role: string) => inspect(name(role)),
    /** All containers of this yard, replicas too. */
    all: async () => Promise.all((await ofYard()).map(inspect)),
    /** A shell in the container. */
    exec: (role: string, command: string) => docker("exec", name(role), "sh", "-c", command),
    async answers(url: string): Promise<void> {
      await untilTrue(`${url} answers`, async () =>
        fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
          (answer) => answer.ok,
          () => false,
        ),
      );
    },
    async ends(role: string): Promise<void> {
      await untilTrue(`${role} has ended`, async () => !(await inspect(name(role))).State.Running);
    },
    /** Another instance of the same container runs. */
    async runsAnew(role: string, { Id, State: before }: Inspected): Promise<void> {
      await untilTrue(`${role} runs anew`, async () => {
        const now = await inspect(name(role));
        return now.Id === Id && now.State.Running && now.State.StartedAt !== before.StartedAt;
      });
    },
    async [Symbol.asyncDispose]() {
      const containers = await ofYard();
      if (containers.length > 0) await docker("rm", "-f", "-v", ...containers);
      for (const network of networks.splice(0)) await docker("network", "rm", network);
    },
  };
}
