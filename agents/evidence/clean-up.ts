// What could be cleared where the service keeps its things, by its owner's own rules: file by file, with sizes.
import type { Json } from "../../domain/json.ts";
import type { CleanUpRule } from "../../domain/service.ts";
import type { FileSystemUse } from "../../tools/clean-up-files.ts";
import type { Clearable } from "../../tools/clean-up.ts";
import { fullDevices } from "./database-disk.ts";
import { type Look, type Observer, percent, plainLine, seen, textParam, unseen } from "./observer.ts";

/** Below this a file system has room, and nothing needs to go. */
const FULL = 0.9;
/** In the sentence that a person reads; the plan has them all. */
const NAMED = 4;

const clearableSpace: Observer = async (look) => {
  const { service, now } = look.scene;
  const all = service.cleanUp ?? [];
  if (all.length === 0) return unseen("cleanUp of the service gives nothing up");
  const ofDatabase = textParam(look.params, "on", "any") === "database";
  const rules = ofDatabase ? await onFullDisk(look, all) : all;
  if (rules.length === 0) return unseen("cleanUp of the service gives nothing up on the disk that is full");
  const found = await look.parts.clearable?.(rules, now);
  if (!found) return unseen("none of the folders that cleanUp names is there");
  const entries = textParam(look.params, "of", "space") === "entries";
  const used = entries ? found.fileSystem.entriesUsed : found.fileSystem.used;
  if (used < FULL && !ofDatabase) return seen(0, plainLine(`where it may clear, ${percent(used)} are taken`));
  const share = entries ? found.entries : found.space;
  const value: Json = { value: share, at: found.at, items: found.items.map((one) => ({ ...one })) };
  return seen(value, plainLine(words(found, share), 300));
};

/** The rules whose folders lie on a disk that is full and that the database writes to: elsewhere nothing would help. */
async function onFullDisk(look: Look, rules: readonly CleanUpRule[]): Promise<CleanUpRule[]> {
  const full = await fullDevices(look, FULL);
  const devices = await Promise.all(rules.map(async (rule) => look.parts.machine?.volume(rule.root)));
  return rules.filter((_rule, at) => full.has(devices[at]?.device ?? ""));
}

/** With on: "database", only where the database at fault has no room. The numbers of a device are packed as by makedev(3). */
async function helpsThere(look: Look, { dev }: FileSystemUse): Promise<boolean> {
  if (textParam(look.params, "on", "any") !== "database") return true;
  const [major, minor] = [(dev >>> 8) & 0xfff, (dev & 0xff) | ((dev >>> 12) & 0xfff00)];
  return (await fullDevices(look, FULL)).has(`${major}:${minor}`);
}

/** Images or containers that one repair takes: the rest is for the next one. */
const MOST = 50;

const removableImages: Observer = async (look) => {
  const { service, now } = look.scene;
  if (!service.cleanUpImages || !look.parts.images)
    return unseen("cleanUp of the service gives no images up");
  const fileSystem = await look.parts.images.fileSystem(look.signal);
  if (!fileSystem) return unseen("where Docker keeps its images cannot be seen from here");
  if (!(await helpsThere(look, fileSystem))) return seen(0, "Docker keeps its images on another disk");
  if (fileSystem.used < FULL)
    return seen(0, plainLine(`where images lie, ${percent(fileSystem.used)} are taken`));
  const found = (await look.parts.images.list(service.cleanUpImages, now, look.signal)).slice(0, MOST);
  const images = found.map(({ id, tags, bytes }) => ({ id, name: tags[0] ?? "", bytes }));
  const total = images.reduce((sum, one) => sum + one.bytes, 0);
  const share = Math.min(1, total / fileSystem.bytes);
  const named = namesOf(images.map((one) => ({ ...one, name: one.name || one.id.slice(7, 19) })));
  return seen(
    { value: share, at: now, images },
    plainLine(`${images.length} images with at most ${size(total)}: ${named}`, 300),
  );
};

const removableContainers: Observer = async (look) => {
  const { service, now } = look.scene;
  if (!service.cleanUpContainers || !look.parts.containers)
    return unseen("cleanUp of the service gives no containers up");
  const fileSystem = await look.parts.containers.fileSystem(look.signal);
  if (!fileSystem) return unseen("where Docker keeps its containers cannot be seen from here");
  if (!(await helpsThere(look, fileSystem))) return seen(0, "Docker keeps its containers on another disk");
  if (fileSystem.used < FULL)
    return seen(0, plainLine(`where containers lie, ${percent(fileSystem.used)} are taken`));
  const { due, stay } = await look.parts.containers.list(service.cleanUpContainers, now, look.signal);
  const containers = due.slice(0, MOST).map(({ id, name, bytes }) => ({ id, name, bytes }));
  const total = containers.reduce((sum, one) => sum + one.bytes, 0);
  const staying = stay.slice(0, NAMED).map(({ name, why }) => `${name} stays: ${why}`);
  const text = `${containers.length} containers that have ended, with ${size(total)}: ${namesOf(containers)}`;
  return seen(
    { value: Math.min(1, total / fileSystem.bytes), at: now, containers },
    plainLine([text, ...staying].join("; "), 300),
  );
};

function namesOf(all: readonly { name: string; bytes: number }[]): string {
  const named = all.slice(0, NAMED).map((one) => `${one.name} (${size(one.bytes)})`);
  return `${named.join(", ")}${all.length > NAMED ? ", …" : ""}`;
}

export const cleanUp: Record<string, Observer> = {
  "clearable-space": clearableSpace,
  "removable-images": removableImages,
  "removable-containers": removableContainers,
};

function words({ items, files, inUse }: Clearable, share: number): string {
  const stays =
    inUse.files === 0
      ? ""
      : `; ${inUse.files} more with ${size(inUse.bytes)} stay, since a program has them open`;
  if (files === 0) return `nothing is as old as its rules ask for${stays}`;
  const named = items
    .slice(0, NAMED)
    .map(
      ({ does, path, files: count, bytes }) =>
        `${does} ${path} (${count > 1 ? `${count} files, ` : ""}${size(bytes)})`,
    );
  const more = items.length > NAMED ? `, and ${items.length - NAMED} more` : "";
  const total = items.reduce((sum, one) => sum + one.bytes, 0);
  return `${files} files with ${size(total)}, ${percent(share)} of it all: ${named.join(", ")}${more}${stays}`;
}

function size(bytes: number): string {
  if (bytes < 10_240) return `${bytes} B`;
  return bytes < 10_485_760 ? `${Math.round(bytes / 1_024)} KiB` : `${Math.round(bytes / 1_048_576)} MiB`;
}
