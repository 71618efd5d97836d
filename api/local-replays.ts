// Imported runs and replays, over the store of this process.
import { HealError } from "../domain/errors.ts";
import { replayWith } from "../graph/replay/replay-run.ts";
import { audited } from "./audited.ts";
import type { LocalParts } from "./local-operations.ts";
import type { Operations } from "./operations.ts";
import type { Replays } from "./replays.ts";
import { documentHash } from "./run-document.ts";

export function localReplays(
  { store, playbooks, actions }: Pick<LocalParts, "store" | "playbooks" | "actions">,
  exported: Operations["exportRun"],
): Replays {
  return {
    async importRun(document, actor) {
      const { id, service } = document.run;
      if (await store.runs.get(id)) throw taken(id, "a run of this opsmedic");
      const sha256 = documentHash(document);
      const known = await store.importedRuns.headOf(id);
      if (known?.sha256 === sha256) return known;
      return audited(store.audit, actor, "run.import", id, { service, sha256 }, async () => {
        const put = await store.importedRuns.put(document, { sha256, by: actor.name });
        const head = await store.importedRuns.headOf(id);
        if (!put || !head) throw taken(id, "another imported run");
        return head;
      });
    },
    importedRuns: ({ limit }) => store.importedRuns.list(limit),
    async replayRun(id, { allow_bp: allowBp, ask_bp: askBp, mode }) {
      return replayWith(
        await exported(id),
        { playbooks, actions },
        {
          ...(allowBp !== undefined && { allowBp }),
          ...(askBp !== undefined && { askBp }),
          ...(mode !== undefined && { mode }),
        },
      );
    },
  };
}

function taken(id: string, by: string): HealError {
  return new HealError(`The id ${id} belongs to ${by} already.`, {
    code: "run-exists",
    hint: "opsmedic runs replay <file> judges a document without importing it.",
  });
}
