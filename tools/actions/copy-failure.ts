// What has no copy stays: a copy for which there is no room, or which could not be brought back, is no error of the repair.
import { HealError, messageOf } from "../../domain/errors.ts";
import type { Copies } from "../set-aside.ts";

type CopyItems = Parameters<Copies["add"]>[0];

/** undefined: there are copies. Else what the engine or the disk says about the room, or "not-keepable"; throws all else. */
export async function copyFailure(
  copies: Copies,
  items: () => CopyItems | Promise<CopyItems>,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    await copies.add(await items());
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    const isKnown = error instanceof HealError && error.code === "not-keepable";
    if (!isKnown && !/no space left on device/i.test(messageOf(error))) throw error;
    return error;
  }
}
