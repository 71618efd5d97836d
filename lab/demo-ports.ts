// The demo's ports, and how its data folder remembers them, so that breaking needs no server to ask.
import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { DemoPaths } from "./demo-paths.ts";

const portsSchema = z.object({
  web: z.int(),
  upstream: z.int(),
  worker: z.int(),
  /** The proxy before the stock's replicas: where it serves, and its own door. */
  stock: z.int(),
  stockDoor: z.int(),
  "stock-1": z.int(),
  "stock-2": z.int(),
});
export type DemoPorts = z.infer<typeof portsSchema>;

/** Seven ports in a row. */
export function portsFrom(first: number): DemoPorts {
  return {
    web: first,
    upstream: first + 1,
    worker: first + 2,
    stock: first + 3,
    stockDoor: first + 4,
    "stock-1": first + 5,
    "stock-2": first + 6,
  };
}

export const demoPorts: DemoPorts = portsFrom(18_081);

/** The ports that this folder was last prepared with. One of a time with fewer services gets those after its first. */
export async function readPorts({ ports }: Pick<DemoPaths, "ports">): Promise<DemoPorts | undefined> {
  const text = await readFile(ports, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const known = z.looseObject({ web: z.int() }).parse(JSON.parse(text));
  return portsSchema.parse({ ...portsFrom(known.web), ...known });
}
