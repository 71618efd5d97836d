// The disks on which a database server writes: asked of the server where they are, of this machine how full. Where it
// wrote is remembered, since a server that has ended for want of room cannot be asked any more.
import type { Clock } from "../domain/clock.ts";
import { messageOf } from "../domain/errors.ts";
import type { Database, Service } from "../domain/service.ts";
import type { DatabaseFolder } from "../tools/database-disk.ts";
import type { DatabaseInspectors } from "../tools/database-inspector.ts";
import type { Machine, Volume } from "../tools/machine.ts";
import type { Targets } from "../tools/target.ts";
import { databaseProcess } from "./database-process.ts";

export interface DatabaseDisk {
  volume: Volume;
  /** What of the server's lies on it. */
  folders: DatabaseFolder[];
  /** The share that is taken, 0–1; 1 where less is free than the server takes at once. */
  taken: number;
}

export interface DatabaseDisksSeen {
  /** Fullest first. */
  disks: DatabaseDisk[];
  /** Why some or all of its folders could not be measured. */
  unseen: string | undefined;
}

export interface DatabaseDisks {
  of(service: Service, signal?: AbortSignal): Promise<DatabaseDisksSeen>;
}

/** A folder with the file system on which it was, and whether this program sees it under the same name. */
interface Place {
  folder: DatabaseFolder;
  device: string;
  here: boolean;
}

interface Remembered {
  at: number;
  pid: number | undefined;
  places: readonly Place[];
  unseen: string | undefined;
}

/** Finding the process reads much of /proc, and folders seldom move. */
const ANEW_MS = 60_000;
const ELSEWHERE =
  "no process of it is to be seen here: it runs on another machine, or as a user whose processes opsmedic may not look into";

export function makeDatabaseDisks(parts: {
  inspectors: Pick<DatabaseInspectors, "of">;
  machine: Machine;
  targets: Pick<Targets, "of">;
  clock: Pick<Clock, "now">;
}): DatabaseDisks {
  const { inspectors, machine, targets, clock } = parts;
  const known = new WeakMap<Database, Remembered>();

  const nothing = (unseen: string): Remembered => ({ at: clock.now(), pid: undefined, places: [], unseen });

  async function lookedUp(service: Service, database: Database, signal?: AbortSignal): Promise<Remembered> {
    const before = known.get(database);
    const now = await located(service, database, signal);
    // What ended is remembered as it was: it may have ended for want of room.
    const ended = now.places.length === 0 && before !== undefined && before.places.length > 0;
    const kept = ended ? { ...before, at: clock.now() } : now;
    known.set(database, kept);
    return kept;
  }

  async function located(service: Service, database: Database, signal?: AbortSignal): Promise<Remembered> {
    const inspector = await inspectors.of(database);
    if (inspector.engine === "redis") return nothing("Redis tells where it saves by itself");
    try {
      const target = targets.of(service.name);
      const pid = await databaseProcess(service, { target, machine }, signal);
      if (pid === undefined) return nothing(ELSEWHERE);
      const folders = await inspector.folders(signal);
      const found = await Promise.all(folders.map((folder) => place(folder, pid)));
      const hidden = folders.filter((_one, at) => found[at] === undefined).map((one) => one.holds);
      return {
        at: clock.now(),
        pid,
        places: found.filter((one) => one !== undefined),
        unseen: hidden.length > 0 ? `${hidden.join(", ")} cannot be seen from here` : undefined,
      };
    } catch (error) {
      signal?.throwIfAborted();
      return nothing(messageOf(error));
    }
  }

  async function place(folder: DatabaseFolder, pid: number): Promise<Place | undefined> {
    const [its, ours] = await Promise.all([machine.volume(folder.path, pid), machine.volume(folder.path)]);
    if (its?.device === undefined) return undefined;
    return { folder, device: its.device, here: ours?.device === its.device };
  }

  /** What is another file system now than the one that was found is left out: its process is gone, or a mount. */
  async function measured({ pid, places }: Remembered): Promise<(Place & { volume: Volume })[]> {
    const all = await Promise.all(
      places.map(async (one) => {
        const volume = await machine.volume(one.folder.path, one.here ? undefined : pid);
        return volume?.device === one.device ? [{ ...one, volume }] : [];
      }),
    );
    return all.flat();
  }

  return {
    async of(service, signal) {
      const { database } = service;
      if (database === undefined) return { disks: [], unseen: "it is no database" };
      let memory = known.get(database);
      let seen = memory && clock.now() - memory.at < ANEW_MS ? await measured(memory) : [];
      if (memory === undefined || clock.now() - memory.at >= ANEW_MS || seen.length < memory.places.length) {
        memory = await lookedUp(service, database, signal);
        seen = await measured(memory);
      }
      const disks = [...Map.groupBy(seen, (one) => one.device).values()].flatMap(diskOf);
      const gone =
        seen.length < memory.places.length ? "some of its folders cannot be seen any more" : undefined;
      return { disks: disks.toSorted((a, b) => b.taken - a.taken), unseen: memory.unseen ?? gone };
    },
  };
}

/** Of what lies on one file system. */
function diskOf(all: readonly { folder: DatabaseFolder; volume: Volume }[]): DatabaseDisk[] {
  return all.slice(0, 1).map(({ volume }) => {
    const needs = Math.max(...all.map((one) => one.folder.needsBytes));
    const short = volume.freeBytes !== undefined && volume.freeBytes < needs;
    return { volume, folders: all.map((one) => one.folder), taken: short ? 1 : volume.used };
  });
}
