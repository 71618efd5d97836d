// Which index of ours does not pay, and whether it is still as it was made: only such a one is dropped again.
import { indexEngineOf } from "../index-engines.ts";
import { inspectorOf, ofPrimary } from "./inside-database.ts";
import { type Look, type Observer, plainLine, seen, unseen } from "./observer.ts";

/** "unused" | "no-gain" | "harms-writes" of an index that opsmedic made; null: each of them pays. */
const uselessIndex: Observer = async (look) => {
  const { ownIndexes } = look.parts;
  if (ownIndexes === undefined) return unseen("nobody watches the indexes that were made");
  const found = await ownIndexes.useless(look.scene.service, look.signal);
  if (found === undefined) return seen(null, "no index that opsmedic made is known to be useless");
  const { why: value, index, table, column, text } = found;
  return seen({ value, index, table, column }, plainLine(`${index} on ${table} (${column}): ${text}`));
};

/** Whether that index is as it was made, nothing relies on it, and the role may drop it. */
const droppableIndex: Observer = async (look) => {
  const found = await look.parts.ownIndexes?.useless(look.scene.service, look.signal);
  const inspector = await inspectorOf(look);
  const engine = inspector && indexEngineOf(inspector);
  if (found === undefined || engine === undefined) return unseen("there is no such index");
  const { table, column, index } = found;
  const kept = await engine.whyKept({ table, column }, look.signal);
  const text = kept ?? `${index} is as opsmedic made it, and nothing relies on it`;
  return seen({ value: kept === undefined, table, column }, plainLine(text));
};

/** An index that was dropped because it did not pay is not made again. */
export async function wasDroppedHere(look: Look, own: { table: string; column: string }): Promise<boolean> {
  return (await look.parts.ownIndexes?.wasDropped(look.scene.service.name, own)) ?? false;
}

export const ownIndexObservers: Record<string, Observer> = {
  "useless-index": uselessIndex,
  "droppable-index": ofPrimary(droppableIndex),
};
