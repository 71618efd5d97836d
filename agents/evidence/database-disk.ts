// The disk on which a database server writes: how full it is, and what takes the room.
import { HealError } from "../../domain/errors.ts";
import type { Json } from "../../domain/json.ts";
import type { DiskTaker } from "../../tools/database-disk.ts";
import type { DatabaseDisk } from "../database-disks.ts";
import { megabytes, sqlInspectorOf } from "./inside-database.ts";
import { type Look, type Observer, percent, plainLine, seen, unseen } from "./observer.ts";

const NAMED = 3;
const SILENT = "The server does not answer: once it does, it can say more";

/** The share of the fullest one that is taken; 1: less is left than it takes at once; 0: it is no such server. */
const databaseDisk: Observer = async (look) => {
  const { database } = look.scene.service;
  if (database === undefined || database.kind === "redis") return seen(0, "no database of SQL writes there");
  const found = await look.parts.databaseDisks?.of(look.scene.service, look.signal);
  const [fullest] = found?.disks ?? [];
  if (fullest === undefined) return unseen(found?.unseen ?? "nobody looks up where it writes");
  const { volume, folders, taken } = fullest;
  const tablespace = folders.every((one) => one.tablespace !== null) ? folders[0]?.tablespace : undefined;
  const value: Json = {
    value: taken,
    mount: plainLine(volume.mount, 120),
    used: volume.used,
    freeBytes: volume.freeBytes ?? null,
    entries: volume.inodes ?? null,
    tablespace: tablespace ?? null,
  };
  return seen(value, plainLine(words(fullest), 300));
};

/** What takes most of the room, in the server's words; with what a person can do about it. */
const diskTakers: Observer = async (look) => {
  const inspector = await sqlInspectorOf(look);
  if (inspector === undefined) return unseen("what takes the room cannot be asked");
  const takers = await inspector.diskTakers(look.signal).catch((error: unknown) => {
    look.signal.throwIfAborted();
    if (!(error instanceof HealError)) throw error;
    return undefined;
  });
  if (takers === undefined) return seen({ value: null, advice: SILENT }, "what it cannot be asked for now");
  const [most] = takers;
  if (most === undefined) return unseen("the server does not tell what takes the room");
  const advice = takers.find((one) => one.advice !== null)?.advice ?? "look what of it may go";
  return seen(
    { value: plainLine(most.what, 120), bytes: most.bytes, advice: plainLine(advice, 200) },
    plainLine(takers.slice(0, NAMED).map(takerWords).join(", "), 200),
  );
};

export const databaseDiskObservers: Record<string, Observer> = {
  "database-disk": databaseDisk,
  "database-disk-takers": diskTakers,
};

/** The kernel's numbers of the file systems that are full and that the server writes to. */
export async function fullDevices(look: Look, full: number): Promise<ReadonlySet<string>> {
  const found = await look.parts.databaseDisks?.of(look.scene.service, look.signal);
  return new Set(
    (found?.disks ?? []).filter((one) => one.taken >= full).flatMap((one) => one.volume.device ?? []),
  );
}

function words({ volume, folders, taken }: DatabaseDisk): string {
  const holds = [...new Set(folders.map((one) => one.holds))].join(", ");
  const free = volume.freeBytes === undefined ? "" : `, ${megabytes(volume.freeBytes)} free`;
  const short = taken > volume.used ? ", less than it takes at once" : "";
  const entries = volume.inodes === undefined ? "" : `, ${percent(volume.inodes)} of its file entries taken`;
  return `${volume.mount} (${holds}) at ${percent(volume.used)}${free}${short}${entries}`;
}

function takerWords({ what, bytes, because }: DiskTaker): string {
  return `${what} (${megabytes(bytes)}${because === null ? "" : `, ${because}`})`;
}
