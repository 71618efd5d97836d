// A folder in which opsmedic has run before: its store is there, and empty. To make one takes six seconds of a
// processor, which is shown where a test asks for a fresh folder.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../domain/system-clock.ts";
import { systemIds } from "../../api/wire.ts";
import { openStore } from "../../knowledge/store.ts";
import { embeddedTemplate } from "../knowledge/embedded-template.ts";

/** Fresh: opsmedic never ran there. */
export type Folder = "fresh" | "known";

export async function makeKnown(folder: string): Promise<void> {
  const dataDir = join(folder, ".opsmedic");
  await mkdir(dataDir, { mode: 0o700 });
  const opened = await openStore(
    { dataDir, warmTemplate: await embeddedTemplate() },
    { clock: systemClock, makeId: systemIds },
  );
  await opened.close();
}
