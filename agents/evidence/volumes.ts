// The file systems on which the service keeps its things: room, file entries, whether they can be written, and whether
// its user may.
import { dirname } from "node:path";
import type { JsonObject } from "../../domain/json.ts";
import type { Machine, Volume } from "../../tools/machine.ts";
import { type Look, type Observer, percent, plainLine, seen, unseen } from "./observer.ts";

const MOST_PLACES = 12;
const NONE = unseen("none of its folders can be seen from here");

const volumeUse: Observer = async (look) => {
  const fullest = (await volumesOf(look)).toSorted((a, b) => b.used - a.used)[0];
  if (!fullest) return NONE;
  return seen(
    { value: fullest.used, mount: fullest.mount },
    plainLine(`${fullest.mount} at ${percent(fullest.used)}`),
  );
};

const volumeInodes: Observer = async (look) => {
  const volumes = (await volumesOf(look)).filter((one) => one.inodes !== undefined);
  const fullest = volumes.toSorted((a, b) => (b.inodes ?? 0) - (a.inodes ?? 0))[0];
  if (!fullest) return NONE;
  const share = fullest.inodes ?? 0;
  return seen(
    { value: share, mount: fullest.mount },
    plainLine(`${percent(share)} of the file entries of ${fullest.mount} are taken`),
  );
};

/** The mount that can only be read, of those that it should write to; null: none. */
const volumeReadOnly: Observer = async (look) => {
  const volumes = await volumesOf(look);
  const locked = volumes.find((one) => one.readOnly);
  if (locked) return seen(locked.mount, plainLine(`${locked.mount} can only be read`));
  return volumes.length > 0 ? seen(null, "all its file systems can be written") : NONE;
};

/** The first of its files and folders that its user may not use as it must; null: it may use all. */
const filesDenied: Observer = async (look) => {
  const pid = (await look.pids())?.[0];
  const { machine } = look.parts;
  if (pid === undefined || !machine) return unseen("as whom it runs cannot be seen");
  const needs = await needsOf(look);
  const answers = await Promise.all(
    needs.map(async ([path, what]) => ({ path, what, may: await machine.mayUse(path, what, pid) })),
  );
  const denied = answers.find((one) => one.may === false);
  if (denied) {
    const { path, what } = denied;
    return seen({ value: path, what }, plainLine(`its user may not ${what} ${path}`));
  }
  return answers.some((one) => one.may === true) ? seen(null, "its user may use its files") : NONE;
};

export const volumes: Record<string, Observer> = {
  "volume-use": volumeUse,
  "volume-inodes": volumeInodes,
  "volume-read-only": volumeReadOnly,
  "files-denied": filesDenied,
};

async function volumesOf(look: Look): Promise<Volume[]> {
  const { machine } = look.parts;
  if (!machine) return [];
  const [configured, mounted, engine, written] = await Promise.all([
    configuredVolumes(look, machine),
    mountedVolumes(look, machine),
    engineVolume(look),
    databaseVolumes(look),
  ]);
  return distinct([...configured, ...mounted, engine, ...written]);
}

/** Each file system once, by the kernel's number: two trees of mounts may have two under one name. The first name counts. */
function distinct(all: readonly (Volume | undefined)[]): Volume[] {
  const known = new Map<string, Volume>();
  for (const one of all) {
    const key = one && `${one.device ?? one.mount} ${one.readOnly}`;
    if (key !== undefined && !known.has(key)) known.set(key, one as Volume);
  }
  return [...known.values()];
}

/** Paths of the configuration are this machine's. A plain process may have mounts of its own over them. */
async function configuredVolumes(look: Look, machine: Machine): Promise<(Volume | undefined)[]> {
  const paths = configuredPaths(look);
  if (isContainer(look)) return Promise.all(paths.map((path) => machine.volume(path)));
  const pid = (await look.pids())?.[0];
  return Promise.all(paths.map(async (path) => (await machine.volume(path, pid)) ?? machine.volume(path)));
}

/** As the container sees them; where that is hidden, or it has ended, by their places on this machine. */
async function mountedVolumes(look: Look, machine: Machine): Promise<(Volume | undefined)[]> {
  if (!isContainer(look)) return [];
  const [mounts, pids] = await Promise.all([writableMounts(look), look.pids()]);
  const pid = pids?.[0];
  return Promise.all(
    mounts.map(async ({ source, destination }) => {
      const [its, ours] = await Promise.all([
        pid === undefined ? undefined : machine.volume(destination, pid),
        source === "" ? undefined : machine.volume(source),
      ]);
      if (its === undefined || ours === undefined) return its ?? ours;
      // An operator knows it by its name here.
      return its.device === ours.device ? { ...its, mount: ours.mount } : its;
    }),
  );
}

function isContainer({ scene }: Look): boolean {
  const { runtime } = scene.service;
  return runtime !== undefined && runtime.kind !== "process";
}

/** What a container writes that is in none of its volumes lies where the engine keeps its images. */
async function engineVolume(look: Look): Promise<Volume | undefined> {
  if (!isContainer(look)) return undefined;
  const root = await look.parts.images?.root(look.signal).catch(() => undefined);
  return root === undefined ? undefined : look.parts.machine?.volume(root);
}

/** What a database server writes to is in no configuration of ours: it says so itself. */
async function databaseVolumes(look: Look): Promise<Volume[]> {
  const { service } = look.scene;
  if (service.database === undefined) return [];
  return ((await look.parts.databaseDisks?.of(service, look.signal))?.disks ?? []).map((one) => one.volume);
}

/** Folders named in the configuration: never a path from a log. */
function configuredPaths({ scene }: Look): string[] {
  const { runtime, files, logs, cleanUp = [] } = scene.service;
  const all = [
    ...(files ? [files.root] : []),
    ...(runtime?.kind === "process" ? [runtime.cwd] : []),
    ...logs.flatMap((one) => (one.kind === "file" ? [folderOf(one.glob)] : [])),
    ...cleanUp.map((one) => one.root),
  ];
  return [...new Set(all)].slice(0, MOST_PLACES);
}

async function writableMounts(look: Look): Promise<{ source: string; destination: string }[]> {
  const mounts = (await look.described())?.["mounts"];
  return (Array.isArray(mounts) ? mounts : [])
    .flatMap((one) => {
      const { Source: source = "", Destination: destination, RW: writable } = (one ?? {}) as JsonObject;
      if (typeof source !== "string" || typeof destination !== "string" || writable === false) return [];
      return [{ source, destination }];
    })
    .slice(0, MOST_PLACES);
}

/** What must be possible: reading each editable file, writing where its logs go. */
async function needsOf(look: Look): Promise<[path: string, what: "read" | "write"][]> {
  const { files, logs } = look.scene.service;
  const editable = files ? ((await look.parts.filesOf(look.scene.service)?.list()) ?? []) : [];
  return [
    ...editable.slice(0, MOST_PLACES).map((one): [string, "read"] => [`${files?.root}/${one.path}`, "read"]),
    ...logs.flatMap((one): [string, "write"][] =>
      one.kind === "file" ? [[folderOf(one.glob), "write"]] : [],
    ),
  ];
}

/** The folder before the first star; what is written after a backslash is no star. */
function folderOf(glob: string): string {
  const plain = (glob.split(/(?<!\\)[*?[{]/, 1)[0] ?? glob).replaceAll(/\\(.)/g, "$1");
  return plain.endsWith("/") ? plain.slice(0, -1) || "/" : dirname(plain);
}
