// The demo's three ports, and how its data folder remembers them, so that breaking needs no server to ask.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { DemoPaths } from "./demo-paths.ts";

const portsSchema = z.object({ web: z.int(), upstream: z.int(), worker: z.int() });
export type DemoPorts = z.infer<typeof portsSchema>;

/** Three ports in a row. */
export function portsFrom(first: number): DemoPorts {
  return { web: first, upstream: first + 1, worker: first + 2 };
}

export const demoPorts: DemoPorts = portsFrom(18_081);

/** The ports that this folder was last prepared with. */
export async function readPorts({ ports }: Pick<DemoPaths, "ports">): Promise<DemoPorts | undefined> {
  const text = await readFile(ports, "utf8").catch(() => undefined);
  return text === undefined ? undefined : portsSchema.parse(JSON.parse(text));
}
