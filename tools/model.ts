// Asks a language model for one small typed answer. The default is no model at all.
import type { z } from "zod";

/** One narrow question; agents/prompts/prompt.ts makes it. */
export interface Question {
  /** "rank", "explain": what is asked, in one word. */
  step: string;
  /** Of the prompt's wording. Goes into the record, so that answers can be compared. */
  version?: number;
  system: string;
  user: string;
}

/** Who asks, and who listens meanwhile. */
export interface Asking {
  /** The run whose budget pays. Without one the day's budget counts alone. */
  run?: string;
  /** Told when the prompt is ready, masked, and before it leaves. Awaited. */
  onStart?: (call: Readonly<ModelCall>) => void | Promise<void>;
  /** Told of each call when it is over, whatever became of it. Awaited. */
  onCall?: (call: ModelCall) => void | Promise<void>;
  /** Told the answer as it comes in, piece by piece. Not checked yet: for showing that something goes on. */
  onText?: (piece: string, step: string) => void;
}

export const modelOutcomes = [
  "answered",
  /** An answer that does not fit its schema. */
  "unusable",
  /** Nobody there, refused, broken off. */
  "failed",
  "timed-out",
  "cancelled",
  /** Not asked: a budget is used up. */
  "no-budget",
  /** Not asked: it failed just now, and is left alone for a while. */
  "resting",
] as const;
export type ModelOutcome = (typeof modelOutcomes)[number];

/** The record of one question: plain data, for the trace. Texts are masked and bounded. */
export interface ModelCall {
  step: string;
  version: number;
  provider: "openai" | "ollama";
  model: string;
  outcome: ModelOutcome;
  /** What went wrong, with what would help; null when nothing did. */
  detail: string | null;
  at: number;
  ms: number;
  /** Tries after the first one. */
  retries: number;
  tokensIn: number;
  tokensOut: number;
  /** The provider did not say: counted from the length of the texts. */
  tokensEstimated: boolean;
  /** Millionths of the price's currency; null where no price is configured. */
  costMicros: number | null;
  prompt: string;
  answer: string;
}

export interface Model {
  readonly provider: "none" | "openai" | "ollama";
  /** As the provider calls it; absent where there is none. */
  readonly name?: string;
  /** How much longer than without a model a run can take at most, ms. */
  readonly mostMsPerRun?: number;
  /**
   * undefined when there is no model, it failed, its budget is used up, or its answer does not fit the schema: the
   * caller has a fallback. Never throws, also when `signal` is aborted.
   */
  ask<T>(
    schema: z.ZodType<T>,
    question: Question,
    signal?: AbortSignal,
    asking?: Asking,
  ): Promise<T | undefined>;
}

export const noModel: Model = { provider: "none", ask: () => Promise.resolve(undefined) };
