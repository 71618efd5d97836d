// What a replay on this machine needs beside the record: the playbooks of now, and the catalogue, whose actions it never
// carries out.
import { dirname, resolve } from "node:path";
import type { CliContext } from "./context.ts";
import { HealError } from "../../domain/errors.ts";
import type { ReplayParts } from "../../graph/replay/replay-run.ts";
import { loadPlaybooks } from "../playbooks/load.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";

const nothingHere = (): never => {
  throw new HealError("A replay carries nothing out.", { code: "not-supported" });
};

/** `folder`: whose opsmedic.d holds own playbooks; else those beside the configuration. */
export async function replayParts(
  { cwd, options }: Pick<CliContext, "cwd" | "options">,
  folder = options.config === undefined ? "." : dirname(options.config),
): Promise<ReplayParts> {
  const fileHistory = { record: nothingHere, lastGood: nothingHere, at: nothingHere, prune: nothingHere };
  const known = await loadPlaybooks(resolve(cwd, folder));
  const freeSpace = { setAside: { open: nothingHere } as never, ownFolders: [] };
  return {
    playbooks: known.map((one) => one.playbook),
    actions: makeActions({
      fileHistory: fileHistory as never,
      freeSpace,
      images: {} as never,
      containers: {} as never,
    }),
  };
}
