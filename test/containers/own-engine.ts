// A Docker engine of the test's own, whose disk is a few megabytes: it can be filled without harm to anybody. Its images
// are made of a file or of a shell, since there is no room for real ones.
import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { mountable, mountTmpfs } from "../acting/small-file-system.ts";
import { untilTrue } from "../scenarios/site.ts";

const run = promisify(execFile);

/** Needs the engine's program, and the right to mount. */
export const engineStartable = mountable && hasPrograms(["dockerd", "docker", "ldd", "unshare"]);

function hasPrograms(names: string[]): boolean {
  try {
    execFileSync("which", names, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

export interface ImageDraft {
  name: string;
  /** Of its one file, which cannot be compressed. */
  bytes: number;
  /** With a shell, cat, rm and sleep. */
  shell?: boolean;
  label?: string;
  /** ISO 8601. */
  created: string;
}

export type OwnEngine = Awaited<ReturnType<typeof openEngine>>;

export async function openEngine(megabytes: number) {
  const folder = mkdtempSync(join(tmpdir(), "opsmedic-engine-"));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const unmount = mountTmpfs(disk, `size=${megabytes}m`);
  const address = `unix://${join(folder, "engine.sock")}`;
  const paths = [
    "--data-root",
    join(disk, "root"),
    "--exec-root",
    join(folder, "exec"),
    "-p",
    join(folder, "pid"),
  ];
  const alone = ["--bridge=none", "--iptables=false", "--ip-forward=false", "--ip-masq=false"];
  // With a network of its own: an engine without a bridge removes docker0 at its start, which may be another engine's.
  const docker = async (...args: string[]): Promise<string> =>
    (await run("docker", ["-H", address, ...args], { timeout: 60_000 })).stdout.trim();
  const answers = (): Promise<boolean> =>
    docker("info").then(
      () => true,
      () => false,
    );
  const started = async () => {
    const engine = spawn("unshare", ["--net", "dockerd", ...paths, "-H", address, ...alone], {
      stdio: "ignore",
    });
    await untilTrue("the engine answers", answers, 50);
    return engine;
  };
  const stopped = async (): Promise<void> => {
    const ended = new Promise((resolve) => engine.once("exit", resolve));
    engine.kill();
    await ended;
  };
  let engine = await started();
  return {
    address,
    disk,
    docker,
    /** As it comes out of a registry: made when it says, and never tagged here. Returns its id. */
    async load({ name, bytes, shell = false, label, created }: ImageDraft): Promise<string> {
      const work = mkdtempSync(join(folder, "image-"));
      mkdirSync(join(work, "files"));
      if (shell) putShell(join(work, "files"));
      writeFileSync(join(work, "files", "content"), randomBytes(bytes));
      execFileSync("tar", ["-cf", join(work, "layer.tar"), "-C", join(work, "files"), "."]);
      const layer = createHash("sha256")
        .update(readFileSync(join(work, "layer.tar")))
        .digest("hex");
      const config = JSON.stringify({
        architecture: process.arch === "arm64" ? "arm64" : "amd64",
        os: "linux",
        created,
        config: { Cmd: ["/content"], ...(label !== undefined && { Labels: { [label]: "" } }) },
        rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
      });
      const manifest = [{ Config: "config.json", RepoTags: [name], Layers: ["layer.tar"] }];
      writeFileSync(join(work, "config.json"), config);
      writeFileSync(join(work, "manifest.json"), JSON.stringify(manifest));
      execFileSync("tar", [
        "-cf",
        join(work, "image.tar"),
        "-C",
        work,
        "manifest.json",
        "config.json",
        "layer.tar",
      ]);
      await docker("load", "-q", "-i", join(work, "image.tar"));
      rmSync(work, { recursive: true });
      return `sha256:${createHash("sha256").update(config).digest("hex")}`;
    },
    /** As if these containers had ended then (ISO 8601): the engine reads it from its own files. */
    async endedLongAgo(names: readonly string[], at: string): Promise<void> {
      const ids = await Promise.all(names.map((name) => docker("inspect", "-f", "{{.Id}}", name)));
      await stopped();
      for (const id of ids) {
        const file = join(disk, "root", "containers", id, "config.v2.json");
        const config = JSON.parse(readFileSync(file, "utf8")) as { State: { FinishedAt: string } };
        config.State.FinishedAt = at;
        writeFileSync(file, JSON.stringify(config));
      }
      engine = await started();
    },
    async [Symbol.asyncDispose]() {
      const all = (await docker("ps", "-aq")).split("\n").filter(Boolean);
      if (all.length > 0) await docker("rm", "-f", ...all);
      await stopped();
      unmount();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Programs of this machine with the libraries that they need. */
export function putShell(root: string, more: readonly string[] = []): void {
  for (const program of ["/bin/sh", "/bin/cat", "/bin/rm", "/bin/sleep", ...more]) {
    const told = execFileSync("ldd", [program], { encoding: "utf8" });
    const needed = [...told.matchAll(/(\/\S+) \(0x/g)].map((one) => one[1] ?? "");
    for (const path of [program, ...needed]) {
      const to = join(root, path);
      if (existsSync(to)) continue;
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(path, to);
    }
  }
}
