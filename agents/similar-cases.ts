// Past and general cases like this trouble, for the person who reads the diagnosis. They are shown and change no score:
// what was learned counts through its outcomes alone (confidence.ts).
import type { SimilarCase } from "../domain/diagnosis.ts";
import type { Finding } from "../domain/finding.ts";
import type { Recall } from "../knowledge/recall.ts";
import { symptomTexts } from "./symptom-texts.ts";

const MOST_SHOWN = 3;
/** A diagnosis never waits longer for what only helps its reader. */
const RECALL_MS = 2_000;

/** Never throws: without an answer nothing is shown. */
export async function similarCases(
  recall: Recall | undefined,
  findings: readonly Finding[],
  targetKind: string,
  signal?: AbortSignal,
): Promise<SimilarCase[]> {
  const text = symptomTexts(findings).join("\n");
  if (recall === undefined || text === "") return [];
  const limit = AbortSignal.timeout(RECALL_MS);
  const within = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    const found = await Promise.race([
      recall.similar({ text, targetKind, limit: MOST_SHOWN }, within),
      aborted(within),
    ]);
    return found.map(({ id, title, playbook, cause, fix, outcome, runId, service, at, similarity }) => ({
      id,
      title,
      playbook,
      cause,
      fix,
      outcome,
      runId,
      service,
      at,
      similarity,
    }));
  } catch {
    return [];
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
