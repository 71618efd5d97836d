// Containers of a fault's own, made from an image that is here already; nothing is downloaded.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import type { Ground, Scene, Seen } from "./fault.ts";

const IMAGES = ["node:24-bookworm-slim", "node:24", "node:22-bookworm-slim"];
const ANSWERS_WITHIN_MS = 1_500;
const LABEL = "opsmedic.test=lab";

export async function docker(...args: string[]): Promise<string> {
  return (await promisify(execFile)("docker", args, { timeout: 60_000 })).stdout.trim();
}

/** An image with Node that is here; undefined where there is none, or no engine. */
export async function nodeImage(): Promise<string | undefined> {
  for (const image of IMAGES) {
    const found = await docker("image", "inspect", "--format", "{{.Id}}", image).catch(() => undefined);
    if (found !== undefined) return image;
  }
  return undefined;
}

export interface ContainerRole {
  /** More arguments of docker run. */
  run?: readonly string[];
  more?: object;
}

export type ContainerSite = Awaited<ReturnType<typeof openContainerSite>>;

export async function openContainerSite(ground: Ground, roles: Readonly<Record<string, ContainerRole>>) {
  const image = await nodeImage();
  if (image === undefined) throw new Error("no image with Node is here");
  const program = fileURLToPath(new URL("../programs/web.ts", import.meta.url));
  const names = Object.keys(roles);
  const containerOf = (role: string): string => `opsmedic-lab-${process.pid}-${ground.nameOf(role)}`;
  const ports: Record<string, number> = {};
  /** That these do not run is the fault's own doing. */
  const broken = new Set<string>();
  ground.disposables.defer(async () => {
    await docker("rm", "--force", ...names.map(containerOf)).catch(() => undefined);
  });
  const rollOut = async (
    role: string,
    command: readonly string[] = ["node", "/shop/web.ts"],
  ): Promise<void> => {
    const place = ["--name", containerOf(role), "--label", LABEL, "-p", `127.0.0.1:${ports[role]}:8080`];
    // The one who waits must not be process 1, which ignores signals that it has not asked for.
    const files = ["--init", "-v", `${program}:/shop/web.ts:ro`, "-e", "PORT=8080", "-e", "HOST=0.0.0.0"];
    await docker("run", "-d", ...place, ...files, ...(roles[role]?.run ?? []), image, ...command);
  };
  for (const role of names) {
    ports[role] = await ground.freePort();
    await rollOut(role);
  }

  const site = {
    docker,
    containerOf,
    become: async (role: string, way: string): Promise<void> => {
      await (await fetch(`http://127.0.0.1:${ports[role]}/become/${way}`)).text();
    },
    /** Another container in its place, as who deploys without compose would do it. */
    async replace(role: string, command: readonly string[]): Promise<void> {
      await docker("rm", "--force", containerOf(role));
      await rollOut(role, command);
    },
    willEnd: (role: string): void => void broken.add(role),
    async answers(role: string): Promise<boolean> {
      try {
        const limit = AbortSignal.timeout(ANSWERS_WITHIN_MS);
        const answer = await fetch(`http://127.0.0.1:${ports[role]}/?quiet`, { signal: limit });
        await answer.arrayBuffer();
        return answer.status === 200;
      } catch {
        return false;
      }
    },
    allAnswer: async (): Promise<boolean> => (await Promise.all(names.map(site.answers))).every(Boolean),
    async state(): Promise<Seen> {
      const format = "{{.Id}} started {{.State.StartedAt}} {{.State.Status}}|{{.HostConfig.Memory}}";
      const seen: Record<string, string> = {};
      for (const role of names) {
        const told = await docker("inspect", "--format", format, containerOf(role)).catch(() => "none|");
        const [life = "", memory = ""] = told.split("|");
        seen[`process ${role}`] = broken.has(role) ? life.replace(/ \w+$/, "") : life;
        seen[`setting memory of ${role}`] = memory;
      }
      return seen;
    },
    scene(acts: Pick<Scene, "break"> & Partial<Scene>): Scene {
      return {
        services: names.map((role) => ({
          name: ground.nameOf(role),
          runtime: { docker: { container: containerOf(role) } },
          health: [{ http: `http://127.0.0.1:${ports[role]}/`, timeout: "2s", expect: { maxMs: 1_200 } }],
          ...roles[role]?.more,
        })),
        names: Object.fromEntries(names.map((role) => [role, ground.nameOf(role)])),
        break: acts.break,
        well: acts.well ?? site.allAnswer,
        state: acts.state ?? site.state,
        data: acts.data ?? (async () => ({})),
        mend: acts.mend ?? (async () => undefined),
      };
    },
  };
  return site;
}

export function containerScene(
  roles: Readonly<Record<string, ContainerRole>>,
  acts: (site: ContainerSite) => Pick<Scene, "break"> & Partial<Scene>,
) {
  return async (ground: Ground): Promise<Scene> => {
    const site = await openContainerSite(ground, roles);
    return site.scene(acts(site));
  };
}
