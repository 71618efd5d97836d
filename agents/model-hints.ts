// What a language model may add before anything is looked at: further playbooks by id, and what to look at first. Both
// are hints: what it names is checked like everything else and decided by a human, and no check is ever left out.
import { z } from "zod";
import type { Finding } from "../domain/finding.ts";
import type { Playbook } from "../domain/playbook.ts";
import type { Signal } from "../domain/signal.ts";
import type { Model, Question } from "../tools/model.ts";
import type { Candidate } from "./candidates.ts";
import { orderPrompt, suggestPrompt } from "./prompts/diagnosis.ts";

/** What was asked of it so far, for the record. */
export interface Asked {
  named: readonly string[];
  order: readonly string[];
}

const MOST_NAMED = 3;
const suggestSchema = z.object({ playbooks: z.array(z.string()).max(10) });
const orderSchema = z.object({ order: z.array(z.string()).max(200) });

/** Further playbooks that the model would check; only ones that exist and were not considered yet, at most three. */
export async function furtherPlaybooks(
  model: Model,
  { findings, signals }: { findings: readonly Finding[]; signals: readonly Signal[] },
  others: readonly Playbook[],
  signal?: AbortSignal,
): Promise<Playbook[]> {
  if (model.provider === "none" || others.length === 0) return [];
  const answer = await askModel(model, suggestSchema, suggestPrompt(findings, signals, others), signal);
  return others.filter((one) => answer?.playbooks.includes(one.id)).slice(0, MOST_NAMED);
}

/** Check ids, the most telling first; empty: as the playbooks declare them. */
export async function checkOrder(
  model: Model,
  findings: readonly Finding[],
  candidates: readonly Candidate[],
  signal?: AbortSignal,
): Promise<string[]> {
  if (model.provider === "none" || candidates.length === 0) return [];
  const checks = new Map(
    candidates.flatMap(({ playbook }) => playbook.checks.map((one) => [one.id, one.question])),
  );
  const answer = await askModel(model, orderSchema, orderPrompt(findings, checks), signal);
  return [...new Set(answer?.order)].filter((one) => checks.has(one));
}

/** The same checks, those that were named first; the others follow as they were. */
export function inOrder(candidate: Candidate, order: readonly string[]): Candidate {
  if (order.length === 0) return candidate;
  const place = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
  const checks = candidate.playbook.checks.toSorted((a, b) => place(a.id) - place(b.id));
  return { ...candidate, playbook: { ...candidate.playbook, checks } };
}

/** A model may fail in ways of its own; then there is no answer. What it says is checked here again. */
export async function askModel<T>(
  model: Model,
  schema: z.ZodType<T>,
  question: Question,
  signal?: AbortSignal,
): Promise<T | undefined> {
  try {
    const answer = await model.ask(schema, question, signal);
    return schema.safeParse(answer).data;
  } catch {
    return undefined;
  }
}
