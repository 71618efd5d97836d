// A service to act on: real files in a temporary folder, and a runtime that lives in memory and can be cut off in the
// middle of what it is asked to do.
import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, mkdtemp, readFile, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Clock } from "../../domain/clock.ts";
import type { Service } from "../../domain/service.ts";
import type { ActionContext } from "../../tools/action.ts";
import { makeGuardedFiles } from "../../tools/guarded-files.ts";
import type { ServiceState, Target } from "../../tools/target.ts";

export const mebibyte = 1_048_576;

/** A clock that stands at one moment until it is told otherwise. */
export function clockAt(start: number): Clock & { set(now: number): void } {
  let now = start;
  return {
    now: () => now,
    set: (at) => {
      now = at;
    },
    sleep: () => Promise.resolve(),
  };
}

export interface FakeRuntime {
  status: ServiceState["status"];
  starts: number;
  replicas: number;
  memoryLimitBytes: number | undefined;
  memoryBytes: number;
  endsOnReload: boolean;
  stoppedByOperator: boolean;
  /** Which container has the service's name, and which others are kept. */
  containers: { id: string; image: string; command: string }[];
  /** The next change breaks off: before it was done, or after it but before the answer. */
  cut: "before" | "after" | undefined;
}

export const badImage = `sha256:${"b".repeat(64)}`;
export const goodImage = `sha256:${"a".repeat(64)}`;

export const badCommand = `sha256:${"d".repeat(64)}`;
export const goodCommand = `sha256:${"c".repeat(64)}`;

export class Killed extends Error {}

export function makeFakeTarget(runtime: FakeRuntime): Target {
  const change = (work: () => void) => {
    const cut = runtime.cut;
    runtime.cut = undefined;
    if (cut === "before") return Promise.reject(new Killed("before"));
    work();
    return cut === "after" ? Promise.reject(new Killed("after")) : Promise.resolve();
  };
  const begin = () => {
    runtime.status = "running";
    runtime.starts += 1;
  };
  return {
    service: "shop",
    kind: "process",
    state: () =>
      Promise.resolve({
        status: runtime.status,
        health: "none",
        instance: `instance-${runtime.starts}`,
        oomKilled: false,
        startedAt: 1_000 * runtime.starts,
        restartCount: 0,
        stoppedByOperator: runtime.stoppedByOperator,
        replicas: runtime.replicas,
      }),
    use: () => Promise.resolve(runtime.status === "running" ? useOf(runtime) : undefined),
    logs: () => Promise.resolve([]),
    followLogs: () => Promise.resolve(),
    start: () => change(() => runtime.status !== "running" && begin()),
    restart: () => change(begin),
    reload: () => change(() => runtime.endsOnReload && (runtime.status = "exited")),
    scale: (replicas) => change(() => (runtime.replicas = replicas)),
    setMemoryLimit: (bytes) => change(() => (runtime.memoryLimitBytes = bytes)),
    replaceable: {
      present: () => {
        const [present] = runtime.containers;
        const original = { name: "shop", restartPolicy: { Name: "always", MaximumRetryCount: 0 }, ran: true };
        return Promise.resolve({
          imageId: present?.image ?? "",
          commandId: present?.command ?? "",
          original: { id: present?.id ?? "", ...original },
          others: [],
        });
      },
      keepCommand: () => Promise.resolve({ id: goodCommand, shown: "serve" }),
      hasVersion: ({ imageId = goodImage, commandId = goodCommand }) =>
        Promise.resolve(imageId === goodImage && commandId === goodCommand),
      replace: ({ id }, { imageId: image, commandId: command = badCommand }) =>
        change(() => {
          if (runtime.containers[0]?.id === id)
            runtime.containers.unshift({ id: `${id}-new`, image, command });
        }),
      bringBack: ({ id }) =>
        change(() => {
          runtime.containers = runtime.containers.filter((one) => one.id === id);
        }),
      isBack: ({ id }) => Promise.resolve(runtime.containers[0]?.id === id),
    },
    describe: () =>
      Promise.resolve({ replicas: runtime.replicas, memoryLimitBytes: runtime.memoryLimitBytes ?? null }),
  };
}

function useOf({ memoryBytes, memoryLimitBytes }: FakeRuntime) {
  return { cpu: 0, memoryBytes, ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }) };
}

export interface World extends AsyncDisposable {
  root: string;
  runtime: FakeRuntime;
  context: ActionContext;
  put(path: string, content: string | Buffer, mode?: number): Promise<void>;
  /** Everything about the folder that a service could notice: names, kinds, modes, owners, links, bytes. */
  folderHash(): Promise<string>;
}

export async function openWorld(editable: string[] = ["config/**", ".env"]): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), "opsmedic-acting-"));
  const runtime: FakeRuntime = {
    status: "running",
    starts: 1,
    replicas: 1,
    memoryLimitBytes: 256 * mebibyte,
    memoryBytes: 64 * mebibyte,
    endsOnReload: false,
    stoppedByOperator: false,
    containers: [{ id: "first", image: badImage, command: badCommand }],
    cut: undefined,
  };
  const spec = { root, editable, afterEdit: "none" as const };
  return {
    root,
    runtime,
    context: {
      service: serviceWith(spec),
      target: makeFakeTarget(runtime),
      files: makeGuardedFiles(spec),
      signal: AbortSignal.timeout(30_000),
    },
    async put(path, content, mode = 0o644) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
      await chmod(join(root, path), mode);
    },
    folderHash: () => hashOfFolder(root),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

function serviceWith(files: NonNullable<Service["files"]>): Service {
  return {
    name: "shop",
    health: [],
    metrics: [],
    logs: [],
    dependsOn: [],
    files,
    limits: { maxReplicas: 3, maxMemoryBytes: 1_024 * mebibyte },
    protected: false,
    discovered: false,
  };
}

export async function hashOfFolder(root: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, name);
    const { mode, uid, gid } = await lstat(path);
    hash.update(`${name}\0${mode}\0${uid}\0${gid}\0`);
    if ((mode & 0o170000) === 0o100000) hash.update(await readFile(path));
    if ((mode & 0o170000) === 0o120000) hash.update(await readlink(path));
  }
  return hash.digest("hex");
}
