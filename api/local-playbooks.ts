// The playbooks that are in force in this process.
import { observationCatalogue } from "../agents/evidence/catalogue.ts";
import { HealError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Playbook } from "../domain/playbook.ts";
import { nearest } from "./config/nearest.ts";
import type { Playbooks } from "./playbooks.ts";
import type { KnownPlaybook } from "./playbooks/load.ts";

export interface PlaybookParts {
  playbooks: readonly Playbook[];
  /** Where each comes from; absent: all are shipped. */
  knownPlaybooks?: readonly KnownPlaybook[];
}

export function localPlaybooks({ playbooks, knownPlaybooks = [] }: PlaybookParts): Playbooks {
  const answerOf = (playbook: Playbook): JsonObject => {
    const known = knownPlaybooks.find((one) => one.playbook.id === playbook.id);
    const plain = JSON.parse(JSON.stringify(playbook)) as JsonObject;
    return { ...plain, origin: known?.origin ?? "shipped", replaces: known?.replaces ?? null };
  };
  return {
    playbooks: () => Promise.resolve(playbooks.map(answerOf)),
    playbook(id) {
      const found = playbooks.find((one) => one.id === id);
      if (found) return Promise.resolve(answerOf(found));
      const near = nearest(
        id,
        playbooks.map((one) => one.id),
      );
      return Promise.reject(
        new HealError(`There is no playbook ${JSON.stringify(id.slice(0, 100))}.`, {
          code: "not-found",
          hint:
            near === undefined
              ? "opsmedic playbooks ls, or GET /api/playbooks, lists them."
              : `Did you mean "${near}"?`,
        }),
      );
    },
    observations: () => Promise.resolve(observationCatalogue()),
  };
}
