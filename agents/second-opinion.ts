// A language model's second opinion on a diagnosis, where one is configured: agreement, doubt, and words for a person.
// Three narrow questions side by side; whichever has no usable answer, the rules' own stands.
import { z } from "zod";
import type { Hypothesis, Opinion } from "../domain/diagnosis.ts";
import type { Finding } from "../domain/finding.ts";
import type { Model } from "../tools/model.ts";
import { plainLine } from "./evidence/observer.ts";
import { type Asked, askModel } from "./model-hints.ts";
import { explainPrompt, judgePrompt, scepticPrompt } from "./prompts/diagnosis.ts";

export interface SecondOpinion {
  model: { agrees: boolean };
  /** Basis points, never above 0. */
  sceptic: number;
  /** undefined: the explanation by rules stands. */
  explanation: string | undefined;
  record: Opinion;
}

const MOST_DOUBT_BP = 3_000;
const MOST_CAUSES = 4;
const LONGEST_EXPLANATION = 1_500;
const LONGEST_REASON = 300;

const judgeSchema = z.object({ best: z.string(), confidence: z.number().nullish().catch(null) });
const scepticSchema = z.object({ doubt: z.number().min(0).max(MOST_DOUBT_BP), reason: z.string() });
const explainSchema = z.object({ explanation: z.string() });

/** undefined without a model, or when it had nothing usable to say, now or in what was `asked` of it before. */
export async function secondOpinion(
  model: Model,
  findings: readonly Finding[],
  hypotheses: readonly Hypothesis[],
  asked: Asked,
  signal?: AbortSignal,
): Promise<SecondOpinion | undefined> {
  const [top] = hypotheses;
  if (model.provider === "none" || !top) return undefined;
  const causes = hypotheses.slice(0, MOST_CAUSES);
  const [judged, doubted, told] = await Promise.all([
    askModel(model, judgeSchema, judgePrompt(findings, causes), signal),
    askModel(model, scepticSchema, scepticPrompt(findings, top), signal),
    askModel(model, explainSchema, explainPrompt(findings, causes), signal),
  ]);
  const silent = (judged ?? doubted ?? told) === undefined && asked.named.length + asked.order.length === 0;
  if (silent) return undefined;
  const words = plainLine(told?.explanation ?? "", LONGEST_EXPLANATION);
  const agrees = judged?.best === top.playbook;
  const sceptic = -Math.round(doubted?.doubt ?? 0) + 0;
  return {
    model: { agrees },
    sceptic,
    explanation: words === "" ? undefined : words,
    record: {
      provider: model.provider,
      model: model.name ?? "",
      named: [...asked.named],
      order: [...asked.order],
      best: judged ? plainLine(judged.best, 100) : null,
      agrees,
      doubtBp: sceptic,
      doubtReason: plainLine(doubted?.reason ?? "", LONGEST_REASON),
      ownConfidence: judged?.confidence ?? null,
      explained: words !== "",
    },
  };
}
