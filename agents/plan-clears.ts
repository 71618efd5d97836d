// What a plan would take away, item by item with its bytes, and the sum: read from its parameters, so it is exactly what
// an approval is bound to and what the actions hold themselves to.
import { z } from "zod";
import type { FixPlan, PlannedAction } from "../domain/plan.ts";

export interface ClearedItem {
  /** A path, the name of an image, the name of a container. */
  what: string;
  does: "empty" | "remove";
  /** A folder stands for the files below it that are meant. */
  files: number;
  bytes: number;
}

export interface Clears {
  step: number;
  action: string;
  service: string;
  items: ClearedItem[];
  /** Of all items. */
  files: number;
  bytes: number;
}

const bytes = z.int().min(0);
const clearing = z.union([
  z
    .object({
      items: z.array(
        z.object({ path: z.string(), does: z.enum(["empty", "remove"]), files: z.int(), bytes }),
      ),
    })
    .transform(({ items }) => items.map(({ path, ...one }): ClearedItem => ({ what: path, ...one }))),
  z
    .object({ images: z.array(z.object({ id: z.string(), name: z.string(), bytes })) })
    .transform(({ images }) => images.map(removed)),
  z
    .object({ containers: z.array(z.object({ id: z.string(), name: z.string(), bytes })) })
    .transform(({ containers }) => containers.map(removed)),
]);

function removed({ id, name, bytes: size }: { id: string; name: string; bytes: number }): ClearedItem {
  return { what: name || id, does: "remove", files: 1, bytes: size };
}

/** Only of actions that take something away; none where there is no plan. */
export function clearsOf(plan: Pick<FixPlan, "actions"> | null | undefined): Clears[] {
  return (plan?.actions ?? []).flatMap((one) => clearsOfAction(one) ?? []);
}

export function clearsOfAction({
  step,
  action,
  service,
  params,
}: Omit<PlannedAction, "effect">): Clears | undefined {
  const read = clearing.safeParse(params);
  if (!read.success) return undefined;
  const items = read.data;
  return {
    step,
    action,
    service,
    items,
    files: items.reduce((sum, one) => sum + one.files, 0),
    bytes: items.reduce((sum, one) => sum + one.bytes, 0),
  };
}

/** In one line, where the items are listed elsewhere. */
export const clearsText = ({ files, bytes: sum }: Clears): string => `${files} in all, ${sum} B`;

/** One line an item, the sum last: "remove /srv/tmp/a  1200 B". */
export function clearLines(clears: Clears): string[] {
  return [
    ...clears.items.map((one) => `${one.does} ${one.what}${below(one)}  ${one.bytes} B`),
    clearsText(clears),
  ];
}

const below = ({ files }: ClearedItem): string => (files > 1 ? ` (${files} files)` : "");
