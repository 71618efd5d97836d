// What a replay on this machine needs beside the record: the playbooks of now, and the catalogue, whose actions it never
// carries out.
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { HealError } from "../../domain/errors.ts";
import type { ReplayParts } from "../../graph/replay/replay-run.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";

const nothingHere = (): never => {
  throw new HealError("A replay carries nothing out.", { code: "not-supported" });
};

export function replayParts(): ReplayParts {
  const fileHistory = { record: nothingHere, lastGood: nothingHere, at: nothingHere, prune: nothingHere };
  return { playbooks: shippedPlaybooks, actions: makeActions({ fileHistory: fileHistory as never }) };
}
