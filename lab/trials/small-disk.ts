// A small disk of a fault's own, with an export on it that its owner gives up, and somebody else who can fill it.
import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportsGoFrom, fillBut, mountTmpfs, oldExport } from "../small-file-system.ts";
import type { Ground, Seen } from "./fault.ts";

const EXPORT_BYTES = 12 * 1024 ** 2;
/** The log of the database still has room: it does not fall over by itself. */
const LEFT_BYTES = 2 * 1024 ** 2;

export type SmallDisk = ReturnType<typeof openSmallDisk>;

/** `size` as mount takes it: "96m". */
export function openSmallDisk(ground: Ground, size: string) {
  // Not below the lab's own folder: a server that may not run as root does not come there.
  const place = mkdtempSync(join(tmpdir(), "opsmedic-disk-"));
  const unmount = mountTmpfs(place, `size=${size},mode=755`);
  ground.disposables.defer(() => {
    unmount();
    rmSync(place, { recursive: true, force: true });
  });
  const old = oldExport(place, EXPORT_BYTES);
  return {
    place,
    /** As opsmedic.yaml says what may go. */
    cleanUp: exportsGoFrom(place),
    /** Somebody else's file takes all but a little. */
    fill: (): string => fillBut(place, LEFT_BYTES),
    /** For twice as much as was left. */
    hasRoom: (): boolean => {
      const { bavail, bsize } = statfsSync(place);
      return bavail * bsize > 2 * LEFT_BYTES;
    },
    state: (): Seen => ({ "file exports/old.csv": existsSync(old) ? "there" : "gone" }),
  };
}
