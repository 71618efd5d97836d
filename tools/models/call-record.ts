// The record of one question while it is made: what goes into the trace, and what is taken from the budgets.
import { HealError, messageOf } from "../../domain/errors.ts";
import type { ModelUsage } from "../../domain/model-usage.ts";
import type { ModelCall, ModelOutcome, Question } from "../model.ts";
import type { ChatClient } from "./chat-client.ts";

/** Characters. */
export const MOST_RECORDED = { prompt: 6_000, answer: 3_000, detail: 500 };

export function blank(
  { provider, model }: ChatClient,
  question: Question,
  prompt: string,
  at: number,
): ModelCall {
  return {
    step: question.step,
    version: question.version ?? 1,
    provider,
    model,
    outcome: "failed",
    detail: null,
    at,
    ms: 0,
    retries: 0,
    tokensIn: 0,
    tokensOut: 0,
    tokensEstimated: false,
    costMicros: null,
    prompt: prompt.slice(0, MOST_RECORDED.prompt),
    answer: "",
  };
}

export function ended<T>(
  call: ModelCall,
  outcome: ModelOutcome,
  detail: string | null,
  value?: T,
): T | undefined {
  call.outcome = outcome;
  call.detail = detail === null ? null : detail.slice(0, MOST_RECORDED.detail);
  return value;
}

export function usageOf({ retries, tokensIn, tokensOut, ms, costMicros }: ModelCall): ModelUsage {
  return { calls: 1 + retries, tokens: tokensIn + tokensOut, ms, costMicros: costMicros ?? 0 };
}

export function saidBy(error: unknown): string {
  const hint = error instanceof HealError ? error.hint : undefined;
  return [messageOf(error), hint].filter((one) => one !== undefined).join(" ");
}
