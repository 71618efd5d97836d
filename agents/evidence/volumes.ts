// The file systems on which the service keeps its things: room, file entries, whether they can be written, and whether
// its user may.
import { dirname } from "node:path";
import type { Json } from "../../domain/json.ts";
import type { Volume } from "../../tools/machine.ts";
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
  const places = await writtenBy(look);
  const pid = (await look.pids())?.[0];
  const [engine, written, ...found] = await Promise.all([
    engineVolume(look),
    databaseVolumes(look),
    ...places.map((path) => machine.volume(path, pid)),
  ]);
  found.push(engine, ...written);
  return [...new Map(found.flatMap((one) => (one ? [[one.mount, one] as const] : []))).values()];
}

/** What a container writes that is in none of its volumes lies where the engine keeps its images. */
async function engineVolume(look: Look): Promise<Volume | undefined> {
  const { runtime } = look.scene.service;
  if (runtime === undefined || runtime.kind === "process") return undefined;
  const root = await look.parts.images?.root(look.signal).catch(() => undefined);
  return root === undefined ? undefined : look.parts.machine?.volume(root);
}

/** What a database server writes to is in no configuration of ours: it says so itself. */
async function databaseVolumes(look: Look): Promise<Volume[]> {
  const { service } = look.scene;
  if (service.database === undefined) return [];
  return ((await look.parts.databaseDisks?.of(service, look.signal))?.disks ?? []).map((one) => one.volume);
}

/** Folders named in the configuration, and the volumes of a container: never a path from a log. */
async function writtenBy(look: Look): Promise<string[]> {
  const { runtime, files, logs, cleanUp = [] } = look.scene.service;
  const mounts = runtime && runtime.kind !== "process" ? await writableMounts(look) : [];
  const all = [
    ...(files ? [files.root] : []),
    ...(runtime?.kind === "process" ? [runtime.cwd] : []),
    ...logs.flatMap((one) => (one.kind === "file" ? [folderOf(one.glob)] : [])),
    ...cleanUp.map((one) => one.root),
    ...mounts,
  ];
  return [...new Set(all)].slice(0, MOST_PLACES);
}

async function writableMounts(look: Look): Promise<string[]> {
  const mounts = (await look.described())?.["mounts"];
  return (Array.isArray(mounts) ? mounts : []).flatMap((one) => {
    const { Source: source, RW: writable } = (one ?? {}) as { [key: string]: Json };
    return typeof source === "string" && writable !== false ? [source] : [];
  });
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
