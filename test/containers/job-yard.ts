// Jobs in containers that have ended, on the machine's own engine: what they have written lies beside their volumes.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContainerRule, Service } from "../../domain/service.ts";
import { makeRemoveContainers } from "../../tools/actions/remove-containers.ts";
import { connectDocker } from "../../tools/docker-engine.ts";
import { makeStoppedContainers } from "../../tools/docker-stopped.ts";
import { makeSetAside } from "../../tools/set-aside.ts";
import { putShell } from "./own-engine.ts";
import { docker, openYard } from "./yard.ts";

/** What a job does: new files and folders, other rights, links, a file of its image changed where it lies. */
export const JOB = `echo result > /srv/result; chmod 600 /srv/result; ln /srv/result /srv/result-too
ln -s result /srv/link; mkdir -p /srv/deep/folder; echo deep > /srv/deep/folder/file; chmod 711 /srv/deep
echo new > /etc/app.conf; echo kept > /data/file; echo unnamed > /unnamed/file; echo asked > /asked/file; echo shared > /var/run/shared/file
echo "it said this"; echo "and complained" >&2; exit 3`;

/** Not what its containers want: an undo that takes the image's instead of none is seen. */
const ENTRYPOINT = 'ENTRYPOINT ["/bin/cat"]';

export type JobYard = Awaited<ReturnType<typeof openJobYard>>;

/** An image with a shell, and what may be done with containers of it. */
export async function openJobYard(services: readonly Service[] = []) {
  const yard = openYard();
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-jobs-"));
  const [root, shared] = [join(folder, "root"), join(folder, "shared")];
  for (const one of [shared, ...["etc", "srv", "var", "run"].map((name) => join(root, name))])
    mkdirSync(one, { recursive: true });
  putShell(root, ["/bin/mkdir", "/bin/chmod", "/bin/ln"]);
  writeFileSync(join(root, "etc/app.conf"), "old\n");
  writeFileSync(join(root, "srv/of-the-image"), "of the image\n");
  symlinkSync("../run", join(root, "var/run"));
  execFileSync("tar", ["-cf", join(folder, "image.tar"), "-C", root, "."]);
  const tag = `${yard.project}/job:1`;
  const image = await docker(
    "import",
    "--change",
    "ENV OF=image",
    "--change",
    ENTRYPOINT,
    join(folder, "image.tar"),
    tag,
  );
  const mine = `given.up=${yard.project}`;
  const [name = "", value = ""] = mine.split("=");
  const rule: ContainerRule = { olderThanMs: 0, label: `${name}=${value}` };
  const service = { name: "shop", cleanUpContainers: rule } as never;
  const setAside = makeSetAside(join(folder, "copies"));
  // Not the usual one: an opsmedic of another test would start what has it.
  const watchLabel = `watched.by.${yard.project}`;
  const engine = (address?: string) =>
    makeStoppedContainers({
      api: connectDocker(address),
      services: () => services,
      label: watchLabel,
    });
  const volume = yard.name("data");
  /** Those that the engine named stay with what comes back, so no removal of a container takes them. */
  const volumes = new Set([volume]);

  /** Made with these flags, and started unless it is to stay as it was created. */
  async function make(
    role: string,
    program: string,
    flags: readonly string[],
    start = true,
  ): Promise<string> {
    const names = ["--name", yard.name(role), "--label", yard.label];
    const all = [...names, ...flags, "--entrypoint", "", tag, "/bin/sh", "-c", program];
    const id = await docker("create", ...all);
    if (start) await docker("start", id);
    return id;
  }

  return {
    ...yard,
    folder,
    image,
    tag,
    mine,
    watchLabel,
    rule,
    service,
    setAside,
    make,
    containers: engine(),
    action: makeRemoveContainers({ containers: engine(), setAside }),
    context: { service, target: undefined, files: undefined, signal: AbortSignal.timeout(120_000) },
    /** Two networks, three kinds of mounts, settings of its own. Returns when it has ended. */
    async job(role: string, networks: readonly string[]): Promise<string> {
      const [first = "none", ...others] = networks;
      const mounts = ["-v", `${volume}:/data`, "-v", "/unnamed", "-v", `${shared}:/var/run/shared`];
      mounts.push("--mount", "type=volume,target=/asked");
      const limits = ["-m", "64m", "--cap-drop", "NET_RAW", "--tmpfs", "/scratch", "-e", "MODE=night"];
      const alias = first === "none" ? [] : ["--network-alias", "importer", "--hostname", "importer"];
      const flags = ["--label", mine, "--network", first, ...alias, ...limits, ...mounts, "-w", "/srv"];
      const id = await make(role, JOB, flags);
      for (const network of others) await docker("network", "connect", "--alias", "second", network, id);
      await docker("wait", id);
      const names = await docker("inspect", "-f", "{{range .Mounts}}{{.Name}} {{end}}", id);
      for (const one of names.split(" ").filter(Boolean)) volumes.add(one);
      return id;
    },
    params: (ids: readonly string[]) => ({
      at: Date.now(),
      containers: ids.map((id) => ({ id, name: "", bytes: 1 })),
    }),
    /** All that an operator can see of it, but its id and what a new life begins with. */
    async seen(role: string): Promise<string> {
      const info = JSON.parse(await docker("inspect", yard.name(role)))[0];
      const networks = Object.entries(info.NetworkSettings.Networks as Record<string, { Aliases: string[] }>);
      // Volumes without a name are asked for by it when they come back: which are there tell the mounts.
      const { Binds: _binds, Mounts: _asked, ...host } = info.HostConfig;
      const mounts = info.Mounts.map(({ Mode: _mode, ...one }: { Mode: string }) => JSON.stringify(one));
      return JSON.stringify([
        info.Name,
        info.Image,
        info.Config,
        host,
        info.State.Running,
        mounts.toSorted(),
        networks.map(([of, { Aliases: all }]) => [of, (all ?? []).filter((one) => !info.Id.startsWith(one))]),
        filesOf(yard.name(role), folder),
      ]);
    },
    async [Symbol.asyncDispose]() {
      await yard[Symbol.asyncDispose]();
      await docker("volume", "rm", "-f", ...volumes).catch(() => "");
      await docker("rmi", "-f", image).catch(() => "");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Made anew by the engine for each container, and the places at which it mounts what lies elsewhere. */
const OF_THE_ENGINE =
  /^(?:\.dockerenv$|(?:dev|proc|sys|data|unnamed|asked|scratch|run\/shared)\/|etc\/(?:hosts|hostname|resolv\.conf|mtab)\b)/;

/** Each file with rights, owner, size, time and a hash, as the tar program reads what the engine hands out. */
function filesOf(container: string, folder: string): string[] {
  const [archive, unpacked] = [join(folder, "seen.tar"), mkdtempSync(join(folder, "seen-"))];
  execFileSync("docker", ["export", "-o", archive, container]);
  const list = execFileSync("tar", ["-tv", "--full-time", "--numeric-owner", "-f", archive], {
    encoding: "utf8",
  });
  execFileSync("tar", ["-xf", archive, "-C", unpacked, "--exclude=dev", "srv", "etc"]);
  const content = execFileSync("sh", ["-c", "find srv etc/app.conf -type f | sort | xargs sha256sum"], {
    cwd: unpacked,
  });
  rmSync(unpacked, { recursive: true });
  const lines = list.split("\n").filter((line) => {
    const [, , , , , ...name] = line.split(/ +/);
    return line !== "" && !OF_THE_ENGINE.test(name.join(" "));
  });
  return [...lines, createHash("sha256").update(content).digest("hex")];
}
