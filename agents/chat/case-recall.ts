// Recall over the cases of this store alone, by the words that they share with what is asked: for where nothing better
// is configured.
import type { Cases } from "../../knowledge/records.ts";
import type { Recall } from "../../knowledge/recall.ts";
import { wordsOf } from "./plain-words.ts";

const LOOKED_AT = 500;
/** Dice's coefficient of the sets of words; below it nothing is similar. */
const SIMILAR = 0.3;

export function recallCases(cases: Pick<Cases, "recent">): Recall {
  return {
    async similar({ text, targetKind, limit }) {
      const asked = new Set(wordsOf(text));
      const all = await cases.recent({ since: 0, limit: LOOKED_AT });
      return all
        .filter((one) => targetKind === undefined || one.targetKind === targetKind)
        .map((one) => {
          const own = new Set(wordsOf(`${one.symptom} ${one.playbook.replaceAll("-", " ")}`));
          const shared = [...asked].filter((word) => own.has(word)).length;
          return {
            id: one.id,
            title: one.playbook,
            symptoms: [one.symptom],
            playbook: one.playbook,
            cause: one.playbook,
            fix: one.fix,
            outcome: one.outcome,
            runId: one.runId,
            service: one.service,
            at: one.at,
            similarity: (2 * shared) / Math.max(1, asked.size + own.size),
          };
        })
        .filter((one) => one.similarity >= SIMILAR)
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, limit);
    },
  };
}
