// Asks a language model for one small typed answer. The default is no model at all.
import type { z } from "zod";

export interface Model {
  readonly provider: "none" | "openai" | "ollama";
  /** undefined when there is no model, it failed, or its answer does not fit the schema: the caller has a fallback. */
  ask<T>(
    schema: z.ZodType<T>,
    prompt: { step: string; system: string; user: string },
    signal?: AbortSignal,
  ): Promise<T | undefined>;
}

export const noModel: Model = { provider: "none", ask: () => Promise.resolve(undefined) };
