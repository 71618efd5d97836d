// A language model's second opinion on a diagnosis, where one is configured: further playbooks by id, agreement,
// doubt, and words for a person. Every answer is checked against its schema; no answer is a fine answer.
import { z } from "zod";
import type { Hypothesis } from "../domain/diagnosis.ts";
import type { Finding } from "../domain/finding.ts";
import type { Playbook } from "../domain/playbook.ts";
import type { Signal } from "../domain/signal.ts";
import type { Model } from "../tools/model.ts";
import { plainLine } from "./evidence/observer.ts";
import { judgePrompt, scepticPrompt, suggestPrompt } from "./prompts/diagnosis.ts";
import type { Prompt } from "./prompts/prompt.ts";

export interface SecondOpinion {
  model: { agrees: boolean };
  /** Basis points, never above 0. */
  sceptic: number;
  /** undefined: the explanation by rules stands. */
  explanation: string | undefined;
}

const MOST_DOUBT_BP = 3_000;
const MOST_CAUSES = 4;
const LONGEST_EXPLANATION = 1_500;

const suggestSchema = z.object({ playbooks: z.array(z.string()).max(10) });
const judgeSchema = z.object({ best: z.string(), explanation: z.string() });
const scepticSchema = z.object({ doubt: z.number().min(0).max(MOST_DOUBT_BP), reason: z.string() });

/** Further playbooks that the model would check; only ones that exist and were not considered yet, at most three. */
export async function furtherPlaybooks(
  model: Model,
  { findings, signals }: { findings: readonly Finding[]; signals: readonly Signal[] },
  others: readonly Playbook[],
  signal?: AbortSignal,
): Promise<Playbook[]> {
  if (model.provider === "none" || others.length === 0) return [];
  const answer = await asked(model, suggestSchema, suggestPrompt(findings, signals, others), signal);
  return others.filter((one) => answer?.playbooks.includes(one.id)).slice(0, 3);
}

/** undefined without a model, or when it had nothing usable to say. */
export async function secondOpinion(
  model: Model,
  findings: readonly Finding[],
  hypotheses: readonly Hypothesis[],
  signal?: AbortSignal,
): Promise<SecondOpinion | undefined> {
  const [top] = hypotheses;
  if (model.provider === "none" || !top) return undefined;
  const [judged, doubted] = await Promise.all([
    asked(model, judgeSchema, judgePrompt(findings, hypotheses.slice(0, MOST_CAUSES)), signal),
    asked(model, scepticSchema, scepticPrompt(findings, top), signal),
  ]);
  const words = plainLine(judged?.explanation ?? "", LONGEST_EXPLANATION);
  return {
    model: { agrees: judged?.best === top.playbook },
    sceptic: -Math.round(doubted?.doubt ?? 0) + 0,
    explanation: words === "" ? undefined : words,
  };
}

/** A model may fail in ways of its own; then there is no second opinion. Its answer is checked here again. */
async function asked<T>(
  model: Model,
  schema: z.ZodType<T>,
  prompt: Prompt,
  signal?: AbortSignal,
): Promise<T | undefined> {
  try {
    const answer = await model.ask(schema, prompt, signal);
    return schema.safeParse(answer).data;
  } catch {
    return undefined;
  }
}
